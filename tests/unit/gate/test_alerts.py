"""Alerts: raised anywhere in the series, kept until released, and of one version of a framework."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Finding
from scalegate.policy.vocabulary import Flag
from tests.strategies import lab

OLD, OLD_CHECKPOINT = "model:old", "checkpoint:old/helpful"
LINE = lab.line("A", role="alert")


def policy(**changes: Any) -> Any:
    thresholds = [lab.threshold("T1", lab.line("P1"), LINE)]
    return lab.policy_of(lab.row("K"), thresholds=thresholds, facts=[], **changes)


def old(series: str = "series:s") -> Record:
    payload = {"series": series, "checkpoints": [{"id": OLD_CHECKPOINT, "role": "elicitation"}]}
    return lab.doc("model", "model-old", payload, subject=OLD)


def scored(value: str, name: str = "result-old", on: str = OLD_CHECKPOINT) -> list[Record]:
    """Return a score on the alert line, by default of the earlier model of the series."""
    subject = OLD if on == OLD_CHECKPOINT else lab.MODEL
    changes: lab.Plain = {"id": name, "tested": on, "subject": subject}
    return [
        lab.mapping("A", name, id=f"map-{name}"),
        lab.result("A", value, **changes),
    ]


CLEAN = [lab.mapping("P1"), lab.result("P1"), *scored("0.01", "result-own", lab.HELPFUL)]


def release(name: str, target: str, **changes: Any) -> Record:
    given = {"act": "reverse", "reverses": target, "true_from": lab.day(-1), **changes}
    return lab.act(name, "alert:T1", "released", **given)


def under(framework: str, question: str) -> Record:
    """Return an act that raises an alert under another version."""
    kind, _, name = question.partition(":")
    payload = {
        "act": "determine",
        "by": {"role": "ceo"},
        "question": f"{kind}:{framework}/{name}",
        "answer": "reached",
        "statement": "for reasons",
    }
    return lab.doc("act", "said", payload)


def finding(*records: Record, **changes: Any) -> Finding:
    return lab.world(*CLEAN, *records, policy=policy(**changes)).findings["T1"]


def is_raised(*records: Record, **changes: Any) -> bool:
    return Flag.ALERT in finding(*records, **changes).status.flags


def raising(**changes: Any) -> Record:
    return lab.act("said", "alert:T1", "reached", act="determine", **changes)


RAISED: dict[str, tuple[list[Record], bool]] = {
    "nothing of the series": ([old()], False),
    "an earlier model that cleared the line": ([old(), *scored("0.01")], False),
    "an earlier model that reached it": ([old(), *scored("0.9")], True),
    "a model of another series": ([old("series:t"), *scored("0.9")], False),
    "an act on the series": ([raising(subject="series:s")], True),
    "an act on an earlier model": ([old(), raising(subject=OLD)], True),
    "an act on a checkpoint of it": ([old(), raising(subject=OLD_CHECKPOINT)], True),
    "an act on a model of another series": ([old("series:t"), raising(subject=OLD)], False),
    "its own line": (scored("0.9", "later", lab.HELPFUL), True),
}


@pytest.mark.parametrize("name", RAISED)
def test_an_alert_is_raised_by(name: str) -> None:
    records, expected = RAISED[name]
    assert is_raised(*records) is expected


def test_a_lower_score_later_does_not_take_an_alert_back_and_the_words_say_what_keeps_it() -> None:
    found = finding(old(), *scored("0.9"))
    assert found.alerts == ("alert raised on 2025-12-01 by result-old against A on model:old",)
    known = lab.world(*CLEAN, old(), *scored("0.9"), policy=policy())
    assert "result-old against A" in str(lab.decided(known).why.to_mapping())


RELEASES: dict[str, tuple[list[Record], bool]] = {
    "the measurement is released by who decides": ([release("r", "result-old")], False),
    "released by a role that does not decide": (
        [release("r", "result-old", role="board")],
        True,
    ),
    "released by a role that the policy does not know": (
        [release("r", "result-old", role="intern")],
        True,
    ),
    "another document is released": ([release("r", "result-own")], True),
    "released before it was measured": (
        [release("r", "result-old", true_from="2025-11-01", known_from="2025-11-01")],
        True,
    ),
    "the release itself is reversed": (
        [release("r", "result-old"), release("back", "r")],
        True,
    ),
    "saying anew that it is not reached": (
        [lab.act("r", "alert:T1", "released", act="determine", true_from=lab.day(-1))],
        True,
    ),
}


@pytest.mark.parametrize("name", RELEASES)
def test_an_alert_stays_unless(name: str) -> None:
    records, stays = RELEASES[name]
    assert is_raised(old(), *scored("0.9"), *records) is stays


def test_every_document_of_two_must_be_released() -> None:
    two = [old(), *scored("0.9"), *scored("0.8", "result-old-2")]
    assert is_raised(*two, release("r", "result-old"))
    assert not is_raised(*two, release("r", "result-old"), release("s", "result-old-2"))


def test_age_does_not_take_an_alert_back() -> None:
    assert is_raised(old(), *scored("0.9"), semantics={"verdict_valid_for": "7d"})


def test_a_release_does_not_stand_in_for_a_measurement_that_is_missing() -> None:
    known = lab.world(
        lab.mapping("P1"), lab.result("P1"), release("r", "result-own"), policy=policy()
    )
    found = known.findings["T1"]
    assert Flag.ALERT in found.status.flags
    assert found.alerts == ("alert line A was not measured",)


def test_an_alert_belongs_to_one_version_of_the_framework() -> None:
    other = under("lab@0", "alert:T1")
    assert not is_raised(other)
    stands = {
        "id": "alert",
        "framework": "lab@0",
        "kind": "alert",
        "was": "T1",
        "now": "T1",
        "statement": "alerts stand",
        "cite": lab.CITE,
    }
    assert is_raised(other, carried_over=[stands])
