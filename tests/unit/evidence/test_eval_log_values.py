"""A logged score becomes a number or a reason; a row carries both, never NaN."""

from __future__ import annotations

import math

import pytest

from scalegate.evidence.eval_log import Detail, SampleTable, ScoreColumn
from scalegate.evidence.score_value import entries_of, score_number


@pytest.mark.parametrize(
    ("value", "number", "note"),
    [
        ("C", 1.0, ""),
        ("I", 0.0, ""),
        ("P", 0.5, ""),
        ("N", 0.0, "no_answer"),
        (" C ", 1.0, ""),
        (True, 1.0, ""),
        (False, 0.0, ""),
        (3, 3.0, ""),
        (-0.25, -0.25, ""),
        ("yes", 1.0, ""),
        ("True", 1.0, ""),
        ("NO", 0.0, ""),
        ("0.75", 0.75, ""),
        ("1e3", 1000.0, ""),
    ],
)
def test_a_readable_value_is_its_number(value: object, number: float, note: str) -> None:
    assert score_number(value) == (number, "", note)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "not_a_number"),
        ("nan", "not_a_number"),
        ("-NaN", "not_a_number"),
        (math.inf, "infinite"),
        (-math.inf, "infinite"),
        (10**400, "infinite"),
        (None, "null"),
        ("", "text"),
        ("CORRECT", "text"),
        ("inf", "text"),
        ("1_000", "text"),
        ("c", "text"),
        ("9" * 500, "text"),
        ({"a": 1}, "not_a_scalar"),
        ([1], "not_a_scalar"),
    ],
)
def test_anything_else_is_unscored_with_a_reason_and_never_zero_in_disguise(
    value: object, reason: str
) -> None:
    assert score_number(value) == (0.0, reason, "")


def test_a_dict_gives_one_entry_per_key_and_a_list_one_per_index() -> None:
    assert list(entries_of("s", {"a": 1, "b": None})) == [("s/a", 1), ("s/b", None)]
    assert list(entries_of("s", [2, "C"])) == [("s/0", 2), ("s/1", "C")]
    assert list(entries_of("s", "C")) == [("s", "C")]


def test_the_entries_of_one_score_are_bounded() -> None:
    assert len(list(entries_of("s", list(range(1000))))) == 256
    assert len(list(entries_of("s", {str(key): 0 for key in range(1000)}))) == 256
    assert len(next(entries_of("s" * 900, 1))[0]) == 200


def table() -> SampleTable:
    return SampleTable(
        detail=Detail.FULL,
        ids=("a", "b"),
        epochs=(1, 1),
        uuids=("u", ""),
        scores=(
            ScoreColumn(
                name="match",
                values=(1.0, 0.0),
                unscored=("", "null"),
                notes=("", "refusal"),
                edited=(True, False),
            ),
        ),
        errors=("", "errored"),
        limits=("", "token"),
        stop_reasons=("stop", ""),
        stop_categories=("", ""),
        refused=(False, False),
        output_models=("m", ""),
        fallbacks=(0, 0),
        invalidated=(False, True),
        retries=(0, 0),
        total_seconds=(1.0, None),
        working_seconds=(1.0, None),
        tokens_in=(1, None),
        tokens_out=(1, None),
    )


def test_a_row_shows_its_score_or_why_there_is_none() -> None:
    first, second = table().rows("match")
    assert (first.score, first.unscored, first.is_edited, first.is_refused) == (
        1.0,
        "",
        True,
        False,
    )
    assert (second.score, second.unscored, second.error) == (None, "null", "errored")
    assert second.is_refused, "the scorer's note counts as a refusal"
    assert second.limit == "token"
    assert second.is_invalidated


def test_rows_take_the_first_score_unless_one_is_named() -> None:
    assert [row.score for row in table().rows()] == [1.0, None]
    assert [row.unscored for row in table().rows("other")] == ["no_such_score"] * 2


def test_a_table_finds_its_columns_by_name() -> None:
    samples = table()
    assert samples.score_names == ("match",)
    assert samples.score("other") is None
    assert samples.field("family") is None
    assert len(samples) == 2
