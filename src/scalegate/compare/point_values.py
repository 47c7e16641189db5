"""Points of a comparison as plain data: which values depart from the best, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scalegate.base.errors import TrustError
from scalegate.compare.order import Order, Point
from scalegate.policy.document import Part
from scalegate.policy.situation import Status
from scalegate.policy.space import Cell
from scalegate.policy.vocabulary import NamedEnum


class PointValue(Part):
    """One value that departs from the best."""

    kind: str
    """Kind of the variable."""
    name: str
    """Its id."""
    value: str | bool | None
    """The value as text; `null` is unknown."""


def values_of(order: Order, point: Point) -> Iterator[PointValue]:
    """Yield the values of a point, in the order of the variables."""
    for place, chosen in sorted(point.items()):
        variable = order.joint.variables[place]
        cell = variable.cells[order.cell(place, chosen)]
        yield PointValue(kind=variable.kind.value, name=_name(order, place), value=cell_word(cell))


def point_text(order: Order, point: Point) -> str:
    """Say a point in a line."""
    named = values_of(order, point)
    return ", ".join(f"{value.kind} `{value.name}` {value.value}" for value in named)


class PointReader:
    """Reads points back."""

    def __init__(self, order: Order) -> None:
        self._order = order
        variables = order.joint.variables
        self._places = {
            (variables[place].kind.value, _name(order, place)): place for place in order.classes
        }
        self._words = {
            place: [cell_word(cell) for cell in variables[place].cells] for place in order.classes
        }

    def point(self, values: Iterable[PointValue]) -> Point:
        """Return a point from its values.

        Raises:
            TrustError: a variable or a value is not there, or is named twice.
        """
        point: Point = {}
        for value in values:
            place = self._places.get((value.kind, value.name))
            words = [] if place is None else self._words[place]
            same = [at for at, word in enumerate(words) if _is_same(word, value.value)]
            if place is None or place in point or not same:
                raise TrustError(f"the certificate names a value that `{value.name}` has not")
            point[place] = self._order.classes[place].of[same[0]]
        return point


def _name(order: Order, place: int) -> str:
    """Return the id of a variable; with its policy where the other has another of that id."""
    variable = order.joint.variables[place]
    twins = [
        each
        for each in order.joint.variables
        if (each.kind, each.name) == (variable.kind, variable.name)
    ]
    return variable.name if len(twins) == 1 else f"{variable.name}/{min(variable.known_to)}"


def cell_word(cell: Cell) -> str | bool | None:
    """Return a value as text that tells it from the other values of its variable."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, Status):
        return "+".join([cell.level.word, *sorted(flag.value for flag in cell.flags)])
    return cell.word if isinstance(cell, NamedEnum) else str(cell)


def _is_same(word: object, value: object) -> bool:
    return type(word) is type(value) and word == value
