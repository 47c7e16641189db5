"""Say which way one part of an element moved."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from scalegate.compare.model import Change, Element
from scalegate.policy.document import Cite
from scalegate.policy.vocabulary import NamedEnum

DAYS = {"min": Decimal(1) / 1440, "h": Decimal(1) / 24, "d": Decimal(1), "w": Decimal(7),
        "m": Decimal("30.4375"), "y": Decimal("365.25")}  # fmt: skip
"""Days of a unit of time; a month is a twelfth of a year."""


class Named(Protocol):
    """A part of a policy with an id and a citation."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def cite(self) -> Cite:
        """Where the text says so."""
        ...


Item = TypeVar("Item", bound=Named)
Rules = Callable[[Item, Item], Iterable["Moved"]]
Pairs = tuple[Sequence[Item], Sequence[Item]]
Ids = tuple[str, ...]
Kin = Mapping[str, Mapping[str, Ids]]
"""Per kind of part and id of the old policy: the ids in the new one."""
BY_ID: Kin = {}
"""Parts of one id are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One part of an element that moved."""

    part: str
    """Which part."""
    change: Change
    old: str
    new: str


def matched(
    what: str,
    parts: Pairs[Item],
    rules: Rules[Item],
    *,
    lost: Change,
    kin: Kin = BY_ID,
) -> Iterator[Element]:
    """Yield the elements that were lost, added, or moved.

    Args:
        what: the kind of element.
        parts: those of the old and of the new policy.
        rules: yields what moved between two that are the same.
        lost: which way it goes when the new policy has it no longer.
        kin: which are the same; where it has no such kind, those of one id.
    """
    before, after = ({item.id: item for item in items} for items in parts)
    heirs = {name: heirs_of(name, after, kin.get(what)) for name in before}
    for name, item in before.items():
        if not heirs[name]:
            cites = (str(item.cite), "")
            yield Element(what=what, name=name, change=lost, old=said(item), new="", cites=cites)
    groups: dict[tuple[str, ...], list[Item]] = {}
    for name, item in before.items():
        if heirs[name]:
            groups.setdefault(heirs[name], []).append(item)
    for found, group in groups.items():
        yield from _moved(what, group, [after[name] for name in found], rules)
    known = {name for found in heirs.values() for name in found}
    for name, item in after.items():
        if name not in known:
            cites = ("", str(item.cite))
            yield Element(
                what=what, name=name, change=turned(lost), old="", new=said(item), cites=cites
            )


def heirs_of(name: str, after: Container[str], kin: Mapping[str, tuple[str, ...]] | None) -> Ids:
    """Return the ids that a part of the old policy has in the new one."""
    found = (name,) if kin is None else kin.get(name, ())
    return tuple(each for each in found if each in after)


def _moved(what: str, old: list[Item], new: list[Item], rules: Rules[Item]) -> Iterator[Element]:
    """Yield what moved between parts that are the same.

    Where several make one, a move counts that each of them made: what one of several lacks, another
    may have.
    """
    first, *others = ([*rules(one, other)] for one in old for other in new)
    names = [", ".join(item.id for item in items) for items in (old, new)]
    name = names[0] if names[0] == names[1] else " -> ".join(names)
    for moved in first:
        if all(any(_is_same(moved, each) for each in found) for found in others):
            yield Element(
                what=what,
                name=f"{name}: {moved.part}" if moved.part else name,
                change=moved.change,
                old=moved.old,
                new=moved.new,
                cites=(str(old[0].cite), str(new[0].cite)),
            )


def _is_same(one: Moved, other: Moved) -> bool:
    is_list = not (one.old and one.new)
    return (one.part, one.change) == (other.part, other.change) and (not is_list or one == other)


def as_element(what: str, moved: Moved, cites: tuple[object, object]) -> Element:
    """Return one part that moved as an element of its own; a citation may be lacking."""
    return Element(
        what=what,
        name=moved.part,
        change=moved.change,
        old=moved.old,
        new=moved.new,
        cites=(str(cites[0] or ""), str(cites[1] or "")),
    )


def said(item: Any) -> str:
    """Return what an element says, as the file paraphrases it."""
    return str(getattr(item, "native", "") or getattr(item, "statement", "") or item.id)


def turned(change: Change) -> Change:
    """Return the other direction."""
    return {
        Change.LOOSENED: Change.TIGHTENED,
        Change.TIGHTENED: Change.LOOSENED,
        Change.CHANGED: Change.CHANGED,
    }[change]


def verb(old: Any, new: Any) -> Iterator[Moved]:
    """Yield a weaker or stronger verb, with both verbs as printed."""
    if old.modality != new.modality:
        change = Change.LOOSENED if new.modality < old.modality else Change.TIGHTENED
        texts = [f'{item.modality.word} ("{item.native_verb}")' for item in (old, new)]
        yield Moved(part="modality", change=change, old=texts[0], new=texts[1])


def listed(
    part: str, old: Iterable[str], new: Iterable[str], *, lost: Change = Change.LOOSENED
) -> Iterator[Moved]:
    """Yield what a list lost and what it gained, each with its direction."""
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    gone = [item for item in before if item not in after]
    come = [item for item in after if item not in before]
    if gone:
        yield Moved(part=part, change=lost, old="; ".join(gone), new="")
    if come:
        yield Moved(part=part, change=turned(lost), old="", new="; ".join(come))


def span(part: str, old: str | None, new: str | None, *, longer: Change) -> Iterator[Moved]:
    """Yield a span of time that moved; no span at all counts as the longest.

    Units: spans are compared in days.
    """
    if old == new:
        return
    lengths = [days(item) for item in (old, new)]
    if lengths[0] == lengths[1]:
        return
    change = longer if lengths[1] > lengths[0] else turned(longer)
    yield Moved(part=part, change=change, old=old or "no limit", new=new or "no limit")


def days(text: str | None) -> Decimal:
    """Return the length of a span in days; infinite where there is none."""
    if text is None:
        return Decimal("Infinity")
    unit = text.lstrip("0123456789")
    return int(text.removesuffix(unit)) * DAYS[unit]


def number(
    part: str, old: Decimal | None, new: Decimal | None, *, larger: Change, none: Change
) -> Iterator[Moved]:
    """Yield a number that moved.

    Args:
        part: which part.
        old: the number of the old policy.
        new: the number of the new policy.
        larger: which way it goes when the number grows.
        none: which way it goes when the new policy has none.
    """
    if old == new:
        return
    if old is None or new is None:
        change = none if new is None else turned(none)
    else:
        change = larger if new > old else turned(larger)
    yield Moved(part=part, change=change, old=shown(old), new=shown(new))


def other(part: str, old: Any, new: Any, change: Change = Change.CHANGED) -> Iterator[Moved]:
    """Yield a part that is not the same; without more, the direction is not known."""
    if old != new:
        yield Moved(part=part, change=change, old=shown(old), new=shown(new))


def shown(value: Any) -> str:
    """Return a value as a reader would write it."""
    if value is None:
        return "none"
    if isinstance(value, NamedEnum):
        return value.word
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "value", value))
