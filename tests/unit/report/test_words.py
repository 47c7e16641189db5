"""Every state has one word and one symbol, and no shut gate has a word that sounds open."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import pytest

from scalegate.estimate.model import Outcome as VerdictOutcome
from scalegate.gate.clocks import ClockState
from scalegate.gate.model import Decision, Grade, Reason
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, SafeguardState
from scalegate.report.numerals import rounded_beside
from scalegate.report.reasons import PHRASES
from scalegate.report.words import (
    ASKS,
    CLOCKS,
    EFFECTS,
    FLAGS,
    GATES,
    GRADES,
    LEVELS,
    SAFEGUARDS,
    VERDICTS,
    decision_word,
    glossary,
)
from tests.strategies.report_case import report_case

TABLES: list[tuple[dict[Any, Any], type[Enum]]] = [
    (EFFECTS, EffectLevel),
    (LEVELS, Level),
    (FLAGS, Flag),
    (SAFEGUARDS, SafeguardState),
    (GRADES, Grade),
    (VERDICTS, VerdictOutcome),
    (CLOCKS, ClockState),
    (GATES, Gate),
    (ASKS, Ask),
    (PHRASES, Reason),
]


@pytest.mark.parametrize(
    ("table", "vocabulary"), TABLES, ids=lambda each: getattr(each, "__name__", "")
)
def test_every_member_has_its_own_word(table: dict[Any, Any], vocabulary: type[Enum]) -> None:
    assert set(table) == set(vocabulary)
    words = [getattr(word, "word", word) for word in table.values()]
    assert len(words) == len(set(words))


def test_symbols_differ_within_a_group_except_for_the_two_grades_against() -> None:
    for group, words in glossary():
        symbols = [word.symbol for word in words if not word.word.startswith("against")]
        assert len(symbols) == len(set(symbols)), group
        assert all(word.meaning.endswith(".") for word in words)
        assert all(word.ascii.isascii() and len(word.ascii) == 1 for word in words)


def decision() -> Decision:
    return report_case().decisions[-1]


OPEN = {"OPEN", "OPEN WITH"}


@pytest.mark.parametrize("level", list(EffectLevel))
@pytest.mark.parametrize("governed", [True, False])
@pytest.mark.parametrize("before", [(), ("tell the board",)])
@pytest.mark.parametrize("inconclusive", [True, False])
def test_a_word_sounds_open_exactly_where_the_gate_is(
    level: EffectLevel, governed: bool, before: tuple[str, ...], inconclusive: bool
) -> None:
    # Only `allow_with` owes anything beforehand.
    if before and level is not EffectLevel.ALLOW_WITH:
        before = ()
    asked = dataclasses.replace(
        decision(), level=level, governed=governed, before=before, inconclusive=inconclusive
    )
    assert (decision_word(asked).word in OPEN) is asked.is_open


def test_a_shut_gate_says_whether_it_is_unmet_unknown_or_ordered() -> None:
    held = next(each for each in report_case().decisions if each.inconclusive)
    known = dataclasses.replace(held, inconclusive=False)
    ordered = next(each for each in report_case().decisions if each.orders)
    said = [decision_word(each).qualifier for each in (held, known, ordered)]
    assert said == ["inconclusive", "requirement unmet", "by order"]


@pytest.mark.parametrize(
    ("value", "line", "written"),
    [(0.2, 0.2, "0.2"), (0.20000001, 0.2, "0.20000001"), (0.1, 0.2, "0.1")],
)
def test_a_number_is_never_rounded_onto_the_line_it_is_compared_with(
    value: float, line: float, written: str
) -> None:
    assert rounded_beside(value, line) == written
