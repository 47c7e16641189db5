"""`docs/reference/frameworks.md` says what the shipped policies and their tables say today."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.policy.document import Indicator
from scalegate.policy.openness import can_fall_either_way
from tests.unit.frameworks.rsp_versions import FOLDER
from tools.generate_framework_page import PAGE, page


def test_the_page_is_in_step_with_the_policies() -> None:
    hint = "run python tools/generate_framework_page.py"
    assert PAGE.read_text(encoding="utf-8") == page(), hint


def test_every_shipped_policy_has_a_row() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## How much")[0]
    rows = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert rows == {path.stem for path in FOLDER.glob("*.yaml")}


def line(measure: str, comparator: str, value: object, **more: object) -> Indicator:
    plain = {
        "id": "x",
        "eval": "x",
        "role": "rule_out",
        "measure": measure,
        "comparator": comparator,
        "value": value if isinstance(value, str) else Decimal(str(value)),
        "unit": "share",
        "statement": "x",
        "cite": {"document": "Toy", "page": "1"},
    }
    return Indicator.model_validate(plain | more)


@pytest.mark.parametrize(
    ("one", "is_able"),
    [
        (line("proportion", "at_least", 0.5), True),
        (line("proportion", "at_least", 0), False),
        (line("proportion", "above", 0), True),
        (line("proportion", "above", 1), False),
        (line("proportion", "at_least", 1), True),
        (line("proportion", "at_most", 1), False),
        (line("proportion", "below", 0), False),
        (line("proportion", "below", 1), True),
        (line("count_of", "at_least", 4, of=3), False),
        (line("count_of", "at_least", 3, of=3), True),
        (line("fold_uplift", "at_least", 2.8), True),
        (line("fold_uplift", "below", 0), False),
        (line("horizon_minutes", "at_least", 120), True),
        (line("mean_score", "at_least", -3), True),
        (line("judgement", "at_least", "low", grades=("low", "high")), False),
        (line("judgement", "at_least", "high", grades=("low", "high")), True),
        (line("judgement", "above", "high", grades=("low", "high")), False),
        (line("judgement", "at_most", "low", grades=("low", "high")), True),
        (line("judgement", "below", "low", grades=("low", "high")), False),
        (line("judgement", "at_least", "only", grades=("only",)), False),
    ],
)
def test_a_line_that_is_always_or_never_crossed_says_nothing(one: Indicator, is_able: bool) -> None:
    assert can_fall_either_way(one) is is_able
