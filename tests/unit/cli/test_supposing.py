"""`what-if --set` takes names and values that the policies know, and says what it does not take."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scalegate.base.errors import ScalegateError, UnknownName, UsageError
from scalegate.cli.supposing import supposed_in
from scalegate.policy.vocabulary import FactType, Kind, Level, SafeguardState
from tests.strategies.report_case import report_case

ASSESSMENTS = report_case().assessments


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("status:BIO-1=ruled_out", (Kind.STATUS, "BIO-1"), Level.RULED_OUT),
        ("safeguard:vault=stale", (Kind.SAFEGUARD, "vault"), SafeguardState.STALE),
        ("fact:rival-ahead=true", (Kind.FACT, "rival-ahead"), True),
        ("fact:rival-ahead=no", (Kind.FACT, "rival-ahead"), False),
        ("reading:scope=narrow", (Kind.READING, "scope"), "narrow"),
        ("discretion:marginal=yes", (Kind.DISCRETION, "marginal"), True),
    ],
)
def test_a_setting_is_read_for_the_policy_that_knows_its_name(
    text: str, key: tuple[Kind, str], value: object
) -> None:
    assert supposed_in(ASSESSMENTS, [text]) == ({key: value}, {})


def test_the_last_of_two_settings_of_one_name_holds() -> None:
    moves = supposed_in(ASSESSMENTS, ["status:B=crossed", "status:B=ruled_out"])
    assert moves == ({}, {(Kind.STATUS, "B"): Level.RULED_OUT})


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("status:BIO-1", UsageError, "KIND:NAME=VALUE"),
        ("BIO-1=ruled_out", UsageError, "KIND:NAME=VALUE"),
        ("status:=crossed", UsageError, "KIND:NAME=VALUE"),
        ("state:BIO-1=crossed", UnknownName, "`status`"),
        ("flag:BIO-1.alert=true", UnknownName, "unknown kind `flag`"),
        ("status:BIO-9=crossed", UnknownName, "`BIO-1`"),
        ("status:BIO-1=CROSSED", UnknownName, "`crossed`"),
        ("safeguard:vault=live", UnknownName, "`live_and_sufficient`"),
        ("fact:rival-ahead=3", UsageError, "`true` or `false`"),
        ("reading:scope=broad", UnknownName, "`narrow`"),
        ("status:BIO-\x1b[31m=crossed", UnknownName, "�"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_could(
    text: str, error: type[ScalegateError], said: str
) -> None:
    with pytest.raises(error) as refused:
        supposed_in(ASSESSMENTS, [text])
    assert said in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_number_is_exact_and_finite() -> None:
    known = ASSESSMENTS[0]
    policy = known.inputs.policy
    facts = tuple(each.model_copy(update={"type": FactType.NUMBER}) for each in policy.facts)
    inputs = replace(known.inputs, policy=policy.model_copy(update={"facts": facts}))
    numeric = replace(known, inputs=inputs)
    assert supposed_in([numeric], ["fact:rival-ahead=2.50"]) == (
        {(Kind.FACT, "rival-ahead"): Decimal("2.50")},
    )
    for word in ("NaN", "inf", "-Infinity", "many"):
        with pytest.raises(UsageError, match="a number"):
            supposed_in([numeric], [f"fact:rival-ahead={word}"])
