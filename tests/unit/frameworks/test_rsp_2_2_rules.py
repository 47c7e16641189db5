"""Anthropic RSP 2.2 as data: standards, readings, exemption, discretion, and laws by brute force.

Pages are the file's own count, as in the framework file.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from scalegate.policy.evaluate import condition_holds, evaluate
from scalegate.policy.parse import parse_indicator_set
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import (
    Ask,
    Domain,
    EffectLevel,
    Flag,
    Gate,
    IndicatorRole,
    Level,
    SofterRule,
    StatusRule,
)
from tests.unit.frameworks.rsp_2_2_situations import (
    THRESHOLDS,
    asl_3_in_place,
    far_from_everything,
    policy,
    program,
    status,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
START, CONTINUE = Ask.START, Ask.CONTINUE
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
GENERAL, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.INTERNAL
STORE, TRAIN = Gate.STORE, Gate.TRAIN


def test_file_is_the_framework_it_names() -> None:
    assert policy().name == "anthropic-rsp@2.2"
    assert {item.neutral for item in policy().domains} == {
        Domain.CBRN,
        Domain.AI_RND,
        Domain.CYBER,
    }
    watched = {item.id for item in policy().domains if item.watch_list}
    assert watched.isdisjoint({item.domain for item in policy().thresholds})


def test_standards_list_their_criteria() -> None:
    """Sections 4.1 (seven) and 4.2 (four, the second with five parts; note 11), Appendix B."""
    sizes = {item.id: len(item.members) for item in policy().standards}
    assert sizes == {
        "ASL-2-Deployment": 4,
        "ASL-2-Security": 6,
        "ASL-3-Deployment": 7,
        "ASL-3-Security": 4 + 5 + 1,
        "ASL-4-Deployment": 0,
        "ASL-4-Security": 0,
    }
    unspecified = {item.id for item in policy().standards if item.unspecified}
    assert unspecified == {"ASL-4-Deployment", "ASL-4-Security"}


def test_statuses_are_read_as_section_3_says() -> None:
    rules = policy().semantics
    assert rules.not_ruled_out.rule is StatusRule.TREAT_AS_CROSSED
    assert rules.softer_determination.rule is SofterRule.COUNTS
    cited = (rules.not_ruled_out.cite, rules.softer_determination.cite, rules.forecast.cite)
    assert None not in cited


def test_only_indicator_of_the_policy_is_marked_as_ours() -> None:
    lines = [line for item in policy().thresholds for line in item.indicators]
    assert [line.id for line in lines] == ["horizon-2h"]
    assert lines[0].ours
    assert lines[0].role is IndicatorRole.RULE_OUT
    assert lines[0].value == 120


def test_checkpoint_rules_out_both_research_thresholds() -> None:
    """Section 2, p. 8."""
    inferences = {item.id: item.rules_out for item in policy().thresholds}
    assert inferences["checkpoint-2-8h"] == ("AIRD-4", "AIRD-5")
    assert inferences["CBRN-3"] == ()


@pytest.mark.parametrize(
    ("ratio", "months", "asked", "exempt"),
    [
        ("3.99", "5.9", False, True),
        ("4", "5.9", False, False),
        ("3.99", "6", False, False),
        ("3.99", "5.9", True, False),
        (None, "5.9", False, False),
        ("3.99", None, False, False),
        ("3.99", "5.9", None, False),
    ],
)
def test_only_a_model_not_notably_more_capable_is_exempt(
    ratio: str | None, months: str | None, asked: bool | None, exempt: bool
) -> None:
    """Section 3.1, p. 10: 4x effective compute, six months, or the officer's discretion."""
    facts = {
        "effective_compute_ratio": None if ratio is None else Decimal(ratio),
        "elicitation_months": None if months is None else Decimal(months),
        "rso_asks_for_assessment": asked,
    }
    rule = policy().exemptions[0]
    assert condition_holds(policy(), rule.when, Situation(facts=facts)) is exempt
    assert set(rule.thresholds) == set(THRESHOLDS)


def test_exempt_model_needs_no_new_capability_report() -> None:
    """Section 3.1, p. 10: no further testing is necessary; the officer approves all the same."""
    base = far_from_everything()
    exempt = replace(
        base,
        statuses={name: status(Level.NOT_REQUIRED) for name in THRESHOLDS},
        acts={"development-deployment-approval": True},
        documents={},
    )
    assert evaluate(program(), exempt, GENERAL).level is ALLOW
    alone = evaluate(program(), replace(exempt, acts={}), GENERAL)
    assert (alone.level, alone.determining) == (HOLD, ("officer-approval",))


