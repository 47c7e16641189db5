"""Facts, substitutes and discretions, as a condition names them (documents: `documents`).

1. A fact is what its current documents say at the instant asked about; two that differ make it
   unknown, and unknown is for the policy function to judge by the fact's burden.
2. Two facts come from the register where the policy names them: `effective_compute_ratio` and
   `elicitation_months`, both measured from the root. Facts that range over other models come from
   it where the policy says how (`over_register`). A document that says otherwise makes it unknown.
3. A substitute counts when its approvals are in force and its own evidence stands: for an interim
   measure, safeguard evidence under the substitute's id; for a judgement, an act with grounds;
   where the policy says comply or disclose, the published document that it names.
4. A discretion counts when a role that may invoke it did, its approvals are in force, and each of
   its tests is shown by a judgement that says `sufficient`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.records import FactEntry
from scalegate.evidence.documents.results import Judgement
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.acts import InForce, acts_on, is_grounded, may_decide, says_yes
from scalegate.gate.model import EvidenceRef, Inputs, Named, SafeguardFinding, Subject
from scalegate.gate.over_register import over_register, run_ratio
from scalegate.gate.refer import evidence_ref
from scalegate.policy.document import Discretion, Fact, Substitute
from scalegate.policy.vocabulary import FactType, SafeguardState, SubstituteKind

Value = Decimal | bool | str | None


def fact_values(inputs: Inputs, subject: Subject, at: datetime) -> dict[str, Named]:
    """Return every fact the policy names, with its value or None."""
    return {fact.id: _fact(inputs, subject, fact, at) for fact in inputs.policy.facts}


_Shown = tuple[Decimal | bool | str, Record | None, datetime | None]
"""A value, the document that shows it (None: the register), and when it stops counting."""


def _fact(inputs: Inputs, subject: Subject, fact: Fact, at: datetime) -> Named:
    found: list[_Shown] = list(_shown(inputs, subject, fact, at))
    from_register = _from_register(inputs, subject, fact)
    over = over_register(inputs, subject, fact, at)
    found += [(value, None, None) for value in (from_register, over.value) if value is not None]
    values = {value for value, _, _ in found}
    agreed: Value = next(iter(values)) if len(values) == 1 else None
    return Named(
        name=fact.id,
        value=agreed,
        evidence=tuple(evidence_ref(record) for _, record, _ in found if record is not None),
        expires_at=min((end for _, _, end in found if end is not None), default=None),
        text=_fact_text(values) + (f"; by the register {over.text}" if over.text else ""),
    )


def _shown(inputs: Inputs, subject: Subject, fact: Fact, at: datetime) -> Iterator[_Shown]:
    span = parse_duration(fact.fresh_for) if fact.fresh_for else None
    for record in inputs.bundle.of_kind(Kind.FACT):
        entry = record.payload_as(FactEntry)
        if entry.fact != fact.id or record.subject not in _scope(subject):
            continue
        if entry.framework not in (None, inputs.policy.name) or not _fits(fact, entry.value):
            continue
        ends = [entry.valid_until, record.true_until, record.true_from + span if span else None]
        end = min((moment for moment in ends if moment is not None), default=None)
        if record.true_from <= at and (end is None or at < end):
            yield entry.value, record, end


def _fact_text(values: set[Decimal | bool | str]) -> str:
    if not values:
        return "not shown"
    if len(values) > 1:
        listed = ", ".join(sorted(str(value) for value in values))
        return f"documents differ ({listed}): unknown"
    value = next(iter(values))
    return f"is {str(value).lower() if isinstance(value, bool) else value}"


def _scope(subject: Subject) -> frozenset[str]:
    return subject.names | {"world"} | {"world:world"}


def _fits(fact: Fact, value: Value) -> bool:
    if fact.type is FactType.BOOLEAN:
        return isinstance(value, bool)
    if fact.type is FactType.NUMBER:
        return isinstance(value, Decimal)
    return value in fact.choices


def _from_register(inputs: Inputs, subject: Subject, fact: Fact) -> Decimal | None:
    if fact.id not in ("effective_compute_ratio", "elicitation_months"):
        return None
    growth = inputs.register.growth(subject.model) if subject.model else None
    value: Decimal | None = getattr(growth, fact.id) if growth else None
    if fact.id == "effective_compute_ratio" and subject.run is not None:
        return run_ratio(inputs.register, subject.run, value)
    return value


def substitute_values(
    inputs: Inputs,
    subject: Subject,
    at: datetime,
    known: tuple[Mapping[str, Named], Mapping[str, SafeguardFinding], Mapping[str, Named]],
) -> dict[str, Named]:
    """Return whether each substitute stands, given acts, its own safeguard evidence, documents."""
    acts, own, documents = known
    return {
        item.id: _substitute(
            inputs,
            subject,
            (item, at),
            (acts, own.get(item.id), documents.get(f"{item.disclosed_in}.published")),
        )
        for item in inputs.policy.substitutes
    }


def _substitute(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Substitute, datetime],
    known: tuple[Mapping[str, Named], SafeguardFinding | None, Named | None],
) -> Named:
    item, at = asked
    acts, own, disclosed = known
    approvals = [acts[name] for name in item.approvals]
    approved = all(approval.value for approval in approvals)
    if item.kind is SubstituteKind.INTERIM:
        # Without any approval an interim measure is the lab's own word for something else.
        approved = approved and bool(approvals)
        stands, refs, starts, ends = _interim(approvals, own)
    elif item.kind is SubstituteKind.COMPLY_OR_DISCLOSE:
        stands, refs, starts, ends = _disclosed(disclosed)
    else:
        stands, refs, starts, ends = _judged(_accepted(inputs, subject, item.id, at))
    ends = (*ends, *(approval.expires_at for approval in approvals))
    if item.expires_after and starts:
        ends = (*ends, min(starts) + parse_duration(item.expires_after))
    end = min((moment for moment in ends if moment is not None), default=None)
    value = stands and approved and (end is None or at < end)
    refs = (*(ref for approval in approvals for ref in approval.evidence), *refs)
    text = "stands in" if value else _lacking(stands=stands, approved=approved)
    return Named(name=item.id, value=value, evidence=refs, expires_at=end, text=text)


_Standing = tuple[bool, tuple[EvidenceRef, ...], tuple[datetime, ...], tuple[datetime | None, ...]]
"""Whether a substitute stands, its own evidence, from when it runs, and when that ends."""


def _interim(approvals: Sequence[Named], own: SafeguardFinding | None) -> _Standing:
    """An interim measure runs from its first approval: measuring it again does not prolong it."""
    starts = tuple(ref.observed_at for approval in approvals for ref in approval.evidence)
    if own is None:
        return False, (), starts, ()
    stands = own.state is SafeguardState.LIVE_AND_SUFFICIENT
    return stands, own.evidence, starts, (own.expires_at,)


def _disclosed(document: Named | None) -> _Standing:
    """A disclosure stands as long as the document that makes it, from when it was written."""
    if document is None or not document.value:
        return False, (), (), ()
    starts = tuple(ref.observed_at for ref in document.evidence)
    return True, document.evidence, starts, (document.expires_at,)


def _judged(act: InForce | None) -> _Standing:
    if act is None:
        return False, (), (), ()
    return True, (evidence_ref(act.record),), (act.decided_at,), (act.act.expires_at,)


def _lacking(*, stands: bool, approved: bool) -> str:
    if not stands:
        return "no evidence that it stands"
    return "not approved as the policy asks" if not approved else "expired"


def _accepted(inputs: Inputs, subject: Subject, name: str, at: datetime) -> InForce | None:
    question = f"substitute:{inputs.policy.name}/{name}"
    for item in acts_on(inputs, subject, question, at):
        if item.act.act in ("approve", "determine") and may_decide(inputs, item):
            return item if says_yes(item) and is_grounded(inputs, item) else None
    return None


def _is_shown(inputs: Inputs, subject: Subject, question: str, at: datetime) -> bool:
    """Say whether a test is judged sufficient, and not judged otherwise by anybody."""
    answers = {
        judged.answer
        for record in inputs.bundle.of_kind(Kind.JUDGEMENT)
        for judged in [record.payload_as(Judgement)]
        if judged.question == question and judged.scale == "sufficiency"
        if record.subject in subject.names and record.true_from <= at
    }
    return answers == {"sufficient"}


def discretion_values(
    inputs: Inputs, subject: Subject, at: datetime, acts: Mapping[str, Named]
) -> dict[str, Named]:
    """Return whether each discretion is invoked with every test shown."""
    return {
        item.id: _discretion(inputs, subject, item, (at, acts))
        for item in inputs.policy.discretions
    }


def _discretion(
    inputs: Inputs,
    subject: Subject,
    item: Discretion,
    known: tuple[datetime, Mapping[str, Named]],
) -> Named:
    at, acts = known
    question = f"discretion:{inputs.policy.name}/{item.id}"
    invoked = [
        act
        for act in acts_on(inputs, subject, question, at)
        if act.act.act == "invoke" and act.act.by.role in item.invoked_by
    ]
    if not invoked or not says_yes(invoked[0]):
        return Named(name=item.id, value=False, text="not invoked")
    lacking = [
        test.id
        for test in item.tests
        if not _is_shown(inputs, subject, f"{question}/{test.id}", at)
    ]
    lacking += [name for name in item.approvals if not acts[name].value]
    first = invoked[0]
    ends = [acts[name].expires_at for name in item.approvals]
    end = min((e for e in (first.act.expires_at, *ends) if e is not None), default=None)
    if item.expires_after:
        own_end = first.decided_at + parse_duration(item.expires_after)
        end = own_end if end is None else min(end, own_end)
    value = not lacking and (end is None or at < end)
    text = "invoked" if value else f"invoked; not shown: {', '.join(lacking) or 'expired'}"
    refs = (evidence_ref(first.record),)
    return Named(name=item.id, value=value, evidence=refs, expires_at=end, text=text)
