"""Write an arranged comparison as Markdown, with every family of situations.

Text of policies is escaped, so that it reads as it is; code in backticks stays code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scalegate.compare.model import Change
from scalegate.report.difference import ClauseView, DifferenceView, PastView, element_words
from scalegate.report.difference_text import (
    HEADS,
    VERDICTS,
    capitalised,
    cells_text,
    heirs_text,
    summary,
)


def markdown(view: DifferenceView) -> str:
    """Return the comparison as a Markdown document."""
    return "\n".join(_markdown(view)) + "\n"


def _markdown(view: DifferenceView) -> Iterator[str]:
    old, new = view.heads
    yield f"# {_escaped(old.name)} to {_escaped(new.name)}: {view.verdict.value}"
    yield ""
    yield f"{capitalised(VERDICTS[view.verdict])}."
    yield ""
    yield from _table(
        ("policy", "title", "from", "digest"),
        ((each.name, each.title, each.effective_on, f"`{each.digest}`") for each in view.heads),
    )
    yield from _markdown_bridge(view)
    yield from _list("In short", summary(view))
    yield "## At the gates"
    yield ""
    yield from _table(
        ("gate", "asked", "among the rows that decide"),
        ((row.gate, row.ask, cells_text(row)) for row in view.gates),
    )
    for change, views in view.clauses.items():
        if views:
            yield f"## {HEADS[change]} commitments"
            yield ""
        for each in views:
            yield from _markdown_clause(view, each)
    yield from _markdown_rest(view)


def _markdown_rest(view: DifferenceView) -> Iterator[str]:
    for change, elements in view.elements.items():
        if elements:
            items = [element_words(each) for each in elements]
            yield from _list(f"{HEADS[change]}, and no gate shows it", items)
    if view.unmatched:
        yield "## Without a match"
        yield ""
        rows = (
            ("; ".join(each.labels), each.policy, each.change.value, ", ".join(each.clauses))
            for each in view.unmatched
        )
        yield from _table(("what", "only in", "so its commitments are", "commitments"), rows)
    for names, texts in view.only_under:
        yield from _list(f"Possibly, only as {' and '.join(names)} reads it", texts)
    if view.past is not None:
        yield from _past(view.past)
    if view.words:
        yield "## What the ids stand for"
        yield ""
        said = ((f"`{word.id}`", word.statement, word.cite) for word in view.words)
        yield from _table(("id", "what it is", "where"), said)


def _past(past: PastView) -> Iterator[str]:
    yield "## Past decisions"
    yield ""
    yield f"{_escaped(capitalised(past.summary))}; {_escaped(past.assumption)}."
    yield ""
    if past.changed:
        yield from _table(
            ("day", "case", "gate", "then", "now", "by", "nothing is known of"),
            (
                (
                    each.day, each.case, each.gate, each.then, each.here,
                    ", ".join(f"`{name}`" for name in each.because),
                    ", ".join(f"`{name}`" for name in each.unknown),
                )
                for each in past.changed
            ),
        )  # fmt: skip


def _list(head: str, items: Iterable[str]) -> Iterator[str]:
    yield f"## {_escaped(head)}"
    yield ""
    yield from (f"- {_escaped(item)}" for item in items)
    yield ""


def _markdown_bridge(view: DifferenceView) -> Iterator[str]:
    if view.bridge is None:
        yield "No bridge between them: parts are matched by their ids alone."
        yield ""
        return
    yield f"Bridge `{view.bridge.digest}`: {_escaped(view.bridge.statement)}"
    yield ""
    for rival in view.bridge.rivals:
        yield f"- Rival `{rival.id}`, {_escaped(rival.held_by)}: {_escaped(rival.reason)}"
    if view.bridge.rivals:
        yield ""


def _markdown_clause(view: DifferenceView, each: ClauseView) -> Iterator[str]:
    is_old = each.change is Change.LOOSENED
    own, other = view.short_names if is_old else view.short_names[::-1]
    yield f"### `{each.id}`"
    yield ""
    yield f"{_escaped(', '.join(filter(None, (each.certainty, *each.gates))))}"
    yield ""
    yield f"- {own}: {_escaped(each.statement)} ({each.verb}; {_escaped(each.cite)})"
    yield f"- {other}: {_escaped(heirs_text(each))}"
    if each.strength:
        yield f"- Seen among rows that say `{each.strength}` or stronger."
    for family in each.families:
        said = family.said
        yield f"- {_escaped(capitalised(said.situation or 'in every situation'))} ({family.count}):"
        yield f"  {_escaped(said.holds)}; {_escaped(said.instead)}."
        for word, text in (
            ("What is left", said.left), ("Unless shown", said.unless), ("How far", said.reach)
        ):  # fmt: skip
            if text:
                yield f"  {word}: {_escaped(text)}."
    yield ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(_escaped(cell).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is; code in backticks stays code."""
    parts = text.split("`")
    for place in range(0, len(parts), 2):
        for sign in "\\*_<>[]#":
            parts[place] = parts[place].replace(sign, f"\\{sign}")
    return "`".join(parts)
