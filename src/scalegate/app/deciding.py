"""Assess, decide, explain: what a user does with a workspace, for every policy apart.

1. Every policy that is used decides by itself; nothing is averaged and nothing is hidden.
2. Reading is as of two instants: what was true (`as_of`), as far as it was known (`known_at`).
3. One exit code per call, the first that applies: 10 if some asked gate is held under every
   reading by something known to be unmet, 11 if held for want of evidence, 13 if the answer
   depends on a reading nobody fixed, 15 if a gate is not governed and none is held, else 0. Where
   nothing was decided, it is 11: nothing is never open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scalegate.app.workspace import (
    LoadedPolicy,
    Workspace,
    load_bundle,
    load_policies,
    names_in_force,
)
from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.clocks import Clock, clocks
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Inputs, OpeningWork
from scalegate.gate.orders import gates_of
from scalegate.gate.refer import resolve_subject
from scalegate.gate.why_not import what_if, why_not
from scalegate.policy.compile import compile_policy
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind
from scalegate.report.arrange import arrange, with_waivers
from scalegate.report.html import render_html
from scalegate.report.model import DecisionKey, WaiverView, decision_key

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
    policies: tuple[LoadedPolicy, ...] = ()
    """What was compiled, where it was read from a workspace."""

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
    workspace: Workspace,
    instants: Instants,
    names: Sequence[str] | None = None,
    *,
    is_proved: bool = False,
) -> Prepared:
    """Read evidence and policies of a workspace at two instants.

    With `is_proved` what rules out must rest on no conjecture.

    Raises:
        DocumentFaults: a policy or the register is wrong.
        TrustError: recorded evidence no longer has its digest.
        UnknownName: a policy that is neither shipped nor in the workspace.
    """
    bundle = load_bundle(workspace, instants.true_at, instants.known_at)
    loaded = load_policies(workspace, names or _default_names(workspace, instants))
    return Prepared(
        instants=instants,
        bundle=bundle,
        policies=loaded,
        inputs=tuple(
            inputs_from(policy, bundle, instants, is_proved=is_proved) for policy in loaded
        ),
    )


def _default_names(workspace: Workspace, instants: Instants) -> tuple[str, ...]:
    """Return the policies of the settings, else every one in force at the instant asked about."""
    settings = workspace.settings
    lab = settings.lab
    chosen = settings.frameworks or names_in_force(workspace.policies, instants.true_at, lab=lab)
    if not chosen:
        day = instants.true_at.date().isoformat()
        whose = f" of `{plain(lab)}`" if lab else ""
        raise UsageError(f"no policy{whose} was in force on {day}", hint="name one with `--policy`")
    return chosen


def inputs_from(
    loaded: LoadedPolicy, bundle: Bundle[EvalLog], instants: Instants, *, is_proved: bool = False
) -> Inputs:
    """Return what a policy decides from, at two instants.

    Raises:
        DocumentFaults: the register is wrong.
    """
    inputs = inputs_of(
        compile_policy(loaded.policy),
        bundle,
        policy_digest=loaded.effective_digest,
        indicator_sets=[each.id for each in loaded.sets],
        is_proved=is_proved,
    )
    return at_instant(inputs, instants.true_at, instants.known_at)


def subjects_of(prepared: Prepared) -> tuple[str, ...]:
    """Return what gates can be asked for: each model, followed by its deployments and runs."""
    register = prepared.register
    found: dict[str, None] = {}
    for model in sorted(register.models):
        found[model] = None
        found |= dict.fromkeys(parts_of(prepared, model))
    return (*found, *sorted({*register.deployments, *register.runs} - found.keys()))


def parts_of(prepared: Prepared, model: str) -> tuple[str, ...]:
    """Return the deployments and runs of a model, sorted; none for another kind of subject."""
    register = prepared.register
    asked = sorted(register.deployments) + sorted(register.runs)
    return tuple(each for each in asked if each != model and register.resolve(each).model == model)


def subject_of(prepared: Prepared, ref: str) -> str:
    """Return the full name of a subject, which may be given without its kind where it is unique.

    Raises:
        UnknownName: nothing, or more than one thing, has this name.
    """
    register = prepared.register
    names = (*register.models, *register.deployments, *register.runs, *register.checkpoints)
    if ref in names:
        return ref
    found = [name for name in names if name.partition(":")[2] == ref]
    if len(found) == 1:
        return found[0]
    raise UnknownName("subject", ref, known=found or names)


def subjects_named(prepared: Prepared, words: Iterable[str]) -> tuple[str, ...]:
    """Return the subjects that words name, each once; `run:astra-*` names every one that fits.

    Raises:
        UnknownName: nothing, or more than one thing, has a name; nothing fits a pattern.
    """
    from fnmatch import fnmatchcase

    register = prepared.register
    names = (*register.models, *register.deployments, *register.runs, *register.checkpoints)
    found: dict[str, None] = {}
    for word in words:
        if not any(sign in word for sign in "*?["):
            found[subject_of(prepared, word)] = None
            continue
        fitting = [name for name in sorted(names) if fnmatchcase(name, word)]
        if not fitting:
            raise UnknownName("subject", word, known=names)
        found |= dict.fromkeys(fitting)
    return tuple(found)


def gates_for(prepared: Prepared, subject: str) -> tuple[Gate, ...]:
    """Return the gates to ask for a subject where none is named.

    A deployment has those that it says it passes, a run has training; all others have every gate.
    """
    register = prepared.register
    if subject in register.runs or subject in register.deployments:
        return gates_of(register, subject)
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
    asked = tuple(gates) if gates is not None else gates_for(prepared, subject)
    found = []
    for inputs in prepared.inputs:
        known = assess(inputs, subject, prepared.instants.true_at)
        decisions = tuple(decide(known, gate, ask) for gate in asked)
        found.append(Decided(assessment=known, decisions=decisions))
    return tuple(found)


def exit_code(decisions: Iterable[Decision]) -> int:
    """Return the one exit code of a call (rule 3 of the module)."""
    codes = {exit_code_of(each) for each in decisions}
    order = (HELD_KNOWN, HELD_INCONCLUSIVE, ON_READING, UNGOVERNED, OPEN)
    return next((code for code in order if code in codes), HELD_INCONCLUSIVE)


def exit_code_of(decision: Decision) -> int:
    """Return the exit code of one gate under one policy."""
    if decision.is_open:
        return OPEN
    if not decision.governed:
        return UNGOVERNED
    is_ordered = any(order.level >= EffectLevel.RESTRICT for order in decision.orders)
    if decision.depends_on_reading and not is_ordered:
        return ON_READING
    return HELD_INCONCLUSIVE if decision.inconclusive else HELD_KNOWN


def suppose(
    decided: Decided, moves: Mapping[tuple[Kind, str], object], *, ask: Ask = Ask.START
) -> tuple[Decision, ...]:
    """Decide the same gates as if these variables had these values; nothing is recorded."""
    supposed = what_if(decided.assessment, moves)
    return tuple(decide(supposed, each.gate, ask, turns=False) for each in decided.decisions)


def work_for(
    workspace: Workspace, decided: Sequence[Decided], *, by_judgement: bool = False
) -> Mapping[DecisionKey, OpeningWork]:
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
        resolved = resolve_subject(inputs.register, subject)
        found[inputs.policy.name, subject] = clocks(inputs, resolved, prepared.instants.true_at)
    return found


def report_on(
    workspace: Workspace,
    prepared: Prepared,
    decided: Sequence[Decided],
    *,
    waivers: Mapping[DecisionKey, Sequence[WaiverView]] | None = None,
    title: str = "",
    engine: str,
) -> str:
    """Return one self-contained HTML page about decided subjects, with waivers beside answers."""
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
    return render_html(with_waivers(page, waivers or {}))


__all__ = [
    "Decided",
    "Instants",
    "Prepared",
    "clocks_for",
    "decide_all",
    "exit_code",
    "exit_code_of",
    "gates_for",
    "inputs_from",
    "parts_of",
    "prepare",
    "report_on",
    "subject_of",
    "subjects_named",
    "subjects_of",
    "suppose",
    "work_for",
]
