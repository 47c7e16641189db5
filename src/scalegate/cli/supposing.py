"""Read what `what-if --set` says: KIND:NAME=VALUE, with names and values that the policy knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.gate.model import Assessment
from scalegate.policy.vocabulary import FactType, Kind, Level, NamedEnum, SafeguardState

Moves = dict[tuple[Kind, str], object]
Setting = tuple[Kind, str, str]

_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
_SETTABLE = (
    Kind.STATUS,
    Kind.SAFEGUARD,
    Kind.FACT,
    Kind.ACT,
    Kind.DOCUMENT,
    Kind.SUBSTITUTE,
    Kind.DISCRETION,
    Kind.READING,
    Kind.SPECIFIED,
)


def supposed_in(assessments: Sequence[Assessment], texts: Iterable[str]) -> tuple[Moves, ...]:
    """Return, for each assessment, what is supposed of the variables that its policy has.

    A name need not be known to every policy, but to one of them.

    Raises:
        UsageError: a text of another form, or a value that the variable cannot have.
        UnknownName: a kind, name or value that no policy knows.
    """
    found: tuple[Moves, ...] = tuple({} for _ in assessments)
    for text in texts:
        kind, name, word = _read(text)
        tables = [_names(known, kind) for known in assessments]
        if not any(name in table for table in tables):
            everything = {each for table in tables for each in table}
            raise UnknownName(kind.value, plain(name, limit=80), known=everything)
        for moves, known, table in zip(found, assessments, tables, strict=True):
            if name in table:
                moves[kind, name] = _value(known, (kind, name, word))
    return found


def _read(text: str) -> Setting:
    left, equals, word = text.partition("=")
    kind_word, colon, name = left.partition(":")
    if not (equals and colon and name and word):
        raise UsageError(
            f"cannot read `{plain(text, limit=80)}`",
            hint="expected KIND:NAME=VALUE, such as `status:CBRN-3=ruled_out`",
        )
    kinds = {kind.value: kind for kind in _SETTABLE}
    if kind_word not in kinds:
        raise UnknownName("kind", plain(kind_word, limit=40), known=kinds)
    return kinds[kind_word], name, word


def _names(known: Assessment, kind: Kind) -> Mapping[str, object]:
    tables: Mapping[Kind, Mapping[str, object]] = {
        Kind.STATUS: known.findings,
        Kind.SAFEGUARD: known.safeguards,
        Kind.FACT: known.facts,
        Kind.ACT: known.acts,
        Kind.DOCUMENT: known.documents,
        Kind.SUBSTITUTE: known.substitutes,
        Kind.DISCRETION: known.discretions,
        Kind.READING: known.readings,
        Kind.SPECIFIED: known.specified,
    }
    return tables[kind]


def _value(known: Assessment, setting: Setting) -> object:
    kind, name, word = setting
    if kind is Kind.STATUS:
        return _member(Level, word)
    if kind is Kind.SAFEGUARD:
        return _member(SafeguardState, word)
    if kind is Kind.READING:
        options = {
            option.id
            for reading in known.inputs.policy.readings
            if reading.id == name
            for option in reading.options
        }
        return _choice("option", word, options)
    if kind is Kind.FACT:
        return _fact(known, name, word)
    return _boolean(name, word)


def _fact(known: Assessment, name: str, word: str) -> object:
    fact = next(each for each in known.inputs.policy.facts if each.id == name)
    if fact.type is FactType.BOOLEAN:
        return _boolean(name, word)
    if fact.type is FactType.CHOICE:
        return _choice("choice", word, fact.choices)
    try:
        number = Decimal(word)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        unit = f" in {fact.unit}" if fact.unit else ""
        raise UsageError(f"`{name}` is not `{plain(word, limit=40)}`", hint=f"a number{unit}")
    return number


def _boolean(name: str, word: str) -> bool:
    if word not in _BOOLEANS:
        raise UsageError(
            f"`{name}` is not `{plain(word, limit=40)}`", hint="expected `true` or `false`"
        )
    return _BOOLEANS[word]


def _choice(kind: str, word: str, known: Iterable[str]) -> str:
    if word not in set(known):
        raise UnknownName(kind, plain(word, limit=40), known=known)
    return word


def _member(closed: type[NamedEnum], word: str) -> Any:
    member = closed.from_word(word)
    if member is None:
        raise UnknownName("value", plain(word, limit=40), known=[each.word for each in closed])
    return member
