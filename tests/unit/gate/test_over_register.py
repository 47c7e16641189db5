"""Facts that range over the register: compute against other models, and what a parent was found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.record import Record
from scalegate.gate.model import Named
from tests.strategies import lab

OTHER = "model:other"
NEEDS = {"status": "T3", "at_least": "crossed"}
LEAST: lab.Plain = {"among": "other_models", "where": NEEDS, "gives": "compute_ratio_to_least"}
BELOW: lab.Plain = {
    "among": "parent",
    "where": {"status": "T3", "at_most": "ruled_out"},
    "gives": "holds",
}
COMPUTE = {
    "id": "versus",
    "type": "number",
    "unit": "ratio",
    "statement": "ratio",
    "cite": lab.CITE,
}
PARENT = {"id": "below", "type": "boolean", "statement": "below", "cite": lab.CITE}
FROM = {"id": "derived", "type": "boolean", "statement": "derived", "cite": lab.CITE}


def policy(over: lab.Plain = LEAST) -> Any:
    return lab.policy_of(
        lab.row("K"),
        facts=[
            {**COMPUTE, "over": over},
            {**PARENT, "over": BELOW},
            {**FROM, "over": {"among": "parent", "gives": "holds"}},
        ],
    )


def model(ref: str, **payload: Any) -> Record:
    given = {"series": "series:s", "lab": "lab:lab", **payload}
    return lab.doc("model", ref.replace(":", "-"), given, subject=ref)


def grown(ref: str, ratio: str, **payload: Any) -> Record:
    return model(ref, root=lab.ROOT, effective_compute_ratio=float(ratio), **payload)


def found(ref: str, answer: str) -> Record:
    """Return a determination on T3, which no line of its own speaks to."""
    name = f"{ref.replace(':', '-')}-{answer}"
    return lab.act(name, "threshold:T3", answer, subject=ref, grounds=["report"])


def run(planned: float, unit: str = "ratio_to_root", **payload: Any) -> Record:
    given = {"kind": "pretraining", "model": "model:next", "planned_effective_compute": planned}
    return lab.doc("run", "run-n", {**given, "unit": unit, **payload}, subject="run:n")


NEXT = grown("model:next", "1")
REACHED, CLEAR = found(OTHER, "crossed"), found(OTHER, "ruled_out")


def versus(*records: Record, ref: str = "run:n") -> Named:
    """Return the fact on compute; the model and the root of the lab's register are ruled out."""
    rest = [lab.report(), found(lab.MODEL, "ruled_out"), found(lab.ROOT, "ruled_out"), NEXT]
    return lab.world(*rest, *records, policy=policy(), ref=ref).facts["versus"]


RATIOS: dict[str, tuple[list[Record], str | None]] = {
    "as much as the other": ([run(3), grown(OTHER, "3"), REACHED], "1"),
    "half of it": ([run(1.5), grown(OTHER, "3"), REACHED], "0.5"),
    "the least of two counts": (
        [
            run(3),
            grown(OTHER, "3"),
            REACHED,
            grown("model:small", "1.5"),
            found("model:small", "crossed"),
        ],
        "2",
    ),
    "one that was ruled out does not count": (
        [
            run(3),
            grown(OTHER, "3"),
            REACHED,
            grown("model:small", "1.5"),
            found("model:small", "ruled_out"),
        ],
        "1",
    ),
    "one of which nothing is known counts": ([run(3), grown(OTHER, "1.5")], "2"),
    "another lab's does not count": (
        [run(3), grown(OTHER, "1.5", lab="lab:rival"), REACHED],
        None,
    ),
    "one of a lab that is not said counts": (
        [
            run(3),
            lab.doc(
                "model",
                "model-other",
                {"series": "series:t", "root": lab.ROOT, "effective_compute_ratio": 1.5},
                subject=OTHER,
            ),
            REACHED,
        ],
        "2",
    ),
    "none that counts gives nothing": ([run(3), grown(OTHER, "3"), CLEAR], None),
    "another root cannot be compared": (
        [
            run(3),
            model(OTHER, root="model:far", effective_compute_ratio=1),
            model("model:far", is_root=True),
            found("model:far", "ruled_out"),
            REACHED,
        ],
        None,
    ),
    "FLOP can": (
        [
            run(6, "flop"),
            model(OTHER, effective_compute_flop=4),
            REACHED,
        ],
        "1.5",
    ),
    "what a run has used beyond its plan": (
        [run(3, consumed_effective_compute=4.5), grown(OTHER, "3"), REACHED],
        "1.5",
    ),
}


