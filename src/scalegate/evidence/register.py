"""The register: which checkpoint belongs to which model, and which evidence carries where.

The whole rule:

1. A checkpoint belongs to exactly one model and is a variant of at most one checkpoint; a model
   succeeds at most one. Cycles, unknown ends and second parents are faults of the register.
2. Evidence is *connected* to a subject if it was taken on the subject's checkpoint, on its model,
   or on a checkpoint that edges join to it. Evidence that is not connected is reported as
   `no_edge` and never used. Adverse evidence counts wherever it is connected.
3. A *rule-out* carries less far: from an elicitation variant (`helpful_only`, `fine_tuned`) to
   the checkpoint it is a variant of, and along every other edge only if the caller's policy
   says so. A checkpoint that is trained to refuse carries a rule-out to nothing else.
4. A rule-out for a model is one for each of its shipped checkpoints.
5. Growth is measured from the *root*, the last comprehensively assessed model, never from the
   model before, so that small steps cannot add up unseen: where steps of `successor_of` are given,
   they are multiplied back to the root, and the greater of that and of what the model's own entry
   says counts.

Source: design, "Model register"; Anthropic RSP 2.2 section 3.1 (variants without harmlessness
training; the last model that was comprehensively tested).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from scalegate.base.errors import DocumentFaults, UnknownName
from scalegate.evidence.check_register import Draft, draft_of
from scalegate.evidence.documents.registry import (
    Checkpoint,
    DeploymentEntry,
    Edge,
    ModelEntry,
    RunEntry,
)
from scalegate.evidence.growth import Growth, Lineage, growth_of
from scalegate.evidence.model import subject_kind
from scalegate.evidence.record import Record

ELICITATION_VARIANTS = frozenset({"helpful_only", "fine_tuned"})
"""Variants made to bring a capability out; their rule-out carries to what they derive from."""


class CarryReason(StrEnum):
    """Why evidence bears on a subject, or does not."""

    SAME = "same"
    OF_ITS_MODEL = "of_its_model"
    ELICITATION_VARIANT = "elicitation_variant"
    POLICY_EDGE = "policy_edge"
    REFUSING = "refusing"
    EDGE_NOT_CARRIED = "edge_not_carried"
    NO_EDGE = "no_edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step along an edge of the register."""

    edge: str
    """`checkpoint_of`, or the kind of variant: `helpful_only`, `quantised`, ..."""
    start: str
    """Where the step starts."""
    to: str
    """Where it ends."""
    towards_parent: bool
    """Whether it goes from the variant to what it derives from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """Whether evidence taken on one thing bears on another, and by which steps."""

    rules_out: bool
    """Whether a rule-out carries."""
    connected: bool
    """Whether adverse evidence counts."""
    reason: CarryReason
    """Why."""
    path: tuple[Step, ...] = ()
    """The steps, for the reader; empty for the same checkpoint or model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a subject stands for in the register; None where nothing is registered."""

    subject: str
    """The subject that was asked."""
    deployment: str | None = None
    """The deployment, where the subject is one."""
    run: str | None = None
    """The run, where the subject is one."""
    checkpoint: str | None = None
    """The checkpoint."""
    model: str | None = None
    """The model."""
    series: str | None = None
    """The series; alerts stick to it."""
    lab: str | None = None
    """The developer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A model is bounded by another in some domains, with the evidence."""

    by: str
    """The reference checkpoint or model."""
    domains: frozenset[str]
    """In which domains."""
    evidence: tuple[str, ...]
    """Ids of the documents that show it."""
    framework: str | None
    """The framework whose rule was used, if one."""
    since: datetime | None = None
    """From when; None: as long as its document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Models, checkpoints, deployments and runs, with their relations; made by `register_from`."""

    models: Mapping[str, ModelEntry] = field(default_factory=dict)
    """From the name of a model to its entry."""
    checkpoints: Mapping[str, Checkpoint] = field(default_factory=dict)
    """From the name of a checkpoint to its entry."""
    model_of: Mapping[str, str] = field(default_factory=dict)
    """From a checkpoint to its model."""
    parent_of: Mapping[str, Edge] = field(default_factory=dict)
    """From a checkpoint to the `variant_of` edge that starts there."""
    predecessor_of: Mapping[str, str] = field(default_factory=dict)
    """From a model or checkpoint to the one it succeeds."""
    steps: Mapping[str, Edge] = field(default_factory=dict)
    """From a model or checkpoint to its `successor_of` edge, which may say how far it has grown."""
    bounds: tuple[Edge, ...] = ()
    """All `bounded_by` edges."""
    deployments: Mapping[str, DeploymentEntry] = field(default_factory=dict)
    """From the name of a deployment to its entry."""
    runs: Mapping[str, RunEntry] = field(default_factory=dict)
    """From the name of a run to its entry."""

    def knows(self, subject: str) -> bool:
        """Say whether the register has an entry for a subject."""
        return any(
            subject in names
            for names in (self.models, self.checkpoints, self.deployments, self.runs)
        )

    def resolve(self, subject: str) -> Resolved:
        """Follow a subject to its checkpoint, model, series and lab.

        Raises:
            UnknownName: a deployment, run, checkpoint or model that is not registered, or a
                subject that the register does not hold.
        """
        if not self.knows(subject):
            known = (*self.models, *self.checkpoints, *self.deployments, *self.runs)
            raise UnknownName("subject", subject, known=known)
        kind = subject_kind(subject)
        checkpoint, model = self._checkpoint_and_model(subject)
        if model is None and checkpoint is not None:
            model = self.model_of[checkpoint]
        entry = self.models.get(model) if model else None
        return Resolved(
            subject=subject,
            deployment=subject if kind == "deployment" else None,
            run=subject if kind == "run" else None,
            checkpoint=checkpoint,
            model=model,
            series=entry.series if entry else None,
            lab=entry.lab if entry else None,
        )

    def _checkpoint_and_model(self, subject: str) -> tuple[str | None, str | None]:
        if subject in self.deployments:
            return self.deployments[subject].checkpoint, None
        if subject in self.runs:
            run = self.runs[subject]
            # What is known of a run is known of the checkpoint that it starts from.
            return run.checkpoint, None if run.checkpoint else run.model
        if subject in self.checkpoints:
            return subject, None
        return None, subject

    def edge_path(self, start: str, to: str) -> tuple[Step, ...] | None:
        """Return the steps from one checkpoint to another; None if no edges join them.

        Steps along `variant_of` come first; where two checkpoints share only their model, the
        path goes through the model by `checkpoint_of`.

        Raises:
            UnknownName: a checkpoint that is not registered.
        """
        for name in (start, to):
            if name not in self.checkpoints:
                raise UnknownName("checkpoint", name, known=self.checkpoints)
        up, down = self._ancestry(start), self._ancestry(to)
        shared = next((name for name in up if name in down), None)
        if shared is not None:
            rising = [self._step(name, rises=True) for name in up[: up.index(shared)]]
            falling = [self._step(name, rises=False) for name in down[: down.index(shared)]]
            return (*rising, *reversed(falling))
        model = self.model_of[start]
        if model != self.model_of[to]:
            return None
        return (
            Step(edge="checkpoint_of", start=start, to=model, towards_parent=True),
            Step(edge="checkpoint_of", start=model, to=to, towards_parent=False),
        )

    def _ancestry(self, checkpoint: str) -> list[str]:
        line = [checkpoint]
        while line[-1] in self.parent_of:
            line.append(self.parent_of[line[-1]].to)
        return line

    def _step(self, variant: str, *, rises: bool) -> Step:
        edge = self.parent_of[variant]
        kind = str(edge.variant)
        if rises:
            return Step(edge=kind, start=variant, to=edge.to, towards_parent=True)
        return Step(edge=kind, start=edge.to, to=variant, towards_parent=False)

    def carry(
        self, taken_on: str, subject: str, *, policy_edges: frozenset[str] = frozenset()
    ) -> Carry:
        """Say whether evidence taken on a checkpoint or model bears on a subject.

        Args:
            taken_on: the checkpoint or model that the evidence names.
            subject: a deployment, run, checkpoint or model.
            policy_edges: further edges that the policy lets a rule-out follow: `quantised`,
                `distilled`, `checkpoint_of`, ...

        Something that is not registered is connected to nothing but itself.
        """
        if taken_on == subject:
            return Carry(rules_out=True, connected=True, reason=CarryReason.SAME)
        if not (self.knows(taken_on) and self.knows(subject)):
            return _NO_EDGE
        source, target = self.resolve(taken_on), self.resolve(subject)
        if source.checkpoint is None:
            return self._from_model(source, target)
        if target.checkpoint is not None:
            return self._between(source.checkpoint, target.checkpoint, policy_edges)
        return self._to_model(source, target, policy_edges)

    def _from_model(self, source: Resolved, target: Resolved) -> Carry:
        if source.model is None or source.model != target.model:
            return _NO_EDGE
        return Carry(rules_out=True, connected=True, reason=CarryReason.OF_ITS_MODEL)

    def _to_model(self, source: Resolved, target: Resolved, policy_edges: frozenset[str]) -> Carry:
        assert source.checkpoint is not None
        if source.model != target.model or target.model is None:
            return _NO_EDGE
        shipped = [
            checkpoint.id
            for checkpoint in self.models[target.model].checkpoints
            if checkpoint.role == "shipped"
        ]
        carries = [self._between(source.checkpoint, name, policy_edges) for name in shipped]
        if carries:
            return next((carry for carry in carries if not carry.rules_out), carries[0])
        refuses = self.checkpoints[source.checkpoint].refuses
        return Carry(
            rules_out=not refuses,
            connected=True,
            reason=CarryReason.REFUSING if refuses else CarryReason.OF_ITS_MODEL,
        )

    def _between(self, start: str, to: str, policy_edges: frozenset[str]) -> Carry:
        if start == to:
            return Carry(rules_out=True, connected=True, reason=CarryReason.SAME)
        path = self.edge_path(start, to)
        if path is None:
            return _NO_EDGE
        if self.checkpoints[start].refuses:
            reason = CarryReason.REFUSING
        elif all(_elicits(step) for step in path):
            reason = CarryReason.ELICITATION_VARIANT
        elif all(_elicits(step) or step.edge in policy_edges for step in path):
            reason = CarryReason.POLICY_EDGE
        else:
            reason = CarryReason.EDGE_NOT_CARRIED
        carries = reason in (CarryReason.ELICITATION_VARIANT, CarryReason.POLICY_EDGE)
        return Carry(rules_out=carries, connected=True, reason=reason, path=path)

    def connected_to(self, subject: str) -> frozenset[str]:
        """Return every checkpoint and model on which evidence about a subject can be taken."""
        names = (*self.models, *self.checkpoints)
        return frozenset(name for name in (*names, subject) if self.carry(name, subject).connected)

    def growth(self, subject: str) -> Growth | None:
        """Return a model's growth since its root; None where no root is registered for it.

        A root has not grown from itself: its ratio is 1 and its months are 0.

        Raises:
            UnknownName: a subject that is not registered.
        """
        model = self.resolve(subject).model
        lineage = Lineage(models=self.models, steps=self.steps, model_of=self.model_of)
        return growth_of(lineage, model) if model is not None else None

    def bounds_of(self, subject: str) -> tuple[Bound, ...]:
        """Return the bounds registered for a subject's checkpoint or model.

        Raises:
            UnknownName: a subject that is not registered.
        """
        resolved = self.resolve(subject)
        names = {resolved.checkpoint, resolved.model}
        return tuple(
            Bound(
                by=edge.to,
                domains=frozenset(edge.domains),
                evidence=edge.evidence,
                framework=edge.framework,
                since=edge.since,
            )
            for edge in self.bounds
            if edge.start in names
        )


_NO_EDGE = Carry(rules_out=False, connected=False, reason=CarryReason.NO_EDGE)


def _elicits(step: Step) -> bool:
    return step.towards_parent and step.edge in ELICITATION_VARIANTS


def register_from(records: Iterable[Record]) -> Register:
    """Build the register from model, deployment and run records; others are passed over.

    Raises:
        DocumentFaults: every second parent, unknown end, cycle, and root that is none.
    """
    draft: Draft = draft_of(records)
    if draft.faults:
        raise DocumentFaults(draft.faults)
    return Register(
        models=MappingProxyType(draft.models),
        checkpoints=MappingProxyType(draft.checkpoints),
        model_of=MappingProxyType(draft.model_of),
        parent_of=MappingProxyType(draft.parent_of),
        predecessor_of=MappingProxyType(draft.predecessor_of),
        steps=MappingProxyType(draft.steps),
        bounds=tuple(draft.bounds),
        deployments=MappingProxyType(draft.deployments),
        runs=MappingProxyType(draft.runs),
    )
