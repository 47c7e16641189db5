"""Say what binds a lab on a day, from the shipped policies, editions and laws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from scalegate.app.workspace import policy_spans
from scalegate.base.errors import OutsideError, UnknownName
from scalegate.policy.regime import (
    EditionList,
    Law,
    Member,
    Regime,
    parse_editions,
    parse_laws,
    regime_of,
)
from scalegate.ports import PolicySource

if TYPE_CHECKING:
    from scalegate.ports import PolicyText


def regime(source: PolicySource, lab: str, day: date, *, jurisdiction: str | None = None) -> Regime:
    """Return what binds a lab on a day; `jurisdiction`: only the laws of this one.

    Raises:
        UnknownName: no such lab or jurisdiction.
        DocumentFaults: a policy or table is wrong.
        OutsideError: a table is missing.
    """
    listed = editions(source)
    laws = laws_of(source)
    places = {each.jurisdiction for each in laws}
    if jurisdiction is not None and jurisdiction.lower() not in places:
        raise UnknownName("jurisdiction", jurisdiction, known=places)
    spans = policy_spans(source)
    names = {each.lab for each in spans} | {each.lab for each in listed.versions}
    chosen = [
        law for law in laws if jurisdiction is None or law.jurisdiction == jurisdiction.lower()
    ]
    return regime_of(_lab(lab, names), day, spans, listed, laws=chosen)


def lab_named(source: PolicySource, said: str) -> str:
    """Return the lab that is meant: by its name, or by a part of it that only one has.

    Raises:
        UnknownName: no lab, or several.
        DocumentFaults: a policy or table is wrong.
        OutsideError: a table is missing.
    """
    names = {each.lab for each in policy_spans(source)}
    return _lab(said, names | {each.lab for each in editions(source).versions})


def editions(source: PolicySource) -> EditionList:
    """Return the known versions and editions.

    Raises:
        DocumentFaults: the table is wrong.
        OutsideError: it is missing.
    """
    text = _table(source, "editions.yaml")
    return parse_editions(text.text, file=text.file)


def laws_of(source: PolicySource) -> tuple[Law, ...]:
    """Return the laws.

    Raises:
        DocumentFaults: the table is wrong.
        OutsideError: it is missing.
    """
    text = _table(source, "laws.yaml")
    return parse_laws(text.text, file=text.file).laws


def to_mapping(found: Regime) -> dict[str, Any]:
    """Return a regime as plain data for `--json`."""
    return {
        "lab": found.lab,
        "on": found.on,
        "members": [_member(each) for each in found.members],
        "laws": [
            {
                "law": each.law.model_dump(mode="json"),
                "days_in_force": each.days_in_force,
                "lab_says": [item.model_dump(mode="json") for item in each.answers],
            }
            for each in found.laws
        ],
        "pending": [
            {"on": each.on, "days": each.days, "what": each.what} for each in found.pending
        ],
    }


def _member(each: Member) -> dict[str, Any]:
    return {
        "policy": each.policy.name,
        "title": each.policy.title,
        "in_force_from": each.policy.effective_on,
        "superseded_on": each.policy.superseded_on or None,
        "days_in_force": each.days_in_force,
        "decides": each.decides,
        "policy_digest": each.policy.digest or None,
        "edition": each.edition.model_dump(mode="json") if each.edition else None,
        "editions_known": each.editions_known,
        "note": each.note,
    }


def _lab(said: str, names: Iterable[str]) -> str:
    """Return the lab that is meant: by its name, or by a part of it that only one has."""
    known = sorted(set(names))
    word = " ".join(said.split()).casefold()
    same = [each for each in known if each.casefold() == word]
    near = [each for each in known if word and word in each.casefold()]
    for found in (same, near):
        if len(found) == 1:
            return found[0]
    raise UnknownName("lab", said, known=known)


def _table(source: PolicySource, name: str) -> PolicyText:
    found = {each.file: each for each in source.tables("regime")}
    if name not in found:
        raise OutsideError(
            f"`frameworks/regime/{name}` did not come with this installation; install it again"
        )
    return found[name]