def test_forecast_of_a_crossing_counts_as_one() -> None:
    """Section 3.2, p. 10-11: the model must be unlikely to reach the threshold."""
    base = far_from_everything()
    expected = replace(
        base, statuses={**base.statuses, "CBRN-3": status(Level.RULED_OUT, Flag.FORECAST)}
    )
    assert evaluate(program(), expected, GENERAL).level is HOLD


def test_competitor_contingency_lowers_required_safeguards_but_not_the_baseline() -> None:
    """Section 7.1, note 17, p. 17."""
    invoked = {"competitor-contingency": True}
    base = far_from_everything()
    situation = replace(
        base,
        statuses={**base.statuses, "CBRN-3": status(Level.NOT_RULED_OUT)},
        discretions=invoked,
        acts={**base.acts, "follow-up-decision": True},
    )
    outcome = evaluate(program(), situation, GENERAL)
    assert outcome.level is ALLOW_WITH
    assert outcome.softened_by == ("competitor-contingency",)
    bare = replace(situation, safeguards={})
    assert evaluate(program(), bare, GENERAL).level is HOLD


def test_discretion_releases_every_row_of_required_safeguards() -> None:
    released = set(policy().discretions[0].releases)
    kept = {row.id for row in policy().commitments if row.binds} - released
    assert kept == {
        "officer-approval",
        "asl-2-security",
        "asl-2-deployment",
        "training-cap-just-below",
        "follow-up-assessment",
        "asl-4-standards-described",
        "asl-4-security-described",
        "capability-decision-external",
        "capability-decision-internal",
    }


def test_every_gate_is_governed() -> None:
    for gate, ask in product(Gate, Ask):
        assert evaluate(program(), Situation(), gate, ask).governed
        assert evaluate(program(), Situation(), gate, ask).level >= HOLD


LEVELS = tuple(Level)


def test_worse_status_never_relaxes_any_gate() -> None:
    """All 5 x 5 x 5 x 5 statuses of the binding thresholds, in three states of the safeguards."""
    names = ("CBRN-3", "CBRN-4", "AIRD-4", "AIRD-5")
    interim = replace(far_from_everything(), substitutes={"interim-security": True})
    for base, (gate, ask) in product(
        (far_from_everything(), asl_3_in_place(), interim),
        (
            (GENERAL, START),
            (GENERAL, CONTINUE),
            (STORE, CONTINUE),
            (TRAIN, START),
            (INTERNAL, START),
        ),
    ):
        found = {}
        for levels in product(range(len(LEVELS)), repeat=len(names)):
            given = {name: status(LEVELS[i]) for name, i in zip(names, levels, strict=True)}
            situation = replace(base, statuses={**base.statuses, **given})
            found[levels] = evaluate(program(), situation, gate, ask).level
        for levels, effect in found.items():
            for place, index in enumerate(levels):
                if index + 1 < len(LEVELS):
                    worse = (*levels[:place], index + 1, *levels[place + 1 :])
                    assert found[worse] >= effect, (gate, ask, levels, worse)


def test_losing_any_one_safeguard_act_or_document_never_opens_a_gate() -> None:
    base = replace(
        asl_3_in_place(),
        statuses={**asl_3_in_place().statuses, "CBRN-3": status(Level.CROSSED)},
    )
    for gate in Gate:
        before = evaluate(program(), base, gate).level
        for part in ("safeguards", "acts", "documents", "facts"):
            for name in getattr(base, part):
                left = {key: value for key, value in getattr(base, part).items() if key != name}
                after = evaluate(program(), replace(base, **{part: left}), gate).level
                assert after >= before, (gate, name)


@pytest.mark.parametrize("case", ["opus-4", "sonnet-4"])
def test_lines_of_the_claude_4_card_fit_the_policy(case: str) -> None:
    file = EXAMPLES / case / "indicators" / "claude-4-card.yaml"
    lines = parse_indicator_set(file.read_text(encoding="utf-8"), policy(), file=file.name)
    by_id = {line.id: line for line in lines.indicators}
    assert by_id["uplift-acceptable"].value == Decimal("2.8")
    assert by_id["uplift-significant"].value == 5
    assert by_id["bioweapons-knowledge"].of == 33
    assert by_id["internal-suite-2"].value == Decimal("0.6")
    ours = {line.id for line in lines.indicators if line.grades and not line.ours}
    assert not ours, "a judgement line without a printed mark says that its grades are ours"
