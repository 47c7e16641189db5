"""Conditions are data: `all`, `any`, `not`, `at_least n of`, and comparisons with a constant.

1. An atom compares one named variable with a constant; two variables are never compared, so the
   policy function is finite and two policies can be compared completely.
2. `not` is pushed to the atoms when a policy is compiled: no other meaning of negation exists.
3. An empty `any` or `all` is refused; the condition that always holds is written `always`.
4. `met: STANDARD` stands for "the standard is specified and each of its safeguards is live and
   sufficient"; it is written out by `compile`.

A discretion is never part of a condition: it names the commitments it may soften (`releases`).
This module only reads conditions. The one place that evaluates them is `evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from scalegate.policy.vocabulary import DocumentAspect, Flag, Level, SafeguardState

Constant = Decimal | bool | str
MAX_DEPTH = 12
MAX_PARTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One comparison of a named variable with a constant."""

    word: str
    """The word that opens the atom: `status`, `flag`, `safeguard`, `met`, `fact`, ..."""
    name: str
    """Id of the threshold, safeguard, standard, fact, ... it speaks of."""
    relation: str
    """`at_least`, `at_most`, `above`, `below` or `is`."""
    constant: Constant
    """The constant compared with; a word for ordered lists, exact for numbers."""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. `All(())` is the condition that always holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts hold."""

    count: int
    parts: tuple[Condition, ...]


Condition = Atom | All | AnyOf | Not | AtLeast
ALWAYS = All(())


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFault:
    """One fault inside a condition, with the path from the condition's root."""

    path: tuple[str | int, ...]
    """Keys and indexes from the condition's root to the faulty value."""
    expected: str
    """What stands there in a well-formed condition."""
    got: str
    """What was found."""


_RELATIONS = ("at_least", "at_most", "above", "below", "is")
_ORDERED: dict[str, tuple[str, ...]] = {
    # `unassessed` is no level to compare with: it decides as `crossed`.
    "status": tuple(level.word for level in Level if level is not Level.UNASSESSED),
    "safeguard": tuple(state.word for state in SafeguardState),
}
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_PLAIN = ("met", "specified", "substitute", "act")
ATOM_WORDS = ("status", "flag", "safeguard", *_PLAIN, "document", "fact", "reading")


def read_condition(plain: object) -> tuple[Condition, tuple[ConditionFault, ...]]:
    """Read a condition from plain data; return it with every fault found.

    A faulty part is replaced by `ALWAYS` in the returned value, which is then of no use but for
    collecting more faults.

    Does not check: that the names exist (`parse` resolves them).
    """
    faults: list[ConditionFault] = []
    return _read(plain, (), faults), tuple(faults)


def _read(plain: object, path: tuple[str | int, ...], faults: list[ConditionFault]) -> Condition:
    if plain == "always":
        return ALWAYS
    if not isinstance(plain, Mapping) or len(path) > 2 * MAX_DEPTH:
        return _fault(faults, path, "a condition, or `always`", plain)
    if "of" in plain and "at_least" in plain:
        return _read_at_least(plain, path, faults)
    for key, build in (("all", All), ("any", AnyOf)):
        if key in plain:
            return _read_parts(plain, (key, build), path, faults)
    if "not" in plain:
        if len(plain) != 1:
            return _fault(faults, path, "only the key `not`", sorted(map(str, plain)))
        return Not(_read(plain["not"], (*path, "not"), faults))
    return _read_atom(plain, path, faults)


def _read_parts(
    plain: Mapping[str, object],
    how: tuple[str, Callable[[tuple[Condition, ...]], Condition]],
    path: tuple[str | int, ...],
    faults: list[ConditionFault],
) -> Condition:
    key, build = how
    parts = plain[key]
    if len(plain) != 1:
        return _fault(faults, path, f"only the key `{key}`", sorted(map(str, plain)))
    return build(_read_list(parts, (*path, key), faults))


def _read_list(
    parts: object, path: tuple[str | int, ...], faults: list[ConditionFault]
) -> tuple[Condition, ...]:
    if not isinstance(parts, (list, tuple)) or not 1 <= len(parts) <= MAX_PARTS:
        _fault(faults, path, f"a list of 1 to {MAX_PARTS} conditions", parts)
        return ()
    return tuple(_read(part, (*path, index), faults) for index, part in enumerate(parts))


def _read_at_least(
    plain: Mapping[str, object], path: tuple[str | int, ...], faults: list[ConditionFault]
) -> Condition:
    parts = _read_list(plain["of"], (*path, "of"), faults)
    count = plain["at_least"]
    if set(plain) != {"at_least", "of"}:
        return _fault(faults, path, "only the keys `at_least` and `of`", sorted(map(str, plain)))
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(parts):
        expected = f"a whole number from 1 to {len(parts)}"
        return _fault(faults, (*path, "at_least"), expected, count)
    return AtLeast(count, parts)


