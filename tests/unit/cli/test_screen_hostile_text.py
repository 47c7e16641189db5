"""Text from logs, documents and policies is shown, never obeyed: no escape, link, markup, disguise.

Each piece is put through every way in which the screen shows text: lines, cells, titles, marks,
trees, notes, JSON, and the words of an error.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable

import pytest

from scalegate.base.errors import FormatError, UsageError
from scalegate.cli import screen
from scalegate.cli.faults import code_of_fault
from scalegate.gate.model import Why

HOSTILE = {
    "ANSI colour": "a\x1b[31mred\x1b[0mz",
    "ANSI cursor and clear": "a\x1b[2J\x1b[1;1Hz",
    "one-byte CSI": "a\x9b31mz",
    "OSC-8 link": "a\x1b]8;;https://example.org/\x1b\\text\x1b]8;;\x1b\\z",
    "OSC-8 link ended by a bell": "a\x1b]8;;https://example.org/\atext\x1b]8;;\az",
    "window title": "a\x1b]0;title\az",
    "overwritten line": "HOLD\rOPEN",
    "backspaces": "HOLD\b\b\b\bOPEN",
    "bidirectional override": "a\u202eNEPO\u202cz",
    "bidirectional isolate": "a\u2066z\u2069",
    "zero width": "a\u200bb\u200dc\ufeffz",
    "line separator": "a\u2028b\u2029z",
    "null": "a\0z",
    "lone surrogate": "a\ud800z",
}
MARKUP = (
    "[red]a[/red]",
    "[bold]a",
    "[/]",
    "[link=https://example.org]a[/link]",
    ":warning: :smile:",
    "\\[red]",
)


def harmless(text: str) -> bool:
    return all(
        character == "\n" or unicodedata.category(character)[0] != "C" for character in text
    ) and not set("\u2028\u2029") & set(text)


def every_way(text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what each way of showing the text writes to stdout and stderr."""
    node = Why(text=text, holds=False, citation=text, evidence=(text,))
    ways: dict[str, Callable[[], object]] = {
        "line": lambda: screen.line(text),
        "note": lambda: screen.note(text),
        "cell": lambda: screen.table("t", ("c",), [(text,)]),
        "title": lambda: screen.table(text, ("c",), [("v",)]),
        "tree": lambda: screen.tree(Why(text=text, children=(node,))),
        "usage": lambda: code_of_fault(UsageError(text, hint=text), is_json=False),
        "format": lambda: code_of_fault(FormatError(text, file=text, got=text), is_json=False),
        "internal": lambda: code_of_fault(RuntimeError(text), is_json=False),
    }
    found = {}
    for name, show in ways.items():
        show()
        shown = capsys.readouterr()
        found[name] = shown.out + shown.err
    return found


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_control_or_hidden_character_reaches_the_terminal(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for way, shown in every_way(HOSTILE[name], capsys).items():
        assert shown.strip(), way
        assert harmless(shown), (way, shown)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_shown_as_it_stands(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for way, shown in every_way(text, capsys).items():
        assert text in shown, (way, shown)


@pytest.mark.parametrize("name", HOSTILE)
def test_json_carries_hostile_text_whole_and_escaped(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.print_json("thing", {"text": HOSTILE[name]})
    shown = capsys.readouterr().out
    assert harmless(shown)
    assert json.loads(shown) == {
        "schema_version": screen.SCHEMA_VERSION,
        "kind": "thing",
        "text": HOSTILE[name],
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_json_never_carries_a_number_that_is_not_finite(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        screen.print_json("thing", {"number": number})


def test_a_text_of_a_megabyte_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    for way, shown in every_way("x" * 1_000_000, capsys).items():
        assert len(shown) < 20_000, way


@pytest.mark.parametrize("columns", ["1", "20", "40", "80", "118", "400"])
def test_no_width_breaks_the_screen_or_loses_text(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = "alpha beta gamma delta"
    for way, shown in every_way(text, capsys).items():
        assert "".join(text.split()) in "".join(shown.split()) or int(columns) < 40, way
