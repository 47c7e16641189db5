"""Entries of the register: models with checkpoints and edges, deployments, runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scalegate.evidence.documents.fields import (
    Amount,
    CheckpointRef,
    Cite,
    Domain,
    Exact,
    Fault,
    FrameworkRef,
    Identifier,
    Instant,
    LabRef,
    Many,
    ModelRef,
    NodeRef,
    Part,
    Positive,
    SeriesRef,
    Sha256,
    Short,
    Text,
    Word,
    fault_unless,
    refuse,
)
from scalegate.evidence.documents.safeguards import SurfaceKind

VariantKind = Literal["helpful_only", "fine_tuned", "quantised", "distilled"]
EdgeKind = Literal["checkpoint_of", "variant_of", "successor_of", "bounded_by"]


class Checkpoint(Part):
    """One set of weights."""

    id: CheckpointRef
    """Its name: `checkpoint:opus-4/final`."""
    weights_sha256: Sha256 | None = None
    """Digest of the weights, where the lab gives one."""
    taken_at: Instant | None = None
    """When it was saved."""
    role: Literal["shipped", "candidate", "intermediate", "elicitation"] = "candidate"
    """What it is for."""
    refuses: bool = False
    """Whether it is trained to refuse; a refusing checkpoint rules nothing out elsewhere."""
    efforts: Many[Short] = ()
    """Reasoning efforts it can be run at, the lowest first; what was tried at less than the last
    rules nothing out, whatever a deployment allows."""


class Edge(Part):
    """A typed, dated relation between two checkpoints or models."""

    kind: EdgeKind
    """`checkpoint_of` a model, `variant_of` a checkpoint, `successor_of` or `bounded_by` either."""
    start: NodeRef
    """The checkpoint or model that the relation is said of."""
    to: NodeRef
    """What it is related to."""
    variant: VariantKind | None = None
    """For `variant_of`: which variant."""
    domains: Many[Domain] = ()
    """For `bounded_by`: in which domains."""
    evidence: Many[Identifier] = ()
    """For `bounded_by`: ids of the documents that show the bound."""
    framework: FrameworkRef | None = None
    """For `bounded_by`: the framework whose rule was used, if one."""
    effective_compute_ratio: Positive | None = None
    """For `successor_of`: effective compute relative to what it succeeds."""
    elicitation_months: Amount | None = None
    """For `successor_of`: months of elicitation progress since what it succeeds."""
    since: Instant | None = None
    """From when; absent: with the document."""
    cite: Cite | None = None
    """Where it is printed, if not at the document's source."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Edge:
        bounded = self.kind == "bounded_by"
        refuse(
            [
                *fault_unless(self.start != self.to, "to", "relation of a thing to itself"),
                *fault_unless(
                    (self.variant is not None) == (self.kind == "variant_of"),
                    "variant",
                    "`variant` belongs to `variant_of`, and to it alone",
                ),
                *fault_unless(
                    bool(self.domains) == bounded,
                    "domains",
                    "`domains` belong to `bounded_by`, and to it alone",
                ),
                *fault_unless(
                    bool(self.evidence) == bounded,
                    "evidence",
                    "`evidence` belongs to `bounded_by`, and to it alone",
                ),
                *fault_unless(
                    self.kind == "successor_of"
                    or (self.effective_compute_ratio, self.elicitation_months) == (None, None),
                    "effective_compute_ratio",
                    "growth belongs to `successor_of`, and to it alone",
                ),
                *_ends(self),
            ]
        )
        return self


_ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "checkpoint_of": (("checkpoint",), ("model",)),
    "variant_of": (("checkpoint",), ("checkpoint",)),
    "successor_of": (("checkpoint", "model"), ("checkpoint", "model")),
    "bounded_by": (("checkpoint", "model"), ("checkpoint", "model")),
}


def _ends(edge: Edge) -> list[Fault]:
    starts, targets = _ENDS[edge.kind]
    faults: list[Fault] = []
    for path, ref, allowed in (("start", edge.start, starts), ("to", edge.to, targets)):
        if ref.split(":", 1)[0] not in allowed:
            faults.append(
                Fault((path,), f"wrong end of `{edge.kind}`", " or ".join(allowed), f"`{ref}`")
            )
    return faults


