"""What was recorded under another version of a framework stands only where the text says so."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.gate.model import Assessment, Reason
from scalegate.policy.vocabulary import Level, SafeguardState
from tests.strategies import lab

OLD = "lab@0"
BEFORE = [
    lab.report(),
    lab.doc(
        "act",
        "old",
        {
            "act": "determine",
            "by": {"role": "ceo"},
            "question": f"threshold:{OLD}/OLD-3",
            "answer": "crossed",
            "statement": "for reasons",
            "grounds": ["report"],
        },
    ),
    lab.case_document(),
    lab.status("old-guard", "G-OLD", framework=OLD),
    lab.judgement("concern", "crossed", question=f"threshold:{OLD}/OLD-4"),
]


def entry(kind: str, was: str, now: str, **changes: Any) -> lab.Plain:
    plain = {"framework": OLD, "kind": kind, "was": was, "now": now, "id": f"{kind}-{was}"}
    return {**plain, "statement": "it stands", "cite": lab.CITE, **changes}


def known(*entries: lab.Plain) -> Assessment:
    policy = lab.policy_of(lab.row("K"), carried_over=list(entries))
    return lab.world(*BEFORE, policy=policy)


def test_nothing_crosses_a_revision_by_itself() -> None:
    found = known()
    assert found.findings["T3"].status.level is Level.UNASSESSED
    assert found.findings["T4"].reasons == (Reason.NO_EVIDENCE,)
    assert found.safeguards["G2"].state is SafeguardState.ABSENT


def test_a_determination_stands_where_the_text_says_so() -> None:
    finding = known(entry("threshold", "OLD-3", "T3")).findings["T3"]
    assert (finding.status.level, finding.judged[0].act) == (Level.CROSSED, "old")


def test_a_concern_comes_with_the_determinations_of_its_threshold() -> None:
    finding = known(entry("threshold", "OLD-4", "T4")).findings["T4"]
    assert Reason.EXPERT_CONCERN in finding.reasons


def test_evidence_on_a_safeguard_stands_where_the_text_says_so() -> None:
    found = known(entry("safeguard", "G-OLD", "G2")).safeguards["G2"]
    assert found.state is SafeguardState.LIVE_AND_SUFFICIENT


OTHERS: dict[str, lab.Plain] = {
    "another threshold": entry("threshold", "OLD-3", "T2"),
    "another version": entry("threshold", "OLD-3", "T3", framework="lab@0.5"),
    "another kind of state": entry("forecast", "OLD-3", "T3"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_it_stands_for_nothing_but_what_is_said(name: str) -> None:
    assert known(OTHERS[name]).findings["T3"].status.level is Level.UNASSESSED


FAULTS: dict[str, tuple[lab.Plain, str]] = {
    "a threshold that is not there": (entry("threshold", "OLD-3", "T9"), "unknown threshold"),
    "a safeguard that is not there": (entry("safeguard", "G-OLD", "T3"), "unknown safeguard"),
    "from itself": (entry("threshold", "T3", "T3", framework=lab.FRAMEWORK), "from itself"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_entry_is_refused(name: str) -> None:
    entry_, said = FAULTS[name]
    with pytest.raises(DocumentFaults) as refused:
        known(entry_)
    assert said in str(refused.value)
