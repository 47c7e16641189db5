"""The OpenAI Preparedness Framework 2, as encoded, does what its text says at each gate.

Pages are those of the file. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, condition_holds, evaluate, strictest
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Flag,
    Gate,
    Level,
    Modality,
    SafeguardState,
    StatusRule,
)

FILE = Path(scalegate.__file__).parent / "frameworks" / "openai-pf@2.yaml"
POLICY = parse_policy(FILE.read_text(encoding="utf-8"), file=FILE.name)
PROGRAM = compile_policy(POLICY)

HIGH = ("BIO-HIGH", "CYBER-HIGH", "AISI-HIGH")
CRITICAL = ("BIO-CRITICAL", "CYBER-CRITICAL", "AISI-CRITICAL")
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
INTERNAL = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK)
SECURITY = next(item.members for item in POLICY.standards if item.id == "PF-SECURITY-HIGH")
LIVE = SafeguardState.LIVE_AND_SUFFICIENT
REPORTS = {"capabilities-report.covered": True, "safeguards-report.covered": True}
ACTS = {"capability-determination": True, "safeguards-sufficient": True, "go-decision": True}
FACTS: Mapping[str, bool] = {
    "covered-system": True,
    "large-scale-internal": False,
    "long-range-autonomy": False,
    "undermining-safeguards": False,
    "derived-model": False,
    "significant-increase-suspected": False,
    "parent-below-high-bio": False,
    "parent-below-high-cyber": False,
    "parent-below-high-aisi": False,
}
RESOLVED = {
    "cyber-misalignment-scope": "unconditional",
    "halt-on-forecast": "reached_or_forecast",
    "bio-misuse-lasts": "throughout",
}


def situation(
    *crossed: str,
    without: tuple[str, ...] = (),
    not_live: tuple[str, ...] = (),
    facts: Mapping[str, bool] = FACTS,
    readings: Mapping[str, str] = RESOLVED,
    flagged: tuple[str, ...] = (),
    **changes: Any,
) -> Situation:
    """All thresholds ruled out but `crossed`; everything in place but `without`, `not_live`."""
    statuses = {
        name: Status(
            level=Level.CROSSED if name in crossed else Level.RULED_OUT,
            flags=frozenset({Flag.FORECAST}) if name in flagged else frozenset(),
        )
        for name in (*HIGH, *CRITICAL)
    }
    safeguards = {item.id: LIVE for item in POLICY.safeguards if item.id not in not_live}
    safeguards |= dict.fromkeys(not_live, SafeguardState.ABSENT)
    given: dict[str, Any] = {
        "statuses": statuses,
        "safeguards": safeguards,
        "documents": {name: True for name in REPORTS if name not in without},
        "acts": {name: True for name in ACTS if name not in without},
        "facts": dict(facts),
        "readings": dict(readings),
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def standards(*specified: str, met: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "specified": dict.fromkeys(specified, True),
        "specified_members": dict.fromkeys(met, True),
    }


def test_no_threshold_reached_and_all_done_opens_every_gate_the_text_speaks_of() -> None:
    for gate in (Gate.TRAIN, *INTERNAL, *EXTERNAL):
        assert at(gate, situation()).level is EffectLevel.ALLOW


@pytest.mark.parametrize("name", [*HIGH, *CRITICAL])
def test_whether_kept_weights_need_the_controls_is_a_reading(name: str) -> None:
    bare = situation(name, not_live=SECURITY)
    level = {
        option: at(
            Gate.STORE, situation(name, not_live=SECURITY, readings={**RESOLVED, **fixed})
        ).level
        for option, fixed in {
            "covered": {"weights-at-rest": "covered"},
            "not_covered": {"weights-at-rest": "not_covered"},
        }.items()
    }
    assert level == {"covered": EffectLevel.HOLD, "not_covered": EffectLevel.ALLOW}
    assert at(Gate.STORE, bare).level is EffectLevel.HOLD
    assert not POLICY.silent_at


def test_knowing_nothing_holds_every_governed_gate() -> None:
    for gate in Gate:
        assert at(gate, Situation()).level is EffectLevel.HOLD


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation(without=("capabilities-report.covered",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"CAPABILITIES-REPORT"},
        id="3.3 p.10: no deployment of a covered model before its Capabilities Report",
    ),
    pytest.param(
        situation(without=("capability-determination",)),
        Gate.EXTERNAL_LIMITED,
        Ask.START,
        EffectLevel.HOLD,
        {"CAPABILITIES-REPORT"},
        id="3.3 p.10: the group decides on the report",
    ),
    pytest.param(
        situation(without=("go-decision",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"GO-DECISION"},
        id="B p.16: Leadership makes the go decision",
    ),
    pytest.param(
        situation(without=("go-decision",), facts={**FACTS, "covered-system": False}),
        Gate.INTERNAL,
        Ask.START,
        EffectLevel.ALLOW,
        None,
        id="3.2 p.10: the framework applies to covered systems",
    ),
    pytest.param(
        situation("BIO-HIGH", not_live=("sec-zero-trust",)),
        Gate.TRAIN,
        Ask.CONTINUE,
        EffectLevel.HOLD,
        {"HIGH-SECURITY-BIO"},
        id="2.2 p.5: security controls as the system is developed",
    ),
    pytest.param(
        situation("BIO-HIGH", not_live=("misuse-safeguards-bio",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-MISUSE-BIO"},
        id="Table 1 p.6: bio High, misuse safeguards before external deployment",
    ),
    pytest.param(
        situation("BIO-HIGH", not_live=("misuse-safeguards-bio",)),
        Gate.INTERNAL_HIGH_RISK,
        Ask.START,
        EffectLevel.ALLOW,
        None,
        id="Table 1 p.6: bio High asks misuse safeguards of external deployment only",
    ),
    pytest.param(
        situation("BIO-HIGH", not_live=("misuse-safeguards-cyber",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.ALLOW,
        None,
        id="Table 1 p.6: safeguards are per category",
    ),
    pytest.param(
        situation("CYBER-HIGH", not_live=("misuse-safeguards-cyber",)),
        Gate.OPEN_WEIGHTS,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-MISUSE-CYBER"},
        id="Table 1 p.6: cyber High, misuse safeguards for external deployment",
    ),
    pytest.param(
        situation(
            "AISI-HIGH",
            not_live=(
                "misuse-safeguards-bio",
                "misuse-safeguards-cyber",
                "misalignment-safeguards-cyber",
            ),
        ),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.ALLOW,
        None,
        id="Table 1 p.7: self-improvement High lists security only",
    ),
    pytest.param(
        situation("AISI-HIGH", not_live=("sec-least-privilege",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-SECURITY-AISI"},
        id="Table 1 p.7: self-improvement High asks security",
    ),
    pytest.param(
        situation("AISI-HIGH", without=("safeguards-report.covered",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-SUFFICIENT-AISI"},
        id="4.2 p.12: every High system needs safeguards found sufficient",
    ),
    pytest.param(
        situation("CYBER-HIGH", without=("safeguards-sufficient",)),
        Gate.INTERNAL,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-SUFFICIENT-CYBER"},
        id="4.2 p.12 with 3.2 p.10: covered internal deployment too",
    ),
    pytest.param(
        situation("CYBER-HIGH", without=("safeguards-sufficient",)),
        Gate.INTERNAL,
        Ask.CONTINUE,
        EffectLevel.ALLOW,
        None,
        id="4.2 p.12: the finding comes before deployment",
    ),
    pytest.param(
        situation("CYBER-CRITICAL"),
        Gate.TRAIN,
        Ask.CONTINUE,
        EffectLevel.HOLD,
        {"CRITICAL-HALT-CYBER", "CRITICAL-SAFEGUARDS-CYBER"},
        id="Table 1 p.7: Critical halts development while no standard is specified",
    ),
    pytest.param(
        situation("CYBER-CRITICAL", **standards("PF-CRITICAL-CYBER")),
        Gate.TRAIN,
        Ask.CONTINUE,
        EffectLevel.HOLD,
        {"CRITICAL-SAFEGUARDS-CYBER"},
        id="4.2 p.12, 4.4 p.13: specified is not met",
    ),
    pytest.param(
        situation("CYBER-CRITICAL", **standards("PF-CRITICAL-CYBER", met=("PF-CRITICAL-CYBER",))),
        Gate.TRAIN,
        Ask.CONTINUE,
        EffectLevel.ALLOW,
        None,
        id="4.4 p.13: met, development goes on",
    ),
    pytest.param(
        situation("BIO-CRITICAL", **standards("PF-CRITICAL-CYBER", met=("PF-CRITICAL-CYBER",))),
        Gate.TRAIN,
        Ask.START,
        EffectLevel.HOLD,
        {"CRITICAL-HALT-BIO", "CRITICAL-SAFEGUARDS-BIO"},
        id="Table 1 p.6: another category's standard does not help",
    ),
    pytest.param(
        situation(flagged=("BIO-CRITICAL",), **standards("PF-CRITICAL-BIO")),
        Gate.INTERNAL,
        Ask.START,
        EffectLevel.HOLD,
        {"CRITICAL-SAFEGUARDS-BIO"},
        id="4.4 p.13: forecast Critical needs safeguards, deployed or not",
    ),
    pytest.param(
        situation(flagged=("BIO-HIGH",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.ALLOW,
        None,
        id="4 p.11: a forecast of High starts work and holds nothing",
    ),
    pytest.param(
        situation(
            "BIO-CRITICAL",
            not_live=("misuse-safeguards-bio",),
            **standards("PF-CRITICAL-BIO", met=("PF-CRITICAL-BIO",)),
        ),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        EffectLevel.HOLD,
        {"HIGH-MISUSE-BIO"},
        id="Table 1 p.6: Critical stands above High and brings its requirements",
    ),
]


@pytest.mark.parametrize(("given", "gate", "ask", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, ask: Ask, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(gate, given, ask)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


def _expected_hold(
    gate: Gate, crossed: frozenset[str], lacks: str | None, *, misalignment_asked: bool
) -> bool:
    """Table 1 (pp. 6-7), 2.2 (p. 5), 4.2 (p. 12): what holds when one thing is lacking."""
    high = {name for name in HIGH if name in crossed or name.replace("HIGH", "CRITICAL") in crossed}
    if crossed & set(CRITICAL):
        return True  # no Critical standard is recorded in these situations
    if lacks == "security":
        return bool(high)
    if lacks in ("misuse-safeguards-bio", "misuse-safeguards-cyber"):
        return gate in EXTERNAL and f"{lacks.rsplit('-', 1)[1].upper()}-HIGH" in high
    if lacks == "misalignment-safeguards-cyber":
        return gate in INTERNAL and misalignment_asked and "CYBER-HIGH" in high
    if lacks == "safeguards-sufficient":
        return gate is not Gate.TRAIN and bool(high)
    return False


def test_the_whole_gate_matrix_follows_table_1() -> None:
    lacking = (
        None,
        "security",
        "misuse-safeguards-bio",
        "misuse-safeguards-cyber",
        "misalignment-safeguards-cyber",
        "safeguards-sufficient",
    )
    scopes = ("unconditional", "with_long_range_autonomy")
    checked = 0
    for bits in product((False, True), repeat=6):
        crossed = frozenset(name for name, bit in zip((*HIGH, *CRITICAL), bits, strict=True) if bit)
        for lacks, large, auto, scope in product(lacking, (False, True), (False, True), scopes):
            given = _lacking(
                lacks,
                crossed,
                {"large-scale-internal": large, "long-range-autonomy": auto},
                {"cyber-misalignment-scope": scope},
            )
            asked = large and (auto or scope == "unconditional")
            for gate in (Gate.TRAIN, *INTERNAL, *EXTERNAL):
                expected = _expected_hold(gate, crossed, lacks, misalignment_asked=asked)
                held = at(gate, given).level is EffectLevel.HOLD
                assert held is expected, (gate, crossed, lacks, large, auto, scope)
                checked += 1
    assert checked == 2**6 * len(lacking) * 8 * 6


def _lacking(
    lacks: str | None,
    crossed: frozenset[str],
    facts: Mapping[str, bool],
    readings: Mapping[str, str],
) -> Situation:
    not_live = {
        "security": ("sec-oversight",),
        None: (),
        "safeguards-sufficient": (),
    }.get(lacks, (str(lacks),))
    return situation(
        *crossed,
        without=("safeguards-sufficient",) if lacks == "safeguards-sufficient" else (),
        not_live=not_live,
        facts={**FACTS, **facts},
        readings={**RESOLVED, **readings},
    )


def test_each_of_the_sixteen_practices_of_c3_is_needed_at_high() -> None:
    assert len(SECURITY) == 16
    for practice in SECURITY:
        for high in HIGH:
            given = situation(high, not_live=(practice,))
            for gate in (Gate.TRAIN, *INTERNAL, *EXTERNAL):
                assert at(gate, given).level is EffectLevel.HOLD, (practice, high, gate)


def test_the_disputed_cyber_clause_depends_on_its_reading() -> None:
    """Table 1 p.6: OpenAI and The Midas Project read it differently for GPT-5.3-Codex."""
    given = situation(
        "CYBER-HIGH",
        not_live=("misalignment-safeguards-cyber",),
        facts={**FACTS, "large-scale-internal": True},
        readings={key: value for key, value in RESOLVED.items() if "scope" not in key},
    )
    worst, outcomes = strictest(PROGRAM, given, Gate.INTERNAL)
    levels = {dict(chosen)["cyber-misalignment-scope"]: item.level for chosen, item in outcomes}
    assert worst.level is EffectLevel.HOLD
    assert levels == {
        "unconditional": EffectLevel.HOLD,
        "with_long_range_autonomy": EffectLevel.ALLOW,
    }


def test_an_unknown_scale_of_internal_deployment_counts_as_large() -> None:
    facts = {key: value for key, value in FACTS.items() if key != "large-scale-internal"}
    given = situation("CYBER-HIGH", not_live=("misalignment-safeguards-cyber",), facts=facts)
    assert at(Gate.INTERNAL, given).level is EffectLevel.HOLD


def test_whether_a_forecast_of_critical_halts_depends_on_its_reading() -> None:
    given = situation(
        flagged=("AISI-CRITICAL",),
        readings={key: value for key, value in RESOLVED.items() if "halt" not in key},
    )
    _, outcomes = strictest(PROGRAM, given, Gate.TRAIN)
    halts = {
        dict(chosen)["halt-on-forecast"]: "CRITICAL-HALT-FORECAST-AISI" in item.determining
        for chosen, item in outcomes
    }
    assert halts == {"reached_or_forecast": True, "reached_only": False}


@pytest.mark.parametrize("category", ["BIO", "CYBER", "AISI"])
def test_critical_halts_each_category_until_specified_and_then_asks_for_what_was_specified(
    category: str,
) -> None:
    """Table 1 pp.6-7; 4.2 p.12; 4.4 p.13."""
    standard, critical = f"PF-CRITICAL-{category}", f"{category}-CRITICAL"
    reached = {f"CRITICAL-HALT-{category}", f"CRITICAL-SAFEGUARDS-{category}"}
    forecast = {f"CRITICAL-HALT-FORECAST-{category}", f"CRITICAL-SAFEGUARDS-{category}"}
    assert set(at(Gate.TRAIN, situation(critical)).determining) == reached
    assert set(at(Gate.TRAIN, situation(flagged=(critical,))).determining) == forecast
    for gate in (Gate.TRAIN, *INTERNAL, *EXTERNAL):
        unmet = situation(critical, **standards(standard))
        met = situation(critical, **standards(standard, met=(standard,)))
        assert at(gate, unmet).determining == (f"CRITICAL-SAFEGUARDS-{category}",)
        assert at(gate, met).level is EffectLevel.ALLOW


@pytest.mark.parametrize("category", ["BIO", "CYBER"])
def test_misuse_safeguards_that_fail_while_a_deployment_runs(category: str) -> None:
    """Table 1 p.6: "before" in biology (a reading), "for" in cybersecurity."""
    lacking = (f"misuse-safeguards-{category.lower()}",)
    levels = {}
    for option in ("throughout", "before_only"):
        given = situation(
            f"{category}-HIGH",
            not_live=lacking,
            readings={**RESOLVED, "bio-misuse-lasts": option},
        )
        levels[option] = at(Gate.EXTERNAL_GENERAL, given, Ask.CONTINUE).level
    assert levels["throughout"] is EffectLevel.HOLD
    expected = EffectLevel.ALLOW if category == "BIO" else EffectLevel.HOLD
    assert levels["before_only"] is expected


def test_not_ruled_out_counts_as_crossed_and_no_deployment_precedes_a_determination() -> None:
    """3.3 pp.10-11: the determination is holistic; no precaution is written."""
    statuses = {name: Status(level=Level.RULED_OUT) for name in (*HIGH, *CRITICAL)}
    statuses["BIO-HIGH"] = Status(level=Level.NOT_RULED_OUT)
    ready = situation(statuses=statuses)
    unsafe = situation(not_live=("misuse-safeguards-bio",), statuses=statuses)
    undetermined = situation(without=("capability-determination",), statuses=statuses)
    assert at(Gate.EXTERNAL_GENERAL, ready).level is EffectLevel.ALLOW
    assert at(Gate.EXTERNAL_GENERAL, unsafe).determining == ("HIGH-MISUSE-BIO",)
    assert at(Gate.EXTERNAL_GENERAL, undetermined).determining == ("CAPABILITIES-REPORT",)
    rule = POLICY.semantics.not_ruled_out
    assert rule.rule is StatusRule.TREAT_AS_CROSSED
    assert rule.ours
    assert rule.cite is None


def test_marginal_risk_softens_one_area_and_neither_security_nor_the_halt() -> None:
    """4.3 p.13."""
    lacking = ("misuse-safeguards-bio", "misuse-safeguards-cyber")
    invoked = {"MARGINAL-RISK-BIO": True}
    bio = at(Gate.EXTERNAL_GENERAL, situation("BIO-HIGH", not_live=lacking, discretions=invoked))
    assert bio.level is EffectLevel.ALLOW_WITH
    assert bio.softened_by == ("MARGINAL-RISK-BIO",)
    assert any("ublicly acknowledge" in item for item in bio.obligations)
    both = at(
        Gate.EXTERNAL_GENERAL,
        situation("BIO-HIGH", "CYBER-HIGH", not_live=lacking, discretions=invoked),
    )
    assert both.determining == ("HIGH-MISUSE-CYBER",)
    insecure = situation("BIO-HIGH", not_live=("sec-zero-trust",), discretions=invoked)
    assert at(Gate.EXTERNAL_GENERAL, insecure).level is EffectLevel.HOLD
    halted = situation("BIO-CRITICAL", discretions=invoked)
    assert at(Gate.TRAIN, halted).level is EffectLevel.HOLD
    for item in POLICY.discretions:
        assert len(item.tests) == 4


def test_research_category_responses_are_advice() -> None:
    """Table 2 p.8 calls them potential responses."""
    advice = {row.id for row in POLICY.commitments if not row.binds}
    assert advice == {"RESEARCH-LONG-RANGE-AUTONOMY", "RESEARCH-UNDERMINING-SAFEGUARDS"}
    given = situation("CYBER-HIGH", facts={**FACTS, "long-range-autonomy": True})
    assert at(Gate.EXTERNAL_GENERAL, given).level is EffectLevel.ALLOW


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"significant-increase-suspected": True}, False),
        ({"parent-below-high-cyber": False}, False),
        ({"derived-model": False}, False),
    ],
)
def test_footnote_6_exempts_a_derived_model_of_a_parent_below_high(
    changes: Mapping[str, bool], holds: bool
) -> None:
    """3.2 footnote 6 p.10, per category."""
    rule = next(item for item in POLICY.exemptions if item.id == "DERIVED-BELOW-HIGH-CYBER")
    facts = {**FACTS, "derived-model": True, "parent-below-high-cyber": True, **changes}
    assert rule.thresholds == ("CYBER-HIGH", "CYBER-CRITICAL")
    assert condition_holds(POLICY, rule.when, Situation(facts=facts)) is holds
    for unknown in ("derived-model", "parent-below-high-cyber", "significant-increase-suspected"):
        known = {key: value for key, value in facts.items() if key != unknown}
        assert not condition_holds(POLICY, rule.when, Situation(facts=known))


def test_the_board_outranks_leadership_and_leadership_the_advisory_group() -> None:
    """B p.16."""
    rank = {role.id: role.rank for role in POLICY.roles}
    assert rank["board"] > rank["leadership"] > rank["sag-chair"] > rank["sag"]
    decide = next(item for item in POLICY.questions if item.id == "go-decision")
    assert decide.by == ("leadership",)


def test_no_number_is_invented_and_every_binding_verb_is_printed() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
    for row in POLICY.commitments:
        assert row.binding is None
        assert row.native_verb
        assert row.cite.page
        assert row.modality in (Modality.MUST, Modality.WILL, Modality.MAY)


def test_the_framework_review_is_yearly() -> None:
    """B p.16."""
    review = next(item for item in POLICY.duties if item.id == "framework-review")
    assert (review.every, review.started_by, review.modality) == ("1y", "calendar", Modality.WILL)


def test_duties_that_no_gate_turns_on_bind_and_say_what_they_contain() -> None:
    """Sections 2.2, 2.3, 4.1 and B, p. 5, 7-9, 11, 16."""
    duties = {duty.id: duty for duty in POLICY.duties}
    for name in (
        *("threat-models", "safeguard-selection", "self-improvement-investments"),
        *("long-range-autonomy-decisions", "nuclear-research", "longer-term-recommendations"),
    ):
        assert duties[name].modality.binds, name
    assert len(duties["safeguard-selection"].must_contain) == 3
    assert duties["threat-models"].to == ("Safety Advisory Group",)
