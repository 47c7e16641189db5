"""Find evidence that names a threshold or a line which no policy used here has.

1. A mapping, an elicitation record, a check for hidden ability and a plan name clauses as
   `owner/name`: the owner is a policy or an indicator set, the name a line or a threshold of it.
2. Such a document is kept and says nothing here: what it shows, or shows against a model, is used
   for no line. That is right for another policy's evidence, and easy to miss where it is a typing
   error. So it is a note, never a fault.
3. An owner in the settings of something that no policy used here has owns nothing: a note, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from scalegate.base.plain_text import plain
from scalegate.evidence.documents.checks import HidingCheck
from scalegate.evidence.documents.elicited import ElicitationRecord
from scalegate.evidence.documents.plans import Mapping, Plan

if TYPE_CHECKING:
    from scalegate.evidence.record import Record
    from scalegate.policy.document import Policy

    _Used = tuple[Policy, Sequence[str]]

_MOST = 6


def unheard(policies: Iterable[_Used], records: Iterable[Record]) -> tuple[str, ...]:
    """Return a sentence for each clause that a document names and no policy used here has.

    Args:
        policies: each with the names of the indicator sets that were merged into it.
        records: the evidence, each document once.
    """
    known = _known(policies)
    found: dict[str, None] = {}
    for record in records:
        for clause in _clauses(record.payload):
            owner, _, name = clause.partition("/")
            if name not in known.get(owner, ()):
                found[_said(record, clause, known.get(owner))] = None
    return tuple(found)


def unowned(policies: Iterable[Policy], owners: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each id in `[owners]` that no part of a policy used here has.

    Args:
        policies: those that are used.
        owners: the ids for which the settings name an owner.
    """
    known = {each.id for policy in policies for each in _parts(policy)}

    def said(name: str) -> str:
        near = get_close_matches(name, sorted(known), n=3)
        hint = f"; there is {', '.join(near)}" if near else ""
        head = f"`[owners]` of the settings names `{plain(name, limit=80)}`"
        return f"{head}, which no policy used here has: nobody is shown as its owner{hint}"

    return tuple(said(name) for name in sorted(set(owners) - known))


def _parts(policy: Policy) -> Iterator[Any]:
    """Yield what work can be owned on: whatever the policy gives an id."""
    for name in type(policy).model_fields:
        found = getattr(policy, name)
        if isinstance(found, tuple):
            yield from (each for each in found if hasattr(each, "id"))


def _known(policies: Iterable[_Used]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for policy, sets in policies:
        thresholds = policy.thresholds
        names = {threshold.id for threshold in thresholds}
        names |= {line.id for threshold in thresholds for line in threshold.indicators}
        for owner in (policy.name, *sets):
            found.setdefault(owner, set()).update(names)
    return found


def _clauses(payload: object) -> Iterator[str]:
    if isinstance(payload, Mapping):
        yield payload.indicator
    elif isinstance(payload, (ElicitationRecord, HidingCheck)):
        yield from payload.indicators
    elif isinstance(payload, Plan):
        yield from (clause for run in payload.runs for clause in run.answers)
        yield from (clause for check in payload.checks for clause in check.answers)


def _said(record: Record, clause: str, names: set[str] | None) -> str:
    head = f"`{plain(record.id, limit=60)}` names `{plain(clause, limit=120)}`"
    if names is None:
        owner = plain(clause.partition("/")[0], limit=80)
        return f"{head}, and no policy or indicator set used here is `{owner}`: it counts for none"
    name = clause.partition("/")[2]
    listed = ", ".join(get_close_matches(name, sorted(names), n=3) or sorted(names)[:_MOST])
    none = "and there is no such line or threshold: it counts for none"
    return f"{head}, {none}; there is {listed}"
