"""`docs/reference/cli.md` is what `--help` prints; each help is short, complete and exemplary.

After a wanted change, `python -m tests.golden.cli.test_help` writes the page anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.golden.cli.help_page import GROUPS, commands, helped, page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
SETTINGS = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture(autouse=True)
def _as_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def test_the_reference_page_is_what_help_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.golden.cli.test_help`"


@pytest.mark.parametrize("words", tuple(commands()))
def test_a_help_fits_80_columns_and_shows_an_example(words: tuple[str, ...]) -> None:
    text = helped(*words)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    is_group = len(words) == 1 and words[0] in GROUPS
    assert is_group or re.search(rf"^    scalegate {' '.join(words)}", text, re.MULTILINE)


@pytest.mark.parametrize("words", tuple(commands()))
def test_every_verb_that_prints_a_result_has_json(words: tuple[str, ...]) -> None:
    is_group = len(words) == 1 and words[0] in GROUPS
    is_no_verb = not words or is_group or words == ("witness", "serve")  # a server has no result
    assert is_no_verb or "--json" in helped(*words)


if __name__ == "__main__":
    os.environ.update(SETTINGS)
    PAGE.write_text(page(), encoding="utf-8")
