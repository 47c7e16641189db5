"""Show things: tables and trees for people, one JSON document for programs.

The result goes to stdout, progress to stderr. A state is always a word and a symbol. Text that
comes from documents, logs or policies is made harmless before it is shown, and is never read as
markup.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from scalegate.base.plain_text import plain
from scalegate.wiring import is_quiet, terminal_columns

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from scalegate.gate.model import Why
    from scalegate.report.words import Word

SCHEMA_VERSION = "1.0"
WIDEST = 118
_STYLES = {
    "open": "green",
    "owed": "cyan",
    "limit": "yellow",
    "hold": "red",
    "stop": "bold red",
    "unknown": "magenta",
    "none": "dim",
}


def console(*, is_error: bool = False) -> Console:
    """Return a console on stdout or stderr that respects NO_COLOR and plain terminals."""
    from rich.console import Console

    stream = sys.stderr if is_error else sys.stdout
    width = None
    if not stream.isatty():
        width = min(terminal_columns(), WIDEST)
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def print_json(kind: str, content: dict[str, Any]) -> None:
    """Write one JSON document to stdout."""
    document = {"schema_version": SCHEMA_VERSION, "kind": kind, **content}
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")


def line(text: str, *, style: str = "") -> None:
    """Write one line for people to stdout, wrapped at words."""
    console().print(plain(text, limit=4000), style=style or None, soft_wrap=False)


def note(text: str) -> None:
    """Write one line to stderr, unless quiet was asked for."""
    if not is_quiet():
        sys.stderr.write(plain(text, limit=2000) + "\n")


def state(word: Word) -> Text:
    """Return a state as a symbol and a word, coloured where colour is shown."""
    from rich.text import Text

    encoding = (sys.stdout.encoding or "ascii").lower()
    label = word.label if "utf" in encoding else word.ascii_label
    return Text(label, style=_STYLES.get(word.tone, ""))


def cell(text: object, *, limit: int = 400) -> Text:
    """Return text from anywhere, harmless and without markup."""
    from rich.text import Text

    return Text(plain(text, limit=limit))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table that fits the terminal's width."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(
        title=Text(plain(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(each if isinstance(each, Text) else cell(each) for each in row))
    console().print(shown)


def tree(root: Why, *, depth: int = 12) -> None:
    """Write an explanation as a tree; each part says whether it holds, by word and sign."""
    from rich.tree import Tree

    shown = Tree(_node(root), guide_style="dim")
    _grow(shown, root, depth)
    console().print(shown)


def _grow(branch: Any, node: Why, depth: int) -> None:
    if depth <= 0:
        return
    for child in node.children:
        _grow(branch.add(_node(child)), child, depth - 1)


def _node(node: Why) -> Text:
    from rich.text import Text

    from scalegate.report.words import part_word

    text = Text()
    if node.holds is not None:
        text.append_text(state(part_word(holds=node.holds))).append(" ")
    text.append(plain(node.text, limit=900))
    if node.citation:
        text.append(f"  [{plain(node.citation, limit=300)}]", style="dim")
    if node.evidence:
        text.append(f"  evidence: {plain(', '.join(node.evidence), limit=300)}", style="dim")
    return text
