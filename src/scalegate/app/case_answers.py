"""Decide a case: every finding and every gate, in the form of its expectation.

The form is `scalegate/expected@1` (docs/reference/cases.md). Two things stand beside each other:

1. *On the record*: what the documents of the case show, acts graded by the rules of `gate`.
2. *At its word*: the same policy function where every threshold has the level that the lab's
   prevailing determination names, every safeguard the state that its source claims, and where the
   procedure was followed (questions and documents) as far as the record does not say otherwise. A
   threshold above one that the lab ruled out is ruled out. Any other threshold without a
   determination, a safeguard without a claim, and every fact stay as they are.

Instants are left out: what a case pins is what was found, not for how long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from scalegate.base.errors import UnknownName
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.case import AskedGate, Case
from scalegate.evidence.documents.records import DocumentEntry
from scalegate.evidence.validity import check_log
from scalegate.gate.acts import InForce, acts_on
from scalegate.gate.alerts import flags_by_acts
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.determined import ANSWERS
from scalegate.gate.model import Assessment, Decision, Finding, Inputs, Judged
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.policy.parse import (
    framework_of,
    parse_indicator_set,
    parse_policy,
    with_indicators,
)
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, DocumentAspect, Flag, Gate, Level, SafeguardState
from scalegate.ports import PolicySource, PolicyText

if TYPE_CHECKING:
    from scalegate.evidence.eval_log import EvalLog


@dataclass(frozen=True, slots=True)
class Shelf:
    """The policies of a source, each read when a case first asks for it."""

    texts: Mapping[str, PolicyText]
    """By the name of the framework."""
    read: dict[str, Policy] = field(default_factory=dict)
    """Those read so far."""

    def policy(self, name: str) -> tuple[Policy, str]:
        """Return a framework and the digest of its file.

        Raises:
            UnknownName: the source has no framework of that name.
            DocumentFaults: it is wrong.
        """
        text = self.texts.get(name)
        if text is None:
            raise UnknownName("framework", name, known=self.texts)
        if name not in self.read:
            self.read[name] = parse_policy(text.text, file=text.file)
        return self.read[name], text.digest


def shelf_of(source: PolicySource) -> Shelf:
    """Return the shipped frameworks of a source; a shipped file is named for its framework.

    Raises:
        FormatError: a file is no text.
        OutsideError: a file cannot be read.
    """
    shipped = [text for text in source.policies() if text.is_shipped]
    return Shelf({PurePath(text.file).stem: text for text in shipped})


def answers(case: Case, logs: Mapping[str, EvalLog], shelf: Shelf) -> dict[str, Any]:
    """Decide every gate of a case under every framework, and return its expectation's form.

    What people write into an expectation (`cause`, the published outcome of a gate) is not found
    here.

    Raises:
        UnknownName: a framework or a subject that there is not.
        DocumentFaults: a policy, an indicator set or the register is wrong.
    """
    bundle = bundle_of(case.records, {log.digest_sha256: log for log in logs.values()})
    found: dict[str, Any] = {
        "schema": "scalegate/expected@1",
        "case": case.file.id,
        "frameworks": {
            name: _framework(case, case_inputs(case, bundle, name, shelf))
            for name in case.file.frameworks
        },
    }
    if logs:
        found["logs"] = {name: _seen(log) for name, log in logs.items()}
    return found


def case_inputs(case: Case, bundle: Bundle[EvalLog], framework: str, shelf: Shelf) -> Inputs:
    """Return what a framework decides a case from, at the case's instants.

    Raises:
        UnknownName: no framework of that name.
        DocumentFaults: a policy, an indicator set or the register is wrong.
    """
    policy, digest = shelf.policy(framework)
    sets = case_sets(case, policy)
    program = compile_policy(with_indicators(policy, sets))
    named = [item.id for item in sets]
    inputs = inputs_of(program, bundle, policy_digest=digest, indicator_sets=named)
    return at_instant(inputs, case.file.as_of, case.file.known_at or case.file.as_of)


def case_sets(case: Case, policy: Policy) -> tuple[IndicatorSet, ...]:
    """Return the indicator sets that a case names for a policy.

    Raises:
        DocumentFaults: a set is wrong.
    """
    mine = [
        parse_indicator_set(text, policy, file=name)
        for name, text in case.indicators.items()
        if framework_of(text, file=name) == policy.name
    ]
    return tuple(item for item in mine if item.id in case.file.indicator_sets)


def _framework(case: Case, inputs: Inputs) -> dict[str, Any]:
    subjects = {gate.of or case.file.subject for gate in case.file.gates} | {case.file.subject}
    known = {name: assess(inputs, name, case.file.as_of) for name in sorted(subjects)}
    findings = known[case.file.subject].findings
    about = known[case.file.subject]
    return {
        "findings": {name: _finding(about, found) for name, found in sorted(findings.items())},
        "gates": [_gate(gate, known[gate.of or case.file.subject]) for gate in case.file.gates],
    }


def _finding(known: Assessment, found: Finding) -> dict[str, Any]:
    written: dict[str, Any] = {
        "own": found.own.word,
        "status": found.status.level.word,
        "reasons": [reason.value for reason in found.reasons],
    }
    act = _published(known, found.threshold)
    if act is not None:
        written["published"] = _level(act).word
    if found.status.flags:
        written["flags"] = sorted(flag.value for flag in found.status.flags)
    if found.judged:
        written["determinations"] = [_determination(item) for item in _in_order(found.judged)]
    return written


def _in_order(judged: Iterable[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda item: item.by)


def _determination(item: Judged) -> dict[str, Any]:
    return {
        "by": item.by,
        "level": item.level.word,
        "grade": item.grade.value,
        "counts": item.counts,
    }


def _gate(asked: AskedGate, known: Assessment) -> dict[str, Any]:
    gate, ask = Gate(asked.gate), Ask(asked.ask)
    decision = decide(known, gate, ask, turns=False)
    trusting = replace(known, situation=at_its_word(known))
    written: dict[str, Any] = {"gate": asked.gate, "ask": asked.ask}
    if asked.of:
        written["of"] = asked.of
    return {
        **written,
        "effect": _effect(decision),
        "inconclusive": decision.inconclusive,
        "at_its_word": _effect(decide(trusting, gate, ask, turns=False)),
    }


def _effect(decision: Decision) -> str:
    return decision.level.word if decision.governed else "ungoverned"


def at_its_word(known: Assessment) -> Situation:
    """Return the situation in which the lab's determinations and claims hold as published."""
    statuses = dict(known.situation.statuses)
    for name in known.situation.statuses:
        act = _published(known, name)
        if act is not None:
            # A line that the lab says is not reached raises no alert; what an act raised stays.
            flags = set(flags_by_acts(known.inputs, known.subject, name, known.at))
            flags |= {Flag.TREATED_AS} if act.act.treated_as else set()
            statuses[name] = Status(level=_level(act), flags=frozenset(flags))
    statuses |= _above_what_is_ruled_out(known, statuses)
    safeguards = dict(known.situation.safeguards)
    for name in safeguards:
        claimed = SafeguardState.from_word(known.safeguards[name].claimed)
        if isinstance(claimed, SafeguardState):
            safeguards[name] = claimed
    return replace(
        known.situation,
        statuses=statuses,
        safeguards=safeguards,
        acts={
            name: done or not _is_answered(known, name)
            for name, done in known.situation.acts.items()
        },
        documents={
            name: done or not _is_said(known, name)
            for name, done in known.situation.documents.items()
        },
    )