def _read_atom(
    plain: Mapping[str, object], path: tuple[str | int, ...], faults: list[ConditionFault]
) -> Condition:
    words = [word for word in ATOM_WORDS if word in plain]
    if len(words) != 1:
        expected = "one of all, any, not, at_least/of, " + ", ".join(ATOM_WORDS)
        return _fault(faults, path, expected, sorted(map(str, plain)))
    word = words[0]
    name = plain[word]
    rest = {key: value for key, value in plain.items() if key != word}
    if not isinstance(name, str) or not name:
        return _fault(faults, (*path, word), "an id", name)
    if word == "flag":
        return _read_flag(name, rest, path, faults)
    if word == "document":
        return _read_document(name, rest, path, faults)
    if word in _PLAIN:
        if rest:
            return _fault(faults, path, f"only the key `{word}`", sorted(map(str, plain)))
        return Atom(word=word, name=name, relation="is", constant=True)
    return _read_comparison(word, name, rest, (path, faults))


def _read_flag(
    flag: str,
    rest: Mapping[str, object],
    path: tuple[str | int, ...],
    faults: list[ConditionFault],
) -> Condition:
    known = tuple(member.value for member in Flag)
    threshold = rest.get("of_threshold")
    if flag not in known or set(rest) != {"of_threshold"} or not isinstance(threshold, str):
        expected = f"`flag` one of {', '.join(known)} with `of_threshold: <threshold>`"
        return _fault(faults, path, expected, {"flag": flag, **rest})
    return Atom(word="flag", name=f"{threshold}.{flag}", relation="is", constant=True)


def _read_document(
    name: str,
    rest: Mapping[str, object],
    path: tuple[str | int, ...],
    faults: list[ConditionFault],
) -> Condition:
    known = tuple(aspect.value for aspect in DocumentAspect)
    if set(rest) != {"is"} or rest["is"] not in known:
        expected = f"`is` with one of {', '.join(known)}"
        return _fault(faults, path, expected, dict(rest))
    return Atom(word="document", name=f"{name}.{rest['is']}", relation="is", constant=True)


def _read_comparison(
    word: str,
    name: str,
    rest: Mapping[str, object],
    at: tuple[tuple[str | int, ...], list[ConditionFault]],
) -> Condition:
    path, faults = at
    if word == "safeguard" and not rest:
        return Atom(word=word, name=name, relation="at_least", constant="live_and_sufficient")
    if word == "fact" and not rest:
        return Atom(word=word, name=name, relation="is", constant=True)
    if len(rest) != 1 or next(iter(rest)) not in _RELATIONS:
        expected = f"`{word}` with one of {', '.join(_RELATIONS)}"
        return _fault(faults, path, expected, {word: name, **rest})
    relation, constant = next(iter(rest.items()))
    allowed = _ORDERED.get(word)
    if allowed is not None and constant not in allowed:
        return _fault(faults, (*path, relation), f"one of {', '.join(allowed)}", constant)
    if word == "reading" and (relation != "is" or not isinstance(constant, str)):
        return _fault(faults, path, "`reading` with `is: <option>`", {word: name, **rest})
    exact = _exact(constant, relation)
    if exact is None:
        return _fault(faults, (*path, relation), "a word, a number, true or false", constant)
    return Atom(word=word, name=name, relation=relation, constant=exact)


def _exact(constant: object, relation: str) -> Constant | None:
    if isinstance(constant, str) and relation != "is" and _NUMBER.fullmatch(constant):
        # `to_plain` writes numbers as text; words stand only beside `is`.
        return Decimal(constant)
    if isinstance(constant, (bool, str, Decimal)):
        return constant
    return Decimal(constant) if isinstance(constant, int) else None


def _fault(
    faults: list[ConditionFault], path: tuple[str | int, ...], expected: str, got: object
) -> Condition:
    shown = str(got)
    faults.append(ConditionFault(path=path, expected=expected, got=f"`{shown[:80]}`"))
    return ALWAYS


def atoms_of(condition: Condition) -> Iterator[tuple[Atom, bool]]:
    """Yield each atom with True where it stands under an even number of `not`."""
    stack: list[tuple[Condition, bool]] = [(condition, True)]
    while stack:
        node, positive = stack.pop()
        if isinstance(node, Atom):
            yield node, positive
        elif isinstance(node, Not):
            stack.append((node.part, not positive))
        else:
            stack.extend((part, positive) for part in reversed(node.parts))


def to_plain(condition: Condition) -> object:
    """Write a condition back as plain data; `read_condition` reads the same value again."""
    match condition:
        case All(parts):
            return {"all": [to_plain(part) for part in parts]} if parts else "always"
        case AnyOf(parts):
            return {"any": [to_plain(part) for part in parts]}
        case Not(part):
            return {"not": to_plain(part)}
        case AtLeast(count, parts):
            return {"at_least": count, "of": [to_plain(part) for part in parts]}
        case Atom():
            return _atom_to_plain(condition)


def _atom_to_plain(atom: Atom) -> dict[str, object]:
    if atom.word == "flag":
        threshold, flag = atom.name.rsplit(".", 1)
        return {"flag": flag, "of_threshold": threshold}
    if atom.word == "document":
        name, aspect = atom.name.rsplit(".", 1)
        return {"document": name, "is": aspect}
    if atom.word in _PLAIN:
        return {atom.word: atom.name}
    constant = str(atom.constant) if isinstance(atom.constant, Decimal) else atom.constant
    return {atom.word: atom.name, atom.relation: constant}
