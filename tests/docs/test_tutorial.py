"""The pages that show commands show what comes out: each is played in a new folder."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.docs.pages import CONSOLE, DOCS, Played, commands_of, play, rewritten

PLAYED = sorted(
    page.relative_to(DOCS).as_posix()
    for page in [*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")]
    if CONSOLE.search(page.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("page", PLAYED)
def test_a_page_shows_what_its_commands_print(page: str, tmp_path: Path) -> None:
    started = time.monotonic()
    played = play(page, tmp_path)
    assert played
    wrong = [f"$ {step.command}\n{step.got}" for step in played if not step.holds]
    assert not wrong, f"docs/{page}: run tools/write_page_output.py\n" + "\n".join(wrong)
    assert time.monotonic() - started < 300, "the tutorial promises less than five minutes"


def test_the_tutorial_is_among_the_pages_that_are_played() -> None:
    assert "tutorial/first-decision.md" in PLAYED


@pytest.mark.parametrize(
    ("page", "codes"),
    [
        ("tutorial/first-decision.md", ["11", "0", "11"]),
        ("how-to/read-a-hold.md", ["11"]),
        ("how-to/design-an-eval.md", ["11"]),
        ("how-to/import-logs.md", ["0"]),
        ("how-to/write-a-policy-from-scratch.md", ["10"]),
    ],
)
def test_exit_codes_on_the_page_are_those_that_its_prose_speaks_of(
    page: str, codes: list[str]
) -> None:
    """What is shown can be written anew by a tool; what it has to be is said here."""
    text = (DOCS / page).read_text(encoding="utf-8")
    shown = [
        output.strip()
        for block in CONSOLE.finditer(text)
        for command, output in commands_of(block["text"])
        if command == "echo $?"
    ]
    assert shown == codes


def test_an_output_that_changed_is_noticed_and_an_ellipsis_stands_for_lines() -> None:
    got = "first\nsecond\nthird\n"
    assert Played(command="x", shown=got, got=got).holds
    assert Played(command="x", shown="first\n...\nthird\n", got=got).holds
    assert Played(command="x", shown="...\n", got=got).holds
    assert not Played(command="x", shown="first\nthird\n", got=got).holds
    assert not Played(command="x", shown="", got=got).holds


def test_rewriting_a_page_that_holds_changes_nothing() -> None:
    page = "how-to/write-a-policy.md"
    text = (DOCS / page).read_text(encoding="utf-8")
    shown = [
        Played(command=command, shown=output, got=output)
        for block in CONSOLE.finditer(text)
        for command, output in commands_of(block["text"])
    ]
    assert rewritten(page, shown) == text