def _above_what_is_ruled_out(
    known: Assessment, statuses: Mapping[str, Status]
) -> dict[str, Status]:
    """Return the thresholds without a determination that the ladder puts above one ruled out."""
    return {
        threshold.id: Status(level=Level.RULED_OUT)
        for threshold in known.inputs.policy.thresholds
        if _published(known, threshold.id) is None
        and any(
            _published(known, lower) is not None and statuses[lower].level is Level.RULED_OUT
            for lower in threshold.above
        )
    }


def _is_answered(known: Assessment, question: str) -> bool:
    """Say whether somebody answered a question on record, with yes or with no."""
    name = f"question:{known.inputs.policy.name}/{question}"
    return bool(acts_on(known.inputs, known.subject, name, known.at))


def _is_said(known: Assessment, aspect: str) -> bool:
    """Say whether the record speaks of an aspect of a document that covers the subject.

    Whether it is published stands in every entry. Who approved it is said only by an entry that
    names somebody; one that names nobody is silent, as a card is about the officers' approval.
    """
    document, _, of = aspect.rpartition(".")
    covered = known.documents.get(f"{document}.covered")
    entries = [_entry(known, ref.id) for ref in covered.evidence] if covered else []
    return any(entry.approvals or of != DocumentAspect.APPROVED for entry in entries if entry)


def _entry(known: Assessment, identifier: str) -> DocumentEntry | None:
    record = known.inputs.bundle.find(identifier)
    return record.payload_as(DocumentEntry) if record else None


def _published(known: Assessment, threshold: str) -> InForce | None:
    """Return the act that determines a threshold: the highest role's, then the latest."""
    question = f"threshold:{known.inputs.policy.name}/{threshold}"
    acts = acts_on(known.inputs, known.subject, question, known.at)
    return next((item for item in acts if item.act.act == "determine"), None)


def _level(act: InForce) -> Level:
    return ANSWERS.get(act.act.answer, Level.NOT_RULED_OUT)


def _seen(log: EvalLog) -> dict[str, Any]:
    """What a log shows, for each of its scores; the worst count of a flag where they differ."""
    reports = [check_log(log, scorer=name) for name in log.samples.score_names or ("",)]
    flags: dict[str, int] = {}
    for kind in sorted({kind for report in reports for kind in report.kinds}):
        flags[kind.value] = max(report.count(kind) for report in reports)
    return {
        "samples": len(log.samples),
        "clean": min(report.clean for report in reports),
        "flags": flags,
    }
