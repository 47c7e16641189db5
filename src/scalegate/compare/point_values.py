"""Points of a comparison as plain data: which values depart from the best, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scalegate.base.errors import TrustError
from scalegate.compare.joint import Joint
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
    known = order.joint.told
    for place, chosen in sorted(point.items()):
        at = (place, order.cell(place, chosen))
        if at not in known:
            known[at] = _value(order.joint, *at)
        found = known[at]
        assert isinstance(found, PointValue)
        yield found


def _value(joint: Joint, place: int, cell: int) -> PointValue:
    variable = joint.variables[place]
    word = cell_word(variable.cells[cell])
    return PointValue(kind=variable.kind.value, name=_name(joint, place), value=word)


def point_text(order: Order, point: Point) -> str:
    """Say a point in a line."""
    named = values_of(order, point)
    return ", ".join(f"{value.kind} `{value.name}` {value.value}" for value in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The variables of two policies and their values, as a certificate names them."""

    places: Mapping[tuple[str, str], int]
    """Per kind and id: the variable by place."""
    cells: Mapping[int, Mapping[tuple[type, object], int]]
    """Per variable: per type and word, the place of the value."""

    @classmethod
    def of(cls, joint: Joint) -> Words:
        """Return those of two policies."""
        return cls(
            places={
                (variable.kind.value, _name(joint, place)): place
                for place, variable in enumerate(joint.variables)
            },
            cells={
                place: {
                    (type(word), word): at
                    for at, word in reversed(list(enumerate(map(cell_word, variable.cells))))
                }
                for place, variable in enumerate(joint.variables)
            },
        )


class PointReader:
    """Reads points back."""

    def __init__(self, order: Order, words: Words | None = None) -> None:
        self._order = order
        self._words = words or Words.of(order.joint)

    def point(self, values: Iterable[PointValue]) -> Point:
        """Return a point from its values.

        Raises:
            TrustError: a variable or a value is not there, or is named twice.
        """
        point: Point = {}
        for value in values:
            place = self._words.places.get((value.kind, value.name), -1)
            classes = self._order.classes.get(place)
            cell = self._words.cells.get(place, {}).get((type(value.value), value.value))
            if classes is None or place in point or cell is None:
                raise TrustError(f"the certificate names a value that `{value.name}` has not")
            point[place] = classes.of[cell]
        return point


def _name(joint: Joint, place: int) -> str:
    """Return the id of a variable; with its policy where the other has another of that id."""
    variable = joint.variables[place]
    twins = [
        each for each in joint.variables if (each.kind, each.name) == (variable.kind, variable.name)
    ]
    return variable.name if len(twins) == 1 else f"{variable.name}/{min(variable.known_to)}"


def cell_word(cell: Cell) -> str | bool | None:
    """Return a value as text that tells it from the other values of its variable."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, Status):
        return "+".join([cell.level.word, *sorted(flag.value for flag in cell.flags)])
    return cell.word if isinstance(cell, NamedEnum) else str(cell)
