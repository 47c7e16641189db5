"""What relied on a piece of evidence, a safeguard, an incident or a document, and what it changes.

1. *Rests*: a finding, a safeguard's state, a fact, an act's answer and so on rests on something if
   what it was made from is that, or rests on that (`evidence.relies`).
2. *Without it*: the same question on the same record without that one document or log, in all its
   versions. A safeguard by its name is taken as absent.
3. A gate is affected if a row that stands there names something that rests on it, if an order does,
   or if its answer is another one without it. What changes without being named is affected too.
4. Without it nothing may be readable (a register that loses a model): then the gate is unanswered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from scalegate.base.errors import DocumentFaults, UnknownName
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.relies import SAFEGUARD, Rest
from scalegate.gate.assess import assess, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import (
    Assessment,
    Decision,
    EvidenceRef,
    Finding,
    Named,
    Reason,
    SafeguardFinding,
)
from scalegate.gate.why_not import what_if
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Commitment
from scalegate.policy.vocabulary import Ask, Gate, Kind, SafeguardState


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One part of a situation that rests on it."""

    kind: str
    """`threshold`, `safeguard`, `fact`, `act`, `document`, ..."""
    name: str
    """Its id in the policy."""
    now: str
    """What is known of it, in words."""
    without: str
    """What would be known without it; the same words where nothing changes."""

    @property
    def changes(self) -> bool:
        """Whether it would be another one."""
        return self.now != self.without


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedGate:
    """One gate that relied on it."""

    decision: Decision
    """The answer."""
    without: Decision | None
    """The answer without it; None: nothing could be read."""
    rows: tuple[str, ...]
    """The commitments that name what rests on it."""

    @property
    def changes(self) -> bool:
        """Whether the answer would be another one."""
        return self.without is None or _answer(self.decision) != _answer(self.without)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What of one subject under one framework relied on it."""

    framework: str
    """The framework."""
    subject: str
    """The subject."""
    touched: tuple[Touched, ...]
    """Parts of the situation that rest on it."""
    gates: tuple[AffectedGate, ...]
    """Gates that relied on it."""


_Key = tuple[str, str]
"""Kind and name of a part of a situation."""


def affected(
    known: Assessment,
    name: str,
    resting: Iterable[Rest],
    asked: Iterable[tuple[Gate, Ask]],
) -> Affected:
    """Return what of an assessed subject relied on something.

    Args:
        known: the assessment.
        name: id of the document, digest of the log, or `safeguard:NAME`.
        resting: everything that rests on it.
        asked: the gates asked about.
    """
    names = frozenset({name, *(rest.name for rest in resting)})
    other = _without(known, name)
    now = {key: (text, refs) for key, text, refs in _parts(known)}
    then = {key: text for key, text, _ in _parts(other)} if other is not None else {}
    touched = {
        key: Touched(kind=key[0], name=key[1], now=text, without=then.get(key, "unreadable"))
        for key, (text, refs) in now.items()
        if names & refs or then.get(key, "unreadable") != text
    }
    gates = (_gate(known, other, (gate, ask), (names, frozenset(touched))) for gate, ask in asked)
    return Affected(
        framework=known.inputs.policy.name,
        subject=known.subject.ref,
        touched=tuple(touched.values()),
        gates=tuple(gate for gate in gates if gate is not None),
    )


def _without(known: Assessment, name: str) -> Assessment | None:
    if name.startswith(SAFEGUARD):
        guard = name.removeprefix(SAFEGUARD)
        is_there = known.situation.safeguards.get(guard, SafeguardState.ABSENT)
        if is_there >= SafeguardState.ABSENT:
            return known
        return _with_state(known, guard)
    bundle = without(known.inputs.bundle, name)
    try:
        inputs = inputs_of(
            known.inputs.program,
            bundle,
            policy_digest=known.inputs.policy_digest,
            indicator_sets=known.inputs.indicator_sets,
            is_proved=known.inputs.is_proved,
        )
        inputs = replace(inputs, void_receipts=known.inputs.void_receipts)
        return assess(inputs, known.subject.ref, known.at)
    except (DocumentFaults, UnknownName):
        return None


def _with_state(known: Assessment, guard: str) -> Assessment:
    state = SafeguardState.ABSENT
    lost = replace(known.safeguards[guard], state=state, text="taken as absent")
    supposed = what_if(known, {(Kind.SAFEGUARD, guard): state})
    return replace(supposed, safeguards={**known.safeguards, guard: lost})


def without(bundle: Bundle[EvalLog], name: str) -> Bundle[EvalLog]:
    """Return a bundle without one document, in all its versions, or without one log."""
    return Bundle(
        records=tuple(record for record in bundle.records if record.id != name),
        logs={digest: log for digest, log in bundle.logs.items() if digest != name},
        history=tuple(record for record in bundle.history if record.id != name),
    )


def _parts(known: Assessment) -> Iterator[tuple[_Key, str, frozenset[str]]]:
    """Yield each part of the situation: its key, its words, and what it was made from."""
    measured: dict[str, set[str]] = {}
    for item in known.measurements:
        measured.setdefault(item.indicator, set()).add(item.mapping.id)
    for finding in known.findings.values():
        yield ("threshold", finding.threshold), _level(finding), _of_finding(finding, measured)
    for guard in known.safeguards.values():
        yield ("safeguard", guard.safeguard), _state(guard), _of_guard(guard)
    tables: Mapping[str, Mapping[str, Named]] = {
        "fact": known.facts,
        "act": known.acts,
        "document": known.documents,
        "substitute": known.substitutes,
        "discretion": known.discretions,
        "reading": known.readings,
        "specified": known.specified,
    }
    for kind, table in tables.items():
        for item_ in table.values():
            yield (kind, item_.name), f"{item_.value} ({item_.text})", _ids(item_.evidence)


def _level(finding: Finding) -> str:
    flags = "".join(f", {flag.value}" for flag in sorted(finding.status.flags))
    return f"{finding.status.level.word}{flags} ({finding.text})".replace("_", " ")


def _state(guard: SafeguardFinding) -> str:
    return f"{guard.state.word.replace('_', ' ')} ({guard.text})"


def _of_finding(finding: Finding, measured: Mapping[str, set[str]]) -> frozenset[str]:
    lines = finding.indicators
    found = _ids(ref for line in lines for ref in line.evidence) | _ids(finding.concerns)
    found |= {item.act for item in finding.judged}
    for line in lines:
        found |= measured.get(line.indicator.id, set())
    return found


def _of_guard(guard: SafeguardFinding) -> frozenset[str]:
    found = _ids(guard.evidence)
    is_absent = guard.reasons == (Reason.NO_EVIDENCE,)
    return found if is_absent else found | {f"{SAFEGUARD}{guard.safeguard}"}


def _ids(refs: Iterable[EvidenceRef]) -> frozenset[str]:
    return frozenset(ref.id for ref in refs)


def _gate(
    known: Assessment,
    other: Assessment | None,
    asked: tuple[Gate, Ask],
    rests: tuple[frozenset[str], frozenset[_Key]],
) -> AffectedGate | None:
    names, touched = rests
    decision = decide(known, *asked, turns=False)
    then = decide(other, *asked, turns=False) if other is not None else None
    rows = tuple(
        row.id
        for row in known.inputs.policy.commitments
        if row.binds
        and asked[0] in row.at
        and asked[1] in row.asks
        and _names(row, known) & touched
    )
    found = AffectedGate(decision=decision, without=then, rows=rows)
    ordered = any(order.id in names for order in decision.orders)
    return found if rows or ordered or found.changes else None


def _names(row: Commitment, known: Assessment) -> frozenset[_Key]:
    """Return every part of the situation that a row names, standards written out."""
    members = {each.id: each.members for each in known.inputs.policy.standards}
    stand_ins: dict[str, list[str]] = {}
    for item in known.inputs.policy.substitutes:
        stand_ins.setdefault(item.in_place_of, []).append(item.id)
    found: set[_Key] = set()
    for atom, _ in (*atoms_of(row.if_), *atoms_of(row.require)):
        if atom.word in ("status", "flag"):
            name = atom.name.rpartition(".")[0] if atom.word == "flag" else atom.name
            found.add(("threshold", name))
        elif atom.word == "met":
            found |= {("safeguard", name) for name in members.get(atom.name, ())}
            found |= {("specified", atom.name), ("safeguard", atom.name)}
            found |= {("substitute", name) for name in stand_ins.get(atom.name, ())}
        else:
            found.add((atom.word, atom.name))
    softened = {item.id for item in known.inputs.policy.discretions if row.id in item.releases}
    found |= {("discretion", name) for name in softened}
    return frozenset(found)


def _answer(decision: Decision) -> tuple[object, ...]:
    return (
        decision.level,
        decision.governed,
        decision.is_open,
        decision.inconclusive,
        tuple(sorted(decision.limits.items())),
        decision.outcome.determining,
    )
