"""Show things: tables and trees for people, one JSON document for programs.

1. The result goes to stdout, progress and errors to stderr.
2. A state is always a word and a symbol; colour only repeats it. Where the terminal cannot show the
   symbol, the ASCII one stands for it.
3. Text that comes from documents, logs or policies is made harmless before it is shown (`plain`),
   and is never read as markup. In JSON everything beyond ASCII is escaped.
4. Into a pipe lines are as wide as `COLUMNS` says, or 80.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from scalegate.base.plain_text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from scalegate.gate.model import Why
    from scalegate.report.words import Word

SCHEMA_VERSION = "1.0"
"""Version of every JSON document; the first part goes up when a reader of the old form errs."""
LONGEST = 4_000
"""More characters of one value than this are cut."""
_STYLES = {
    "open": "green",
    "owed": "cyan",
    "limit": "yellow",
    "hold": "bold red",
    "stop": "bold red reverse",
    "unknown": "magenta",
    "none": "dim",
}


class _Chosen:
    """What the words of this call say about showing."""

    is_quiet = False
    is_colourless = False


def open_screen(words: Sequence[str]) -> None:
    """Take from the words of a call how things are to be shown."""
    _Chosen.is_quiet = bool({"--quiet", "-q"} & set(words))
    _Chosen.is_colourless = "--no-color" in words
    for stream in (sys.stdout, sys.stderr):
        # A sign that the terminal lacks is replaced; it must not end the verb.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def console(*, is_error: bool = False) -> Console:
    """Return a console on stdout or stderr that respects NO_COLOR and plain terminals."""
    from rich.console import Console

    return Console(
        file=sys.stderr if is_error else sys.stdout,
        color_system=None if _Chosen.is_colourless else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def print_json(kind: str, content: dict[str, Any]) -> None:
    """Write one JSON document to stdout.

    Raises:
        ValueError: a number that is not finite; a bug, since none is accepted anywhere.
    """
    document = {"schema_version": SCHEMA_VERSION, "kind": kind, **content}
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def line(text: str = "", *, indent: int = 0, style: str = "") -> None:
    """Write one line for people to stdout, wrapped at words, continued at the same indent."""
    from rich.text import Text

    _put(Text(plain(text, limit=LONGEST), style=style), indent=indent)


def _put(shown: Any, *, indent: int = 0) -> None:
    """Write without the blanks that fill a line up to the terminal's width."""
    from rich.padding import Padding

    screen = console()
    with screen.capture() as captured:
        screen.print(Padding(shown, (0, 0, 0, indent), expand=False) if indent else shown)
    lines = captured.get().split("\n")
    sys.stdout.write("\n".join(each.rstrip(" ") for each in lines))


def command(text: str) -> None:
    """Write a command to copy: indented, and never wrapped."""
    sys.stdout.write(f"  {plain(text, limit=LONGEST)}\n")


def answer(word: Word, text: str) -> None:
    """Write a state, symbol and word and qualifier, and what it is the state of."""
    said = state(word, with_qualifier=True)
    _put(said.append(": ").append(plain(text, limit=LONGEST), style="bold"))