class ModelEntry(Part):
    """A model: one foundational training run, with its checkpoints and relations."""

    series: SeriesRef
    """The series it belongs to; alerts stick to the series."""
    lab: LabRef | None = None
    """Who develops it."""
    checkpoints: Many[Checkpoint] = ()
    """Its checkpoints."""
    edges: Many[Edge] = ()
    """Relations of the model and its checkpoints."""
    is_root: bool = False
    """Whether it was comprehensively assessed: growth and time are measured from here."""
    root: ModelRef | None = None
    """The last comprehensively assessed model that this one answers to; itself a root."""
    effective_compute_ratio: Positive | None = None
    """Effective compute relative to the root; 4 means four times the root's."""
    effective_compute_method: Text | None = None
    """How the ratio was estimated."""
    effective_compute_flop: Positive | None = None
    """Effective compute by itself, in FLOP: for comparing models that have different roots."""
    elicitation_months: Amount | None = None
    """Months of post-training and elicitation progress since the root."""
    released_at: Instant | None = None
    """First release, where there was one."""

    @model_validator(mode="after")
    def _has_one_root(self) -> ModelEntry:
        ids = [checkpoint.id for checkpoint in self.checkpoints]
        grown = self.effective_compute_ratio is not None or self.elicitation_months is not None
        refuse(
            [
                *fault_unless(not (self.is_root and self.root), "root", "a root has no other root"),
                *fault_unless(len(set(ids)) == len(ids), "checkpoints", "checkpoint named twice"),
                *fault_unless(
                    self.root or not grown,
                    "root",
                    "growth without a root",
                    expected="the model that growth is measured from",
                ),
            ]
        )
        return self


class Surface(Part):
    """A way to reach the model."""

    name: Short
    """Its name, used by safeguard evidence."""
    kind: SurfaceKind
    """What it is."""
    operator: Short | None = None
    """Who runs it, if not the developer."""
    registered: bool = True
    """False for one that was seen and never registered: nothing is live there."""


class Configuration(Part):
    """What is deployed beside the weights, by digest or version."""

    sha256: Sha256 | None = None
    """Digest of the whole configuration."""
    adapters: Many[Short] = ()
    """Adapters and fine-tunes, by digest or version."""
    system_prompt_sha256: Sha256 | None = None
    """The system prompt."""
    tools: Many[Short] = ()
    """Tools that the model can use."""
    classifiers: Many[Short] = ()
    """Input and output classifiers, with versions."""
    monitors: Many[Short] = ()
    """Monitors, with versions."""
    effort_cap: Short | None = None
    """The highest reasoning effort that users can ask for."""
    fallback: Short | None = None
    """The model that refused or flagged queries fall back to."""
    blocked_domains: Many[Domain] = ()
    """Domains that are blocked in it."""


class DeploymentEntry(Part):
    """One deployment: checkpoint, surfaces, audience, jurisdictions, configuration."""

    checkpoint: CheckpointRef
    """What is deployed."""
    surfaces: Annotated[Many[Surface], Field(min_length=1)]
    """Every surface it is reached by."""
    audience: Literal["staff", "named_testers", "vetted_tier", "everyone"]
    """Who may use it, at most."""
    jurisdictions: Many[Short] = ()
    """Where it is offered."""
    configuration: Configuration = Field(default_factory=Configuration)
    """What runs beside the weights."""
    gates: Many[
        Literal[
            "store",
            "internal",
            "internal_high_risk",
            "external_limited",
            "external_general",
            "open_weights",
        ]
    ] = ()
    """Gates that it passes through, if said."""
    labels: Many[Word] = ()
    """Words of the lab's own that orders select by, such as `alpha`."""
    opened_at: Instant | None = None
    """When it opened, where it has."""
    closed_at: Instant | None = None
    """When it closed, where it has."""

    @model_validator(mode="after")
    def _surfaces_are_unique(self) -> DeploymentEntry:
        names = [surface.name for surface in self.surfaces]
        refuse(fault_unless(len(set(names)) == len(names), "surfaces", "surface named twice"))
        return self


class RunEntry(Part):
    """A training or inference workload."""

    kind: Literal["pretraining", "mid_training", "fine_tuning", "reinforcement", "inference"]
    """What it does."""
    checkpoint: CheckpointRef | None = None
    """The checkpoint it starts from; none for a run from scratch."""
    model: ModelRef | None = None
    """The model it makes, where it has a name."""
    planned_effective_compute: Positive | None = None
    """Planned effective compute, in the stated unit."""
    consumed_effective_compute: Amount | None = None
    """Effective compute consumed so far, in the stated unit."""
    unit: Literal["flop", "ratio_to_root"] | None = None
    """Unit of both."""
    labels: Many[Word] = ()
    """Words of the lab's own that orders select by, such as `experimental`."""
    started_at: Instant | None = None
    """When it started, where it has."""
    ended_at: Instant | None = None
    """When it ended, where it has."""

    @model_validator(mode="after")
    def _has_its_unit(self) -> RunEntry:
        amounts: tuple[Exact | None, ...] = (
            self.planned_effective_compute,
            self.consumed_effective_compute,
        )
        refuse(
            fault_unless(
                self.unit or amounts == (None, None),
                "unit",
                "compute without a unit",
                expected="`flop` or `ratio_to_root`",
            )
        )
        return self


__all__ = [
    "Checkpoint",
    "Configuration",
    "DeploymentEntry",
    "Edge",
    "EdgeKind",
    "ModelEntry",
    "RunEntry",
    "Surface",
    "VariantKind",
]
