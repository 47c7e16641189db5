"""Assess, decide, explain: what a user does with a workspace, for every policy apart.

1. Every policy that is used decides by itself; nothing is averaged and nothing is hidden.
2. Reading is as of two instants: what was true (`as_of`), as far as it was known (`known_at`).
3. One exit code per call, the first that applies: 10 if some asked gate is held under every
   reading by something known to be unmet, 11 if held for want of evidence, 13 if the answer
   depends on a reading nobody fixed, 15 if a gate is not governed and none is held, else 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scalegate.app.workspace import LoadedPolicy, Workspace, load_bundle, load_policies
from scalegate.base.errors import UsageError
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.clocks import Clock, clocks
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Inputs, Work
from scalegate.gate.why_not import why_not
from scalegate.policy.compile import compile_policy
from scalegate.policy.vocabulary import Ask, Gate
from scalegate.report.arrange import arrange
from scalegate.report.html import render_html
from scalegate.report.model import DecisionKey, decision_key

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.register import Register

HELD_KNOWN, HELD_INCONCLUSIVE, ON_READING, UNGOVERNED, OPEN = 10, 11, 13, 15, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The two instants of a question."""

    true_at: datetime
    """What is asked about."""
    known_at: datetime
    """As far as it was known then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A workspace read at two instants: the evidence, and each policy compiled over it."""

    instants: Instants
    inputs: tuple[Inputs, ...]
    """One per policy, sorted by name."""
    bundle: Bundle[EvalLog]

    @property
    def register(self) -> Register:
        """The register read from the evidence."""
        if not self.inputs:
            raise UsageError("no policy is used", hint="name one in `scalegate.toml`")
        return self.inputs[0].register


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One subject under one policy, with its decisions."""

    assessment: Assessment
    decisions: tuple[Decision, ...]


def prepare(
    workspace: Workspace, instants: Instants, names: Sequence[str] | None = None
) -> Prepared:
    """Read evidence and policies of a workspace at two instants.

    Raises:
        DocumentFaults: a policy or the register is wrong.
        TrustError: recorded evidence no longer has its digest.
        UnknownName: a policy that is neither shipped nor in the workspace.
    """
    bundle = load_bundle(workspace, instants.true_at, instants.known_at)
    loaded = load_policies(workspace, names)
    return Prepared(
        instants=instants,
        bundle=bundle,
        inputs=tuple(_inputs(policy, bundle, instants) for policy in loaded),
    )


def _inputs(loaded: LoadedPolicy, bundle: Bundle[EvalLog], instants: Instants) -> Inputs:
    inputs = inputs_of(
        compile_policy(loaded.policy),
        bundle,
        policy_digest=loaded.effective_digest,
        indicator_sets=[each.id for each in loaded.sets],
    )
    return at_instant(inputs, instants.true_at, instants.known_at)


def subjects_of(prepared: Prepared) -> tuple[str, ...]:
    """Return what gates can be asked for: deployments and runs, and models that have neither."""
    register = prepared.register
    asked = {*register.deployments, *register.runs}
    covered = {register.resolve(name).model for name in asked}
    return tuple(sorted(asked | {name for name in register.models if name not in covered}))


def gates_for(subject: str) -> tuple[Gate, ...]:
    """Return the gates that make sense for a kind of subject."""
    kind = subject.partition(":")[0]
    if kind == "run":
        return (Gate.TRAIN,)
    if kind == "deployment":
        return tuple(gate for gate in Gate if gate not in (Gate.TRAIN, Gate.STORE))
    return tuple(Gate)


def decide_all(
    prepared: Prepared,
    subject: str,
    gates: Iterable[Gate] | None = None,
    *,
    ask: Ask = Ask.START,
) -> tuple[Decided, ...]:
    """Decide gates for a subject under every policy.

    Raises:
        UnknownName: the subject is not registered.
    """
    asked = tuple(gates) if gates is not None else gates_for(subject)
    found = []
    for inputs in prepared.inputs:
        known = assess(inputs, subject, prepared.instants.true_at)
        decisions = tuple(decide(known, gate, ask) for gate in asked)
        found.append(Decided(assessment=known, decisions=decisions))
    return tuple(found)


def exit_code(decisions: Iterable[Decision]) -> int:
    """Return the one exit code of a call (rule 3 of the module)."""
    asked = tuple(decisions)
    shut = [each for each in asked if each.governed and not each.is_open]
    settled = [each for each in shut if not each.depends_on_reading]
    if any(not each.inconclusive for each in settled):
        return HELD_KNOWN
    if settled:
        return HELD_INCONCLUSIVE
    if any(each.depends_on_reading for each in asked):
        return ON_READING
    if any(not each.governed for each in asked) or not asked:
        return UNGOVERNED
    return OPEN


def work_for(
    workspace: Workspace, decided: Sequence[Decided], *, by_judgement: bool = False
) -> Mapping[DecisionKey, tuple[tuple[Work, ...], ...]]:
    """Return the sets of work that would open each held gate, by decision."""
    owners = workspace.settings.owners
    return {
        decision_key(decision): why_not(
            each.assessment, decision, by_judgement=by_judgement, owners=owners
        )
        for each in decided
        for decision in each.decisions
        if not decision.is_open
    }


def clocks_for(prepared: Prepared, subject: str) -> dict[tuple[str, str], tuple[Clock, ...]]:
    """Return the clocks of every policy for a subject."""
    found = {}
    for inputs in prepared.inputs:
        known = assess(inputs, subject, prepared.instants.true_at, measurements=())
        found[inputs.policy.name, subject] = clocks(
            inputs, known.subject, prepared.instants.true_at
        )
    return found


def report_on(
    workspace: Workspace,
    prepared: Prepared,
    decided: Sequence[Decided],
    *,
    title: str = "",
    engine: str,
) -> str:
    """Return one self-contained HTML page about decided subjects."""
    subjects = {each.assessment.subject.ref for each in decided}
    running: dict[tuple[str, str], tuple[Clock, ...]] = {}
    for subject in sorted(subjects):
        running |= clocks_for(prepared, subject)
    page = arrange(
        [each.assessment for each in decided],
        [decision for each in decided for decision in each.decisions],
        work_for(workspace, decided, by_judgement=True),
        running,
        engine=engine,
        title=title,
        generated_for=workspace.name,
    )
    return render_html(page)


def held(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions whose gate is governed and shut."""
    return tuple(each for each in decisions if each.governed and not each.is_open)


__all__ = [
    "Decided",
    "Instants",
    "Prepared",
    "clocks_for",
    "decide_all",
    "exit_code",
    "gates_for",
    "held",
    "prepare",
    "report_on",
    "subjects_of",
    "work_for",
]
