"""Write an arranged comparison as lines for a terminal.

A line begins with two blanks per step that it stands in; whoever prints it wraps it.
"""

from __future__ import annotations

from collections.abc import Iterator

from scalegate.compare.model import Change, Verdict
from scalegate.report.difference import (
    ClauseView,
    DifferenceView,
    FamilyView,
    GateRow,
    element_words,
)

MOST_FAMILIES = 1
"""More kinds of situation of one commitment than this are counted, not listed, in a terminal."""
MOST_ELEMENTS = 12
"""More changed elements of one direction than this are counted, not listed, in a terminal."""
HEADS = {
    Change.LOOSENED: "Loosened",
    Change.TIGHTENED: "Tightened",
    Change.CHANGED: "Changed, and the text alone does not say which way",
}
VERDICTS = {
    Verdict.EQUIVALENT: "the gates decide the same",
    Verdict.LOOSENED: "looser at some gate, stricter at none",
    Verdict.TIGHTENED: "stricter at some gate, looser at none",
    Verdict.INCOMPARABLE: "looser in some situations, stricter in others",
    Verdict.UNDECIDED: "too large to compare completely",
}
CELLS = {
    Verdict.EQUIVALENT: "the same",
    Verdict.LOOSENED: "looser",
    Verdict.TIGHTENED: "stricter",
    Verdict.INCOMPARABLE: "looser and stricter",
    Verdict.UNDECIDED: "undecided",
}
ASKS = {"start": "to begin", "continue": "to go on"}


def text_lines(view: DifferenceView) -> Iterator[str]:
    """Yield the comparison as lines for people."""
    old, new = view.heads
    yield f"{old.name} -> {new.name}: {view.verdict.value} ({VERDICTS[view.verdict]})"
    for head in view.heads:
        yield f"  {head.name}: {head.title}, from {head.effective_on}, digest {head.digest[:12]}"
    yield from _bridge_lines(view)
    yield ""
    yield "In short:"
    yield from (f"  {line}" for line in summary(view))
    yield ""
    yield "At the gates, among the rows that decide, the newer policy is:"
    yield from _gate_lines(view)
    for change, views in view.clauses.items():
        yield from _clause_lines(view, change, views)
    for change in view.elements:
        yield from _element_lines(view, change)
    yield from _unmatched_lines(view)
    for names, texts in view.only_under:
        yield ""
        yield f"Possibly, only as {' and '.join(names)} reads it:"
        yield from (f"  {text}" for text in texts)
    if view.words:
        yield ""
        yield "What the ids stand for:"
        yield from (f"  {word.id}: {word.statement} ({word.cite})" for word in view.words)


def _element_lines(view: DifferenceView, change: Change) -> Iterator[str]:
    elements = view.elements[change]
    if not elements:
        return
    yield ""
    yield f"{HEADS[change]}, and no gate shows it: {len(elements)}"
    yield from (f"  {element_words(each)}" for each in elements[:MOST_ELEMENTS])
    if len(elements) > MOST_ELEMENTS:
        yield f"  and {len(elements) - MOST_ELEMENTS} more; all with --json, --md or --html"


def _bridge_lines(view: DifferenceView) -> Iterator[str]:
    if view.bridge is None:
        yield "  no bridge between them: parts are matched by their ids alone"
        return
    yield f"  bridge {view.bridge.digest[:12]}: {view.bridge.statement}"
    for rival in view.bridge.rivals:
        yield f"    rival {rival.id}, {rival.held_by}: {rival.reason}"


def summary(view: DifferenceView) -> Iterator[str]:
    """Yield what was found, counted: one sentence per direction, then what no gate shows."""
    old, new = (head.name for head in view.heads)
    for change, own, other, word in (
        (Change.LOOSENED, old, new, "looser"),
        (Change.TIGHTENED, new, old, "stricter"),
    ):
        found = view.clauses[change]
        if not found:
            yield f"{capitalised(word)} by no commitment of {own}."
            continue
        bare = sum(not each.heirs for each in found)
        names = f"{counted(len(found), 'commitment')} of {own}"
        gone = f", of which {bare} have nothing in {other} in their place" if bare else ""
        yield f"{capitalised(word)} by {names}{gone}."
    counts = (
        f"{len(view.elements[change])} {word}"
        for change, word in (
            (Change.LOOSENED, "looser"),
            (Change.TIGHTENED, "stricter"),
            (Change.CHANGED, "changed"),
        )
        if view.elements[change]
    )
    yield f"What no gate shows: {', '.join(counts) or 'nothing'}."
    depending = {
        change: {name for each in view.unmatched if each.change is change for name in each.clauses}
        for change in (Change.LOOSENED, Change.TIGHTENED)
    }
    if view.unmatched:
        looser, stricter = map(len, depending.values())
        depend = "Commitments that depend on what only one policy has"
        yield f"{depend}: {looser} looser, {stricter} stricter."
    if view.bridge and view.bridge.rivals:
        every = [each for views in view.clauses.values() for each in views]
        possible = sum(each.certainty == "possibly" for each in every)
        yield (
            "Readers disagree on what became of what: robustly is under every reading, possibly "
            f"under some ({possible} of {counted(len(every), 'commitment')})."
        )


