"""Judge the rows of a policy over all situations: which can never apply, never decide, never open.

1. A row *fires* where it applies and is not satisfied. Its trigger, its requirement and where it
   fires are written as boxes (`frontier`) over one space of all rows.
2. A row that fires inside the union of the rows that are stricter, at each of its gates, never
   decides; inside the union of those at least as strict, it is redundant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scalegate.base.errors import UsageError
from scalegate.base.yaml_text import DocumentPath
from scalegate.policy.compile import Program, Row
from scalegate.policy.conditions import atoms_of
from scalegate.policy.frontier import Boxes, BoxWriter, cell_text
from scalegate.policy.monotone import Relaxation, outside, relaxations
from scalegate.policy.space import space_of
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind

Found = tuple[str, DocumentPath, str]
MAX_COMPARED = 400
"""Beyond this many boxes, rows are not compared with one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """Where one row stands and fires."""

    row: Row
    places: dict[tuple[Gate, Ask], EffectLevel]
    fires: Boxes


def row_findings(program: Program) -> Iterator[Found]:
    """Yield findings about single rows, then about rows that others make needless."""
    try:
        yield from _row_findings(program)
    except UsageError as error:
        yield "SG0110", ("commitments",), f"the rows were not compared: {error.what}"


def step_findings(program: Program) -> Iterator[Found]:
    """Yield one finding per threshold or safeguard that relaxes a gate by getting worse."""
    try:
        found: dict[str, list[Relaxation]] = {}
        for step in relaxations(program):
            found.setdefault(step.name, []).append(step)
    except UsageError as error:
        yield "SG0110", ("commitments",), f"directions were not searched: {error.what}"
        return
    policy = program.policy
    for name, steps in found.items():
        step = steps[0]
        section = "thresholds" if step.kind.value == "status" else "safeguards"
        index = [item.id for item in getattr(policy, section)].index(name)
        gates = ", ".join(dict.fromkeys(f"`{item.gate.value}`" for item in steps))
        message = (
            f"`{name}` from {cell_text(step.better)} to {cell_text(step.worse)} relaxes"
            f" {step.effect.word} to {step.relaxed_to.word} at {gates}; the stricter effect came"
            f" from {', '.join(f'`{row}`' for row in step.commitments)}; in the situation"
            f" {_situation_text(step)}"
        )
        yield "SG0203", (section, index), message


def _situation_text(step: Relaxation) -> str:
    shown = []
    for field in step.after.__slots__:
        for name, value in getattr(step.after, field).items():
            if name != step.name:
                shown.append(f"{name} {cell_text(value)}")
    return "; ".join(shown[:12]) + (" ..." if len(shown) > 12 else "") or "with nothing else known"


def _row_findings(program: Program) -> Iterator[Found]:
    rows = _rows_by_id(program)
    if not rows:
        return
    writer = BoxWriter(space_of(program, [row for row, _ in rows.values()]))
    regions: dict[str, _Region] = {}
    order = {row.id: index for index, row in enumerate(program.policy.commitments)}
    for name, (row, places) in rows.items():
        path: DocumentPath = ("commitments", order[name])
        triggered = writer.triggered(row)
        if not triggered:
            yield "SG0101", (*path, "if"), f"`{name}` can never apply"
            continue
        fires = writer.fires(row)
        if not fires:
            if not row.owes:
                yield "SG0102", path, f"`{name}` can never be unsatisfied"
            continue
        yield from _unmeetable(writer, row, fires, (*path, "require"))
        regions[name] = _Region(row=row, places=places, fires=fires)
    for name in regions:
        yield from _needless(writer, name, regions, ("commitments", order[name]))


def _rows_by_id(program: Program) -> dict[str, tuple[Row, dict[tuple[Gate, Ask], EffectLevel]]]:
    rows: dict[str, tuple[Row, dict[tuple[Gate, Ask], EffectLevel]]] = {}
    for at, found in program.rows.items():
        for row in found:
            rows.setdefault(row.source.id, (row, {}))[1][at] = row.level
    return rows


def _unmeetable(writer: BoxWriter, row: Row, fires: Boxes, path: DocumentPath) -> Iterator[Found]:
    space, name = writer.space, row.source.id
    applies = writer.triggered(row)
    if all(outside(space, box, fires) is None for box in applies):
        yield "SG0105", path, f"`{name}` can never be satisfied once it applies"
        return
    unspecified = {item.id for item in space.program.policy.standards if item.unspecified}
    silent = tuple(
        variable.accepting(lambda cell: cell is not True) | (space.full & ~variable.mask)
        for variable in space.variables
        if variable.kind is Kind.SPECIFIED
    )
    named = {atom.name for atom, _ in atoms_of(row.source.require) if atom.word == "met"}
    wanted = sorted(named & unspecified)
    for box in silent:
        applies = tuple(part & box for part in applies)
    if wanted and all(outside(space, box, fires) is None for box in applies):
        shown = ", ".join(f"`{item}`" for item in wanted)
        yield "SG0106", path, f"`{name}` needs {shown}, which the text does not specify"


def _needless(
    writer: BoxWriter, name: str, regions: dict[str, _Region], path: DocumentPath
) -> Iterator[Found]:
    region = regions[name]
    others = [(other, item) for other, item in regions.items() if other != name]
    for code, stricter in (("SG0103", 1), ("SG0104", 0)):
        covering: dict[str, None] = {}
        for at, level in region.places.items():
            rows = [
                (other, item.fires)
                for other, item in others
                if item.places.get(at, EffectLevel.ALLOW) >= level + stricter
            ]
            found = _cover(writer, region.fires, rows)
            if found is None:
                break
            covering.update(dict.fromkeys(found))
        else:
            source = region.row.source
            says_more = source.obligations or source.before or source.otherwise.obligations
            if code == "SG0104" and (says_more or source.otherwise.limits):
                return
            shown = ", ".join(f"`{other}`" for other in covering)
            verb = "is always outdone by" if stricter else "adds no effect to"
            yield code, path, f"`{name}` {verb} {shown}"
            return


def _cover(writer: BoxWriter, fires: Boxes, rows: list[tuple[str, Boxes]]) -> list[str] | None:
    """Return the rows whose boxes cover these, one row alone if one can; else None."""
    space = writer.space
    for name, boxes in rows:
        if all(any(not box & ~wider for wider in boxes) for box in fires):
            return [name]
    union = [box for _, boxes in rows for box in boxes]
    if not union or len(union) + len(fires) > MAX_COMPARED:
        return None
    if any(outside(space, box, tuple(union)) is not None for box in fires):
        return None
    return [
        name
        for name, boxes in rows
        if any(space.meet(box, other) is not None for box in fires for other in boxes)
    ]