@pytest.mark.parametrize("name", RATIOS)
def test_effective_compute_against_the_least_other_model_that_counts(name: str) -> None:
    records, expected = RATIOS[name]
    value = versus(*records).value
    assert value == (None if expected is None else Decimal(expected))


def test_the_model_itself_is_not_another_model() -> None:
    named = versus(run(3), found("model:next", "crossed"))
    assert (named.value, named.text) == (None, "not shown")


def test_a_document_that_says_otherwise_makes_it_unknown() -> None:
    records = [run(3), grown(OTHER, "3"), REACHED]
    said = lab.fact("said", "versus", 0, unit="ratio", subject="run:n")
    named = versus(*records, said)
    assert named.value is None
    assert "documents differ" in named.text
    alone = versus(run(3), said)
    assert alone.value == 0


def test_the_words_say_which_model_it_is_measured_against() -> None:
    named = versus(run(3), grown(OTHER, "1.5"), REACHED)
    assert named.text == "is 2; by the register 2 times model:other"
    lost = versus(run(3, "flop"), grown(OTHER, "1.5"), REACHED)
    assert "cannot be compared with model:other" in lost.text


PARENTS: dict[str, tuple[list[Record], bool | None]] = {
    "shown to be below": ([CLEAR], True),
    "found to have crossed": ([REACHED], False),
    "not ruled out counts as crossed": ([found(OTHER, "not_ruled_out")], False),
    "not assessed": ([], None),
}


def child(variant: str = "distilled") -> Record:
    small = "checkpoint:small/final"
    edge = {
        "kind": "variant_of",
        "variant": variant,
        "start": small,
        "to": "checkpoint:other/final",
    }
    return model("model:small", checkpoints=[{"id": small, "role": "shipped"}], edges=[edge])


BIG = model(OTHER, checkpoints=[{"id": "checkpoint:other/final", "role": "shipped"}])


@pytest.mark.parametrize("name", PARENTS)
def test_what_was_found_of_the_model_it_was_made_from(name: str) -> None:
    records, expected = PARENTS[name]
    known = lab.world(BIG, child(), lab.report(), *records, policy=policy(), ref="model:small")
    assert known.facts["below"].value is expected
    assert known.facts["derived"].value is True


def test_without_a_parent_the_register_says_nothing() -> None:
    for record in (child("helpful_only"), model("model:small")):
        known = lab.world(BIG, record, policy=policy(), ref="model:small")
        assert known.facts["below"].value is None
        assert known.facts["derived"].value is None


def test_a_quantised_checkpoint_has_the_one_it_was_made_from_for_a_parent() -> None:
    small, whole = "checkpoint:other/int8", "checkpoint:other/final"
    edge = {"kind": "variant_of", "variant": "quantised", "start": small, "to": whole}
    both = model(OTHER, checkpoints=[{"id": small}, {"id": whole}], edges=[edge])
    known = lab.world(both, CLEAR, lab.report(), policy=policy(), ref=small)
    assert known.facts["derived"].value is True


FAULTS: dict[str, tuple[lab.Plain, str]] = {
    "a safeguard of another model": ({**LEAST, "where": {"safeguard": "G1"}}, "statu"),
    "a number that holds": ({**LEAST, "gives": "holds"}, "not of the fact's type"),
    "a threshold that is not there": ({**LEAST, "where": {"status": "T9", "at_least": "crossed"}},
                                      "unknown threshold"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_policy_is_refused(name: str) -> None:
    over, said = FAULTS[name]
    with pytest.raises(DocumentFaults) as refused:
        policy(over)
    assert said in str(refused.value)
