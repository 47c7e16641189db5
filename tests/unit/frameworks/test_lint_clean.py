"""No shipped policy has an error or a warning of `scalegate lint`; notes are allowed."""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from tests.unit.frameworks.rsp_versions import FOLDER, text_of

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def loud(text: str) -> list[str]:
    found = lint_text(text)
    return [f"{each.code} {each.message}" for each in found if each.severity is not Severity.NOTE]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_lints_without_error_or_warning(name: str) -> None:
    assert loud(text_of(name)) == []


def test_a_question_that_nothing_asks_would_be_seen() -> None:
    """The check above can fail: one row that stops asking is a warning."""
    text = text_of("openai-pf@2").replace("{act: go-decision}", "{act: capability-determination}")
    assert loud(text) == ["SG0304 nothing waits for question `go-decision`"]
