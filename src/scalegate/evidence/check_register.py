"""Put the register's documents together and find what does not fit (rule 1 of `register`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scalegate.base.errors import FormatError
from scalegate.evidence.documents.registry import (
    Checkpoint,
    DeploymentEntry,
    Edge,
    ModelEntry,
    RunEntry,
)
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record


@dataclass(slots=True)
class Draft:
    """The register while it is put together."""

    models: dict[str, ModelEntry] = field(default_factory=dict)
    """From the name of a model to its entry."""
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    """From the name of a checkpoint to its entry."""
    model_of: dict[str, str] = field(default_factory=dict)
    """From a checkpoint to its model."""
    parent_of: dict[str, Edge] = field(default_factory=dict)
    """From a checkpoint to its `variant_of` edge."""
    predecessor_of: dict[str, str] = field(default_factory=dict)
    """From a model or checkpoint to the one it succeeds."""
    steps: dict[str, Edge] = field(default_factory=dict)
    """From a model or checkpoint to its `successor_of` edge."""
    bounds: list[Edge] = field(default_factory=list)
    """All `bounded_by` edges."""
    deployments: dict[str, DeploymentEntry] = field(default_factory=dict)
    """From the name of a deployment to its entry."""
    runs: dict[str, RunEntry] = field(default_factory=dict)
    """From the name of a run to its entry."""
    faults: list[FormatError] = field(default_factory=list)
    """What does not fit."""

    def refuse(
        self,
        record: Record,
        what: str,
        *,
        path: str = "",
        expected: str = "",
        got: str = "",
        hint: str = "",
    ) -> None:
        """Note a fault of one record."""
        self.faults.append(
            FormatError(
                what,
                file=record.file or record.id,
                path=path,
                expected=expected,
                got=got,
                hint=hint,
            )
        )


def draft_of(records: Iterable[Record]) -> Draft:
    """Put model, deployment and run records together, and list every fault."""
    ordered = sorted(set(records), key=lambda record: (record.subject, record.id, record.digest))
    models = [record for record in ordered if record.kind is Kind.MODEL]
    draft = Draft()
    for record in models:
        _add_model(draft, record)
    for record in models:
        _add_edges(draft, record)
    for record in models:
        _check_root(draft, record)
    _add_workloads(draft, ordered)
    _check_cycles(draft)
    return draft


def _add_model(draft: Draft, record: Record) -> None:
    entry = record.payload_as(ModelEntry)
    if record.subject in draft.models:
        draft.refuse(record, "model registered twice", path="subject", got=f"`{record.subject}`")
        return
    draft.models[record.subject] = entry
    for index, checkpoint in enumerate(entry.checkpoints):
        other = draft.model_of.get(checkpoint.id)
        if other is not None:
            draft.refuse(
                record,
                "checkpoint with two parents",
                path=f"payload.checkpoints[{index}]",
                expected="one model for each checkpoint",
                got=f"`{checkpoint.id}` of `{other}` and `{record.subject}`",
            )
            continue
        draft.checkpoints[checkpoint.id] = checkpoint
        draft.model_of[checkpoint.id] = record.subject


def _add_edges(draft: Draft, record: Record) -> None:
    for index, edge in enumerate(record.payload_as(ModelEntry).edges):
        path = f"payload.edges[{index}]"
        known = True
        for end, name in (("start", edge.start), ("to", edge.to)):
            if name not in draft.models and name not in draft.checkpoints:
                known = False
                draft.refuse(
                    record,
                    "edge to something that is not registered",
                    path=f"{path}.{end}",
                    got=f"`{name}`",
                    hint="register the model or checkpoint, or correct its name",
                )
        if known:
            _add_edge(draft, record, edge, path=path)


def _add_edge(draft: Draft, record: Record, edge: Edge, *, path: str) -> None:
    if edge.kind == "bounded_by":
        draft.bounds.append(edge)
    elif edge.kind == "variant_of":
        first = draft.parent_of.setdefault(edge.start, edge)
        _one_parent(draft, record, edge, (path, first.to))
    elif edge.kind == "successor_of":
        draft.steps.setdefault(edge.start, edge)
        _one_parent(
            draft, record, edge, (path, draft.predecessor_of.setdefault(edge.start, edge.to))
        )
    else:
        _one_parent(draft, record, edge, (path, draft.model_of[edge.start]))


def _one_parent(draft: Draft, record: Record, edge: Edge, place: tuple[str, str]) -> None:
    path, first = place
    if first != edge.to:
        draft.refuse(
            record,
            f"two parents by `{edge.kind}`",
            path=path,
            expected=f"`{first}` alone",
            got=f"`{edge.to}` too",
        )


def _check_root(draft: Draft, record: Record) -> None:
    root = record.payload_as(ModelEntry).root
    if root is None:
        return
    entry = draft.models.get(root)
    if entry is None or not entry.is_root:
        draft.refuse(
            record,
            "root that is none",
            path="payload.root",
            expected="a registered model with `is_root: true`",
            got=f"`{root}`",
            hint="growth is measured from the last comprehensively assessed model",
        )


def _add_workloads(draft: Draft, records: Iterable[Record]) -> None:
    for record in records:
        if record.kind is Kind.DEPLOYMENT:
            deployment = record.payload_as(DeploymentEntry)
            _known(draft, record, "payload.checkpoint", deployment.checkpoint)
            if draft.deployments.setdefault(record.subject, deployment) is not deployment:
                draft.refuse(record, "deployment registered twice", path="subject")
        elif record.kind is Kind.RUN:
            run = record.payload_as(RunEntry)
            _known(draft, record, "payload.checkpoint", run.checkpoint)
            _known(draft, record, "payload.model", run.model)
            if draft.runs.setdefault(record.subject, run) is not run:
                draft.refuse(record, "run registered twice", path="subject")


def _known(draft: Draft, record: Record, path: str, name: str | None) -> None:
    if name is not None and name not in draft.checkpoints and name not in draft.models:
        draft.refuse(
            record,
            "not registered",
            path=path,
            expected="a registered name",
            got=f"`{name}`",
        )


def _check_cycles(draft: Draft) -> None:
    variants = {start: (edge.to,) for start, edge in draft.parent_of.items()}
    successors = {start: (to,) for start, to in draft.predecessor_of.items()}
    relations: list[tuple[str, Mapping[str, tuple[str, ...]]]] = [
        ("variant_of", variants),
        ("successor_of", successors),
        ("successor_of", _between_models(draft)),
    ]
    for domain in sorted({domain for edge in draft.bounds for domain in edge.domains}):
        bounded: dict[str, tuple[str, ...]] = {}
        for edge in draft.bounds:
            if domain in edge.domains:
                bounded[edge.start] = (*bounded.get(edge.start, ()), edge.to)
        relations.append((f"bounded_by in {domain}", bounded))
    told: set[tuple[str, tuple[str, ...]]] = set()
    for name, graph in relations:
        members = _on_a_cycle(graph)
        if members and (name, members) not in told:
            told.add((name, members))
            got = " > ".join(f"`{member}`" for member in members)
            draft.faults.append(
                FormatError(f"cycle of `{name}`", expected="relations without a cycle", got=got)
            )


def _between_models(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return the successions as relations of models: growth is followed from model to model."""
    found: dict[str, tuple[str, ...]] = {}
    for start, to in draft.predecessor_of.items():
        newer, older = draft.model_of.get(start, start), draft.model_of.get(to, to)
        if newer != older:
            found[newer] = (*found.get(newer, ()), older)
    return found


def _on_a_cycle(graph: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the nodes that are left when nodes without a way on are taken away, or nothing."""
    left = {start: set(ends) for start, ends in graph.items()}
    while True:
        ended = [start for start, ends in left.items() if not ends & left.keys()]
        if not ended:
            return tuple(sorted(left))
        for start in ended:
            del left[start]
