"""Why: the tree from a decision down to clauses, findings, lines, evidence and samples.

1. The root says the effect. Below it stands each determining commitment, with its citation.
2. Below a commitment stand its `if` and its `require`, with what holds in the situation.
3. Below an atom stands what is known of it: for a threshold its lines with their numbers and
   evidence, for a safeguard its state and evidence, for an act who answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scalegate.gate.lines import sentence
from scalegate.gate.model import (
    Assessment,
    EvidenceRef,
    Finding,
    IndicatorFinding,
    Judged,
    Named,
    SafeguardFinding,
    Why,
)
from scalegate.policy.compile import Encoded
from scalegate.policy.conditions import ALWAYS, atoms_of
from scalegate.policy.document import Commitment
from scalegate.policy.evaluate import Outcome, Trace, trace_in
from scalegate.policy.phrase import phrase


def explain(known: Assessment, outcome: Outcome) -> Why:
    """Return the tree for an outcome of the policy function."""
    rows = {row.id: row for row in known.inputs.policy.commitments}
    text = f"{outcome.level.word.replace('_', ' ')} at {outcome.gate} ({outcome.ask})"
    return Why(text=text, children=explain_rows(known, [rows[n] for n in outcome.determining]))


def explain_rows(known: Assessment, rows: Iterable[Commitment]) -> tuple[Why, ...]:
    """Return the trees of commitments; what is known of a name is written once for all."""
    explainer = _Explainer(known, known.inputs.program.encode(known.situation))
    return tuple(_commitment(explainer, row) for row in rows)


def explain_commitment(known: Assessment, row: Commitment) -> Why:
    """Return the tree of one commitment: its trigger, its requirement, and what is known."""
    return explain_rows(known, [row])[0]


@dataclass(frozen=True, slots=True)
class _Explainer:
    known: Assessment
    encoded: Encoded
    written: dict[tuple[str, str], tuple[Why, ...]] = field(default_factory=dict)
    """What is known of each name, written once."""


def _commitment(explainer: _Explainer, row: Commitment) -> Why:
    program = explainer.known.inputs.program
    children: list[Why] = []
    if row.if_ != ALWAYS:
        traced = trace_in(program, explainer.encoded, row.if_, as_trigger=True)
        children.append(_condition(explainer, traced, "if"))
    if row.require != ALWAYS:
        traced = trace_in(program, explainer.encoded, row.require, as_trigger=False)
        children.append(_condition(explainer, traced, "require"))
    otherwise = row.otherwise.level.word.replace("_", " ")
    return Why(
        text=f"{row.id} ({row.native_verb}): {row.statement}; otherwise {otherwise}",
        citation=str(row.cite),
        children=tuple(children),
    )


def _condition(explainer: _Explainer, traced: Trace, label: str) -> Why:
    children = [_condition(explainer, part, "") for part in traced.parts]
    words = phrase(explainer.known.inputs.policy, traced.condition)
    if not traced.parts:
        for atom, _ in atoms_of(traced.condition):
            key = (atom.word, atom.name)
            if key not in explainer.written:
                explainer.written[key] = _about(explainer.known, *key)
            children += explainer.written[key]
    return Why(
        text=f"{label}: {words}" if label else words,
        holds=traced.holds,
        children=tuple(children),
    )


def _about(known: Assessment, word: str, name: str) -> tuple[Why, ...]:
    if word in ("status", "flag"):
        threshold = name if word == "status" else name.rsplit(".", 1)[0]
        return (threshold_why(known, known.findings[threshold]),)
    if word == "safeguard":
        return (safeguard_why(known.safeguards[name]),)
    tables = {
        "act": known.acts,
        "document": known.documents,
        "fact": known.facts,
        "substitute": known.substitutes,
        "reading": known.readings,
        "specified": known.specified,
        "met": known.specified,
    }
    found = tables[word].get(name)
    return () if found is None else (_named(found),)


def _named(item: Named) -> Why:
    return Why(
        text=f"{item.name}: {item.text}",
        evidence=_ids(item.evidence),
        citation="; ".join(_citations(item.evidence)),
    )


def threshold_why(known: Assessment, finding: Finding) -> Why:
    """Return what is known of a threshold: the finding, its lines, and the acts upon it."""
    threshold = next(
        item for item in known.inputs.policy.thresholds if item.id == finding.threshold
    )
    level = finding.status.level.word.replace("_", " ")
    flags = ", ".join(sorted(flag.value.replace("_", " ") for flag in finding.status.flags))
    children = [_line(item) for item in finding.indicators]
    children += [_judged(item) for item in finding.judged]
    children += [
        Why(text=f"adverse judgement on record: {ref.id}", evidence=_ids([ref]))
        for ref in finding.concerns
    ]
    children += [Why(text=f"planned: {text}") for text in finding.missing]
    children += [Why(text=text) for text in finding.alerts]
    marked = f" [{flags}]" if flags else ""
    return Why(
        text=f"{finding.threshold} is {level}{marked}; own finding {finding.text}",
        citation=str(threshold.cite),
        children=tuple(children),
    )


def _line(item: IndicatorFinding) -> Why:
    readings = [
        Why(
            text=f"{read.reading}{'' if read.decides else ' (does not decide)'}: "
            f"{sentence(read.verdict)}"
        )
        for read in item.verdicts
        if read.reading
    ]
    flags = [
        Why(
            text=f"{ref.id}: {', '.join(f'{name} {count}' for name, count in ref.flags)}",
            evidence=_ids([ref]),
            children=tuple(Why(text=sample) for sample in ref.samples),
        )
        for ref in item.evidence
        if ref.flags
    ]
    citations = (str(item.indicator.cite), *_citations(item.evidence))
    return Why(
        text=f"{item.indicator.id} ({item.indicator.role}): {item.text}",
        citation="; ".join(dict.fromkeys(citations)),
        evidence=_ids(item.evidence),
        children=(*dict.fromkeys(readings), *flags),  # an arm stands beside each measurement
    )


def _judged(item: Judged) -> Why:
    counts = "counts" if item.counts else "shown beside the finding"
    level = item.level.word.replace("_", " ")
    return Why(
        text=(
            f"determined {level} by {item.by} (unsigned), graded "
            f"{item.grade.value.replace('_', ' ')}: {counts}; {item.statement}"
        ),
        citation=str(item.citation),
        evidence=(item.act,),
        children=tuple(Why(text=f"dissent: {text}") for text in item.dissent),
    )


def safeguard_why(finding: SafeguardFinding) -> Why:
    """Return what is known of a safeguard."""
    state = finding.state.word.replace("_", " ")
    said = f"; {finding.text}" if finding.text != state else ""
    claimed = f"; the source claims {finding.claimed.replace('_', ' ')}" if finding.claimed else ""
    withheld = "; rests on a specification that is withheld" if finding.withheld else ""
    return Why(
        text=f"{finding.safeguard} is {state}{said}{claimed}{withheld}",
        evidence=_ids(finding.evidence),
        citation="; ".join(_citations(finding.evidence)),
        children=tuple(
            Why(text=f"surface {name}: {own.word.replace('_', ' ')}")
            for name, own in finding.surfaces
        ),
    )


def _ids(refs: Iterable[EvidenceRef]) -> tuple[str, ...]:
    return tuple(f"{ref.id} ({ref.digest[:12]})" for ref in refs)


def _citations(refs: Iterable[EvidenceRef]) -> list[str]:
    return [str(ref.citation) for ref in refs if ref.citation is not None]