def _gate_lines(view: DifferenceView) -> Iterator[str]:
    """Yield the answers; gates with the same answers share their lines."""
    rows: dict[str, dict[str, GateRow]] = {}
    for row in view.gates:
        rows.setdefault(row.gate, {})[row.ask] = row
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for gate, found in rows.items():
        asks: dict[str, list[str]] = {}
        for ask, row in found.items():
            asks.setdefault(cells_text(row), []).append(ASKS[ask])
        said = tuple((" and ".join(names), text) for text, names in asks.items())
        groups.setdefault(said, []).append(gate)
    for said, gates in groups.items():
        yield f"  {', '.join(gates)}"
        yield from (f"    {ask}: {text}" for ask, text in said)


def cells_text(row: GateRow) -> str:
    """Say the answers at one gate; what is compared with the same answer stands together."""
    found: dict[str, list[str]] = {}
    for each in row.cells:
        text = " ".join(filter(None, (each.certainty, CELLS[each.verdict])))
        text += f" ({each.refused})" if each.refused else ""
        found.setdefault(text, []).append(each.cut)
    return "; ".join(f"{text} in {_listed(cuts)}" for text, cuts in found.items())


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _clause_lines(
    view: DifferenceView, change: Change, views: tuple[ClauseView, ...]
) -> Iterator[str]:
    if not views:
        return
    own, other = view.short_names if change is Change.LOOSENED else view.short_names[::-1]
    head = view.heads[0] if change is Change.LOOSENED else view.heads[1]
    yield ""
    yield f"{HEADS[change]}: {counted(len(views), 'commitment')} of {head.name}"
    for each in views:
        yield ""
        yield f"  {each.id} ({', '.join(filter(None, (each.certainty, *each.gates)))})"
        yield f"    {own}: {each.statement} ({each.verb}; {each.cite})"
        yield f"    {other}: {heirs_text(each)}"
        if each.strength:
            yield f"    seen among rows that say `{each.strength}` or stronger"
        for family in each.families[:MOST_FAMILIES]:
            yield from _family_lines(family)
        rest = each.families[MOST_FAMILIES:]
        if rest:
            count = sum(family.count for family in rest)
            yield f"    and {counted(len(rest), 'more kind')} of situation, {count} in all"


def counted(count: int, thing: str) -> str:
    """Say how many there are."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def capitalised(text: str) -> str:
    """Return a text that begins a sentence."""
    return text[:1].upper() + text[1:]


def heirs_text(view: ClauseView) -> str:
    """Say what stands in the place of a commitment."""
    if not view.heirs:
        return "nothing stands in its place"
    return "; ".join(f"`{heir}` stands in its place ({cite})" for heir, cite in view.heirs)


def _family_lines(family: FamilyView) -> Iterator[str]:
    said = family.said
    many = f" ({counted(family.count, 'situation')})" if family.count > 1 else ""
    yield f"    - {capitalised(said.situation or 'in every situation')}{many}:"
    yield f"      {said.holds}; {said.instead}"
    if said.left:
        yield f"      what is left: {said.left}"
    if said.unless:
        yield f"      unless shown: {said.unless}"
    if said.reach:
        yield f"      how far: {said.reach}"


def _unmatched_lines(view: DifferenceView) -> Iterator[str]:
    for change in (Change.LOOSENED, Change.TIGHTENED):
        found = [each for each in view.unmatched if each.change is change]
        if found:
            yield ""
            yield f"{HEADS[change]} (unmatched): a commitment depends on what only one policy has"
        for each in found:
            yield f"  {'; '.join(each.labels)}, only in {each.policy}: {', '.join(each.clauses)}"