def item(mark: Text | str, text: str, *, indent: int = 2) -> None:
    """Write a mark and a text whose further lines stand under its first."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(mark, Text(plain(text, limit=LONGEST)))
    _put(grid, indent=indent)


def note(text: str) -> None:
    """Write one line to stderr, unless quiet was asked for."""
    if not _Chosen.is_quiet:
        sys.stderr.write(plain(text, limit=LONGEST) + "\n")


def shows_progress() -> bool:
    """Say whether a bar may be drawn on stderr."""
    return sys.stderr.isatty() and not _Chosen.is_quiet


def can_show_signs() -> bool:
    """Say whether stdout can show the symbols of the states."""
    try:
        "✓■∅≈≡↻".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def state(word: Word, *, with_qualifier: bool = False) -> Text:
    """Return a state as a symbol and a word, coloured where colour is shown."""
    from rich.text import Text

    label = word.label if can_show_signs() else word.ascii_label
    more = f" {word.qualifier}" if with_qualifier and word.qualifier else ""
    return Text(f"{label}{more}", style=_STYLES.get(word.tone, ""))


def sign(word: Word) -> Text:
    """Return the symbol of a state, for lines whose text has the word."""
    from rich.text import Text

    return Text(word.symbol if can_show_signs() else word.ascii, style=_STYLES.get(word.tone, ""))


def cell(text: object, *, limit: int = 400) -> Text:
    """Return text from anywhere, harmless and without markup."""
    from rich.text import Text

    return Text(plain(text, limit=limit))


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    indent: int = 0,
    gap: int = 2,
) -> None:
    """Write a table that fits the terminal's width; a column named `^...` is not wrapped."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        shown.add_column(column.lstrip("^"), overflow="fold", no_wrap=column.startswith("^"))
    for row in rows:
        shown.add_row(*(each if isinstance(each, Text) else cell(each) for each in row))
    if title:
        heading(title)
    _put(shown, indent=indent)


def heading(text: str) -> None:
    """Write a heading after a blank line."""
    line()
    line(text, style="bold")


def tree(root: Why, *, depth: int = 12, is_full: bool = True) -> None:
    """Write an explanation as an indented tree; a part shown before is not repeated.

    Args:
        root: the explanation.
        depth: how many levels to show.
        is_full: also the parts of what is met; else they are left out, and it is said. Why a row
            applies is always shown: that is where the evidence speaks.
    """
    seen: set[str] = set()
    waiting = [(0, root, is_full)]
    while waiting:
        level, node, is_wanted = waiting.pop()
        is_wanted = is_wanted or is_trigger(node)
        more = _left_out(node, level < depth - 1, is_wanted, seen)
        _show_part(node, level, more)
        if not more:
            waiting += [(level + 1, child, is_wanted) for child in reversed(asked_parts(node))]


def is_trigger(node: Why) -> bool:
    """Say whether a part is the condition under which a row applies, not what it asks."""
    return node.text.startswith("if: ")


def asked_parts(node: Why) -> tuple[Why, ...]:
    """Return the parts of a part; of a row that does not apply, only why it does not."""
    idle = tuple(each for each in node.children if is_trigger(each) and each.holds is False)
    return idle or node.children


def unmet_texts(node: Why) -> list[str]:
    """Return the innermost things that rows ask and that are not met, each once, in order."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        part = waiting.pop()
        below = [each for each in asked_parts(part) if not is_trigger(each)]
        is_innermost = not any(_is_unmet(each) for each in below)
        if part.holds is False and is_innermost:
            found[part.text.removeprefix("require: ")] = None
        waiting += reversed(below)
    return list(found)


def _is_unmet(node: Why) -> bool:
    parts = [each for each in asked_parts(node) if not is_trigger(each)]
    return node.holds is False or any(_is_unmet(each) for each in parts)


def _left_out(node: Why, is_above: bool, is_full: bool, seen: set[str]) -> str:
    """Say why the parts of a part are not shown; empty where they are."""
    if not node.children:
        return ""
    if not is_above:
        return " (--depth shows more)"
    if node.holds and not is_full:
        return " (--full shows why)"
    if node.text in seen:
        return " (as above)"
    seen.add(node.text)
    return ""


def _show_part(node: Why, level: int, more: str) -> None:
    from rich.text import Text

    from scalegate.report.words import part_word

    mark, held = Text("-"), ""
    if node.holds is not None and is_trigger(node):
        # Whether a row applies is no merit: it gets words of its own and no sign of success.
        held = "applies, " if node.holds else "does not apply, "
    elif node.holds is not None:
        word = part_word(holds=node.holds)
        mark, held = sign(word), f"{word.word}: "
    cited = f" [{node.citation}]" if node.citation else ""
    shown = f" (evidence: {', '.join(node.evidence)})" if node.evidence else ""
    item(mark, f"{held}{node.text}{cited}{shown}{more}", indent=2 * level)
