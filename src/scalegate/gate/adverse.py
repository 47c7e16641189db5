"""The register of adverse records: what may not be left out unseen.

Losing evidence never opens a gate (design, law 1). Evidence that speaks against the subject would,
if it could be lost unseen; so every decision names how many such records there are and one digest
of them all. On the register stand

1. what the bundle calls adverse: incidents, reversals, overrides, alerts, concerns, dissent;
2. orders;
3. every version of a document that replaces an earlier version of it;
4. acts that do not say yes, that raise a flag, that determine a threshold stricter than ruled out,
   or that answer a question to which another act gives another answer;
5. facts about which documents differ;
6. evidence on a safeguard that does not show it sufficient, where other evidence on it might;
7. controls of an eval, passed or failed, with the mappings that name them, checks for hidden
   ability, and records of elicitation;
8. logs that a mapping selects by their task, since nothing else says how many there are, runs that
   started before the plan they answer to, and attempts at a planned run that no mapping binds.

Mappings, plans and the register of models are the closed list itself: they name what must be there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from scalegate.base.canonical import digest_of
from scalegate.evidence.bundle import is_adverse
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.records import Act
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.acts import YES
from scalegate.gate.controls import control_digests
from scalegate.gate.determined import ANSWERS
from scalegate.gate.model import Assessment
from scalegate.gate.planned import unplanned_runs
from scalegate.gate.safeguards import unproven_records
from scalegate.policy.vocabulary import Level


def adverse_digests(known: Assessment) -> frozenset[str]:
    """Return the digests of every adverse record and log that the decision must name."""
    bundle = known.inputs.bundle
    records = (record for record in bundle.history if is_adverse(record))
    found = {record.digest for record in records}
    found |= {record.digest for record in bundle.of_kind(Kind.ORDER)}
    found |= {record.digest for record in _newer_versions(bundle.history)}
    found |= {record.digest for record in _acts(bundle.of_kind(Kind.ACT))}
    for fact in known.facts.values():
        if fact.value is None:
            found |= {ref.digest for ref in fact.evidence}
    found |= {record.digest for record in unproven_records(known.inputs, known.subject, known.at)}
    found |= set(_logs(known))
    found |= set(control_digests(known.inputs))
    for kind in (Kind.HIDING_CHECK, Kind.ELICITATION_RECORD):
        found |= {record.digest for record in bundle.of_kind(kind)}
    return frozenset(found)


def adverse_register(known: Assessment) -> tuple[int, str]:
    """Return how many adverse records there are, and one digest of them all."""
    digests = sorted(adverse_digests(known))
    return len(digests), digest_of(digests)


def _newer_versions(history: Iterable[Record]) -> Iterator[Record]:
    seen: set[str] = set()
    for record in history:  # sorted by id, then by `known_from`
        if record.id in seen:
            yield record
        seen.add(record.id)


def _acts(records: Iterable[Record]) -> Iterator[Record]:
    acts = [(record, record.payload_as(Act)) for record in records]
    answers = Counter(
        question for question, _ in {(act.question, act.answer.lower()) for _, act in acts}
    )
    for record, act in acts:
        if answers[act.question] > 1 or _is_against(act):
            yield record


def _is_against(act: Act) -> bool:
    kind = act.question.partition(":")[0]
    if kind in ("alert", "forecast"):
        return True
    if kind == "threshold":
        return ANSWERS.get(act.answer, Level.NOT_RULED_OUT) > Level.RULED_OUT or act.treated_as
    return kind in ("question", "substitute", "discretion", "specification", "before") and (
        act.answer.lower() not in YES
    )


def _logs(known: Assessment) -> Iterator[str]:
    by_task = {
        record.id
        for record in known.inputs.bundle.of_kind(Kind.MAPPING)
        if record.payload_as(Binding).selects.task is not None
    }
    for item in known.measurements:
        if item.mapping.id in by_task:
            yield from item.logs
    yield from unplanned_runs(known.inputs, known.subject, known.at)
