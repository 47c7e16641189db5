"""Find what a policy declares and nothing names, and ids that name two things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scalegate.base.yaml_text import DocumentPath
from scalegate.policy.conditions import ATOM_WORDS, atoms_of
from scalegate.policy.document import Policy
from scalegate.policy.references import SECTIONS
from scalegate.policy.statuses import rungs_below

Found = tuple[str, DocumentPath, str]


def name_findings(policy: Policy) -> Iterator[Found]:
    """Yield what is declared and never named, and every id of two kinds."""
    used = _named_in_conditions(policy)
    yield from _unnamed(policy, "thresholds", "SG0301", _reached(policy, used))
    required = _required(policy, used)
    yield from _unnamed(policy, "safeguards", "SG0302", required)
    yield from _unnamed(policy, "standards", "SG0302", required)
    yield from _unnamed(policy, "facts", "SG0303", used["fact"])
    yield from _unnamed(policy, "questions", "SG0304", used["act"] | _approvals(policy))
    yield from _unnamed(policy, "documents", "SG0305", used["document"])
    yield from _unnamed(policy, "roles", "SG0306", _roles(policy))
    yield from _unnamed(policy, "readings", "SG0308", used["reading"])
    yield from _unnamed(policy, "substitutes", "SG0309", used["substitute"])
    for index, discretion in enumerate(policy.discretions):
        if not discretion.releases:
            yield "SG0309", ("discretions", index), f"`{discretion.id}` releases no commitment"
    yield from _shadowed(policy)


_WHAT = {
    "SG0301": "no row names threshold",
    "SG0302": "nothing requires",
    "SG0303": "no condition names fact",
    "SG0304": "nothing waits for question",
    "SG0305": "no condition names document",
    "SG0306": "nothing names role",
    "SG0308": "no condition names reading",
    "SG0309": "no requirement names substitute",
}


def _unnamed(policy: Policy, section: str, code: str, used: set[str]) -> Iterator[Found]:
    for index, item in enumerate(getattr(policy, section)):
        if item.id not in used:
            yield code, (section, index), f"{_WHAT[code]} `{item.id}`"


def _named_in_conditions(policy: Policy) -> Mapping[str, set[str]]:
    used: dict[str, set[str]] = {word: set() for word in ATOM_WORDS}
    conditions = [part for row in policy.commitments for part in (row.if_, row.require)]
    conditions += [exemption.when for exemption in policy.exemptions]
    for condition in conditions:
        for atom, _ in atoms_of(condition):
            dotted = atom.word in ("flag", "document")
            used[atom.word].add(atom.name.rsplit(".", 1)[0] if dotted else atom.name)
    return used


def _reached(policy: Policy, used: Mapping[str, set[str]]) -> set[str]:
    """Return the thresholds that rows name, with those that imply them or rule them out."""
    named = used["status"] | used["flag"]
    above = {upper for upper, rungs in rungs_below(policy).items() if named & set(rungs)}
    ruling = {item.id for item in policy.thresholds if named & set(item.rules_out)}
    return named | above | ruling


def _required(policy: Policy, used: Mapping[str, set[str]]) -> set[str]:
    named = used["met"] | used["specified"]
    members = {name for item in policy.standards if item.id in named for name in item.members}
    return named | members | used["safeguard"]


def _approvals(policy: Policy) -> set[str]:
    substitutes = {name for item in policy.substitutes for name in item.approvals}
    return substitutes | {name for item in policy.discretions for name in item.approvals}


def _roles(policy: Policy) -> set[str]:
    found = {name for question in policy.questions for name in question.by}
    found |= {name for document in policy.documents for name in document.approved_by}
    found |= {name for discretion in policy.discretions for name in discretion.invoked_by}
    found |= {name for reading in policy.readings for name in reading.fixed_by}
    found |= {name for cadence in policy.cadence for name in cadence.discretion_of}
    if policy.amendment is not None:
        change = policy.amendment
        found |= {*change.proposed_by, *change.approved_by, *change.consulted}
    return found


def _shadowed(policy: Policy) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for section in SECTIONS:
        if section == "domains":
            # A domain often has the name of its only threshold; conditions never name domains.
            continue
        for index, item in enumerate(getattr(policy, section)):
            first = seen.setdefault(item.id, section)
            if first != section:
                yield "SG0307", (section, index), f"`{item.id}` is also one of the {first}"
