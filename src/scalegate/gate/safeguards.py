"""The state of each safeguard on what is asked about, from the evidence that is still in force.

1. No evidence: `absent`. Evidence counts when its subject is the one asked about or contains it.
2. Per document the latest version counts; over several documents the worst state counts, so a
   repair is recorded by a new version of the document that reported the fault.
3. Switched off: `proven_not_live` if it was ever shown sufficient, else `absent`.
4. Older than the policy's freshness or its own `valid_for`, whichever is shorter: `stale`.
5. Evidence that an open incident puts in doubt makes it `absent`. An incident that names it and
   bears on the subject: `breached`, from its first instant until it has ended and an act on record
   closed it.
6. Filters and access controls must be live on every surface of the deployment. A surface that
   was seen and never registered makes them `absent`; without a registered deployment they are at
   best `live_unproven`, since nobody can say where they ought to be live.
7. Every check of the policy must be measured, fresh, on the system that is deployed, by an
   independent tester where the policy asks one, and met on the cautious end of its interval.
   Where the policy names no check, sufficiency must have been shown, with evidence on record.
8. What the source claims is shown beside the state, and never used.

Source: the states are the design's; rules 4, 6 and 7 answer the questions in the UK AISI's
principles for evaluating misuse safeguards (Feb 2025), steps 3 to 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.records import Incident
from scalegate.evidence.documents.safeguards import Check as Measured
from scalegate.evidence.documents.safeguards import SafeguardStatus
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.acts import is_closed
from scalegate.gate.model import EvidenceRef, Inputs, Reason, SafeguardFinding, Subject
from scalegate.gate.refer import bears_on, evidence_ref
from scalegate.policy.document import Check, Safeguard, Standard
from scalegate.policy.vocabulary import Family, SafeguardState

_ON_SURFACES = frozenset({Family.DEPLOYMENT_FILTERS, Family.ACCESS_CONTROLS})
State = SafeguardState


def safeguard_findings(
    inputs: Inputs, subject: Subject, at: datetime
) -> dict[str, SafeguardFinding]:
    """Return a finding for every safeguard, and every substitute, that the policy names."""
    found = {
        safeguard.id: _finding(inputs, subject, safeguard, at)
        for safeguard in inputs.policy.safeguards
    }
    others = [(item.id, item.statement, item.cite) for item in inputs.policy.substitutes]
    others += [(item.id, item.native, item.cite) for item in unspecified(inputs)]
    for name, statement, cite in others:
        as_safeguard = Safeguard(
            id=name, native=name, family=Family.PROCESS, statement=statement, cite=cite
        )
        found.setdefault(name, _finding(inputs, subject, as_safeguard, at))
    return found


def unproven_records(inputs: Inputs, subject: Subject, at: datetime) -> Iterator[Record]:
    """Yield evidence that does not show its safeguard sufficient, where there is other evidence."""
    for safeguard in inputs.policy.safeguards:
        records = list(_records(inputs, subject, safeguard, at))
        for record in records if len(records) > 1 else ():
            found = _from_record(inputs, subject, (safeguard, record), at)
            if found.state is not State.LIVE_AND_SUFFICIENT:
                yield record


def beyond(inputs: Inputs, subject: Subject, at: datetime) -> Iterator[str]:
    """Yield the safeguards on record that the policy does not name, with what is said of them.

    A lab may keep more than the policy asks. It is shown, and nothing is decided by it.
    """
    named = {item.id for item in inputs.policy.safeguards}
    named |= {item.id for item in inputs.policy.substitutes}
    named |= {item.id for item in unspecified(inputs)}
    for record in inputs.bundle.of_kind(Kind.SAFEGUARD_STATUS):
        status = record.payload_as(SafeguardStatus)
        is_own = status.framework in (None, inputs.policy.name)
        if status.safeguard in named or not is_own or record.subject not in subject.names:
            continue
        if status.observed_at <= at:
            live = "on" if status.live else "off"
            yield f"{status.safeguard}: {live}, by {record.id}; the policy does not ask for it"


def unspecified(inputs: Inputs) -> tuple[Standard, ...]:
    """Return the standards that the policy names without content."""
    return tuple(item for item in inputs.policy.standards if item.unspecified)


def _finding(
    inputs: Inputs, subject: Subject, safeguard: Safeguard, at: datetime
) -> SafeguardFinding:
    breach = _breach(inputs, subject, safeguard, at)
    if breach is not None:
        return SafeguardFinding(
            safeguard=safeguard.id,
            state=State.BREACHED,
            reasons=(Reason.BREACHED,),
            evidence=(breach,),
            text=f"breached by incident `{breach.id}`",
        )
    found = [
        _from_record(inputs, subject, (safeguard, record), at)
        for record in _records(inputs, subject, safeguard, at)
    ]
    if not found:
        return SafeguardFinding(
            safeguard=safeguard.id,
            state=State.ABSENT,
            reasons=(Reason.NO_EVIDENCE,),
            text="no evidence on record",
        )
    worst = max(found, key=lambda item: (item.state, item.evidence[0].digest))
    # Whichever of the documents expires first takes the safeguard with it.
    ends = [item.expires_at for item in found if item.expires_at is not None]
    return replace(worst, expires_at=min(ends, default=None))


def _records(
    inputs: Inputs, subject: Subject, safeguard: Safeguard, at: datetime
) -> Iterator[Record]:
    for record in inputs.bundle.of_kind(Kind.SAFEGUARD_STATUS):
        status = record.payload_as(SafeguardStatus)
        if record.subject not in subject.names or status.observed_at > at:
            continue
        own = status.safeguard == safeguard.id and status.framework in (None, inputs.policy.name)
        if own or _is_carried(inputs, safeguard, status):
            yield record


def _is_carried(inputs: Inputs, safeguard: Safeguard, status: SafeguardStatus) -> bool:
    """Say whether evidence under another version stands for the safeguard, as the policy says."""
    return any(
        entry.kind == "safeguard"
        and (entry.framework, entry.was, entry.now)
        == (status.framework, status.safeguard, safeguard.id)
        for entry in inputs.policy.carried_over
    )


def _breach(
    inputs: Inputs, subject: Subject, safeguard: Safeguard, at: datetime
) -> EvidenceRef | None:
    for record in inputs.bundle.of_kind(Kind.INCIDENT):
        incident = record.payload_as(Incident)
        ended = incident.occurred.end is not None and incident.occurred.end < at
        named = record.subject == f"safeguard:{safeguard.id}"
        reaches = safeguard.id in incident.safeguards and (
            named or bears_on(inputs, record.subject, subject)
        )
        # A breach that ended still counts until somebody closes it by an act.
        over = ended and is_closed(inputs, incident, at)
        if reaches and incident.occurred.start <= at and not over:
            return evidence_ref(record)
    return None


def _from_record(
    inputs: Inputs, subject: Subject, asked: tuple[Safeguard, Record], at: datetime
) -> SafeguardFinding:
    safeguard, record = asked
    status = record.payload_as(SafeguardStatus)
    expires = _expiry(safeguard, status, record)
    surfaces = tuple(_surfaces(subject, safeguard, status))
    reasons = list(_checks(subject, safeguard, (status, at)))
    reasons += _sufficiency(inputs, safeguard, record)
    state = State.LIVE_UNPROVEN if reasons else State.LIVE_AND_SUFFICIENT
    if safeguard.family in _ON_SURFACES and not subject.surfaces:
        state, reasons = max(state, State.LIVE_UNPROVEN), [*reasons, Reason.NO_DEPLOYMENT]
    worst = max((own for _, own in surfaces), default=State.LIVE_AND_SUFFICIENT)
    if worst > state:
        state, reasons = worst, [Reason.SURFACE_NOT_COVERED, *reasons]
    if not status.live:
        shown = status.sufficiency is not None and status.sufficiency.shown
        state = max(state, State.PROVEN_NOT_LIVE if shown else State.ABSENT)
        reasons = [Reason.NOT_LIVE, *reasons]
    if expires is not None and expires <= at:
        state, reasons = max(state, State.STALE), [Reason.STALE, *reasons]
    if record.id not in inputs.ids:
        state, reasons = max(state, State.ABSENT), [Reason.IMPUGNED, *reasons]
    return SafeguardFinding(
        safeguard=safeguard.id,
        state=state,
        reasons=tuple(dict.fromkeys(reasons)) or (Reason.SHOWN,),
        evidence=(evidence_ref(record),),
        surfaces=surfaces,
        observed_at=status.observed_at,
        expires_at=expires,
        claimed=status.claimed_state,
        withheld=status.specification == "withheld",
        text=_sentence(state, reasons),
    )


def _expiry(safeguard: Safeguard, status: SafeguardStatus, record: Record) -> datetime | None:
    ends = [record.true_until]
    if safeguard.fresh_for:
        ends.append(status.observed_at + parse_duration(safeguard.fresh_for))
    if status.valid_for:
        ends.append(status.observed_at + status.valid_for)
    fresh = {check.id: check.fresh_for for check in safeguard.checks}
    for measured in status.checks:
        seen = measured.observed_at or status.observed_at
        if measured.valid_for:
            ends.append(seen + measured.valid_for)
        span = fresh.get(measured.id)
        if span:
            ends.append(seen + parse_duration(span))
    return min((end for end in ends if end is not None), default=None)


def _surfaces(
    subject: Subject, safeguard: Safeguard, status: SafeguardStatus
) -> Iterator[tuple[str, SafeguardState]]:
    if safeguard.family not in _ON_SURFACES:
        return
    live = {surface.surface: surface for surface in status.surfaces}
    for name, registered in subject.surfaces:
        seen = live.get(name)
        if not registered or seen is None or not seen.live:
            yield name, State.ABSENT
        elif seen.coverage is not None and seen.coverage < 1:
            yield name, State.LIVE_UNPROVEN
        else:
            yield name, State.LIVE_AND_SUFFICIENT


def _checks(
    subject: Subject, safeguard: Safeguard, known: tuple[SafeguardStatus, datetime]
) -> Iterator[Reason]:
    status, at = known
    measured = {check.id: check for check in status.checks}
    for check in safeguard.checks:
        found = measured.get(check.id)
        if found is None:
            yield Reason.CHECK_MISSING
            continue
        if not is_met(check, found):
            yield Reason.CHECK_FAILED
        if check.independent and found.independence not in ("external", "other_team"):
            yield Reason.NOT_INDEPENDENT
        if _is_elsewhere(subject, found):
            yield Reason.OTHER_SYSTEM
        if found.coverage is not None and found.coverage < 1:
            yield Reason.PARTIAL_COVERAGE
        if (found.observed_at or status.observed_at) > at:
            yield Reason.CHECK_MISSING


def _is_elsewhere(subject: Subject, found: Measured) -> bool:
    if found.bound_to is None:
        return False
    bound = found.bound_to
    pairs = (
        (bound.weights_sha256, subject.weights_sha256),
        (bound.configuration_sha256, subject.configuration_sha256),
        (bound.system_prompt_sha256, subject.system_prompt_sha256),
    )
    # A digest that one side does not give cannot be shown to be the same.
    return any(tested is not None and tested != deployed for tested, deployed in pairs)


def is_met(check: Check, measured: Measured) -> bool:
    """Say whether a measurement meets a check, on the cautious end of its interval.

    A number in another unit than the check's, or a value of another type, does not meet it.
    """
    if check.comparator == "is":
        return type(measured.value) is type(check.value) and measured.value == check.value
    if not isinstance(check.value, Decimal) or not isinstance(measured.value, Decimal):
        return False
    if check.unit and measured.unit != check.unit:
        return False
    upper = max(_given(measured.value, measured.upper))
    lower = min(_given(measured.value, measured.lower))
    return {
        "at_most": upper <= check.value,
        "below": upper < check.value,
        "at_least": lower >= check.value,
        "above": lower > check.value,
    }[check.comparator.value]


def _given(value: Decimal, end: Decimal | None) -> Iterable[Decimal]:
    return (value,) if end is None else (value, end)


def _sufficiency(inputs: Inputs, safeguard: Safeguard, record: Record) -> Iterator[Reason]:
    shown = record.payload_as(SafeguardStatus).sufficiency
    if shown is not None and not shown.shown:
        yield Reason.SUFFICIENCY_NOT_SHOWN
    elif not safeguard.checks:
        named = set() if shown is None else set(shown.evidence) - {record.id, record.digest}
        if not named or not named <= inputs.ids:
            yield Reason.SUFFICIENCY_NOT_SHOWN


_WORDS = {
    Reason.IMPUGNED: "put in doubt by an open incident",
    Reason.NOT_LIVE: "switched off",
    Reason.STALE: "evidence expired",
    Reason.SURFACE_NOT_COVERED: "not live on every surface",
    Reason.NO_DEPLOYMENT: "no deployment registered to be live on",
    Reason.CHECK_FAILED: "a check is not met",
    Reason.CHECK_MISSING: "a check was not measured",
    Reason.OTHER_SYSTEM: "measured on another system than the one deployed",
    Reason.PARTIAL_COVERAGE: "covers only part",
    Reason.NOT_INDEPENDENT: "tester not independent",
    Reason.SUFFICIENCY_NOT_SHOWN: "nobody showed on record that it is enough",
}


def _sentence(state: SafeguardState, reasons: Iterable[Reason]) -> str:
    said = [_WORDS[reason] for reason in dict.fromkeys(reasons)]
    return "; ".join(said) if said else state.word.replace("_", " ")
