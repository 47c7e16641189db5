"""Growth since the root: small steps of succession add up, whatever a model's own entry says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.growth import Growth
from scalegate.evidence.record import Record
from scalegate.evidence.register import register_from
from tests.unit.evidence.registry import model

ROOT = model("root", "is_root: true", checkpoints=('id: "checkpoint:root/final"',))


def heir(name: str, of: str, ratio: str = "1.7", months: str = "1", *lines: str) -> Record:
    """Return a model that succeeds another, grown by so much since."""
    size = f", effective_compute_ratio: {ratio}" if ratio else ""
    since = f", elicitation_months: {months}" if months else ""
    kind = "checkpoint" if "/" in of else "model"
    edge = f'kind: successor_of, start: "model:{name}", to: "{kind}:{of}"{size}{since}'
    return model(name, *lines, edges=(edge,))


def growth(name: str, *records: Record) -> Growth | None:
    return register_from([ROOT, *records]).growth(f"model:{name}")


FIRST, SECOND = heir("a", "root"), heir("b", "a")


def test_a_third_heir_at_a_factor_of_1_7_each_has_grown_by_4_9_since_the_root() -> None:
    ratios = [growth(name, FIRST, SECOND, heir("c", "b")) for name in ("a", "b", "c")]
    assert [each and each.effective_compute_ratio for each in ratios] == [
        Decimal("1.7"),
        Decimal("2.89"),
        Decimal("4.913"),
    ]
    third = ratios[-1]
    assert third is not None
    assert (third.root, third.elicitation_months) == ("model:root", Decimal(3))
    assert [edge.start for edge in third.steps] == ["model:a", "model:b", "model:c"]


def test_a_step_may_lead_to_a_checkpoint_of_the_model_before() -> None:
    found = growth("a", heir("a", "root/final"))
    assert found is not None
    assert (found.root, found.effective_compute_ratio) == ("model:root", Decimal("1.7"))


@pytest.mark.parametrize(("said", "counts"), [("1.7", "2.89"), ("3.5", "3.5")])
def test_of_the_steps_and_the_models_own_entry_the_greater_counts(said: str, counts: str) -> None:
    own = ("root: model:root", f"effective_compute_ratio: {said}", "elicitation_months: 9")
    found = growth("b", FIRST, heir("b", "a", "1.7", "1", *own))
    assert found is not None
    assert (found.effective_compute_ratio, found.elicitation_months) == (
        Decimal(counts),
        Decimal(9),
    )


def test_an_entry_measured_against_another_root_counts_by_itself() -> None:
    newer = model("newer", "is_root: true")
    own = ("root: model:newer", "effective_compute_ratio: 1.2")
    found = growth("b", newer, FIRST, heir("b", "a", "1.7", "1", *own))
    assert found is not None
    assert (found.root, found.effective_compute_ratio) == ("model:newer", Decimal("1.2"))


def test_a_step_of_unknown_size_makes_growth_unknown_and_never_1() -> None:
    found = growth("b", heir("a", "root", "", ""), SECOND)
    assert found is not None
    assert (found.effective_compute_ratio, found.elicitation_months) == (None, None)


def test_steps_that_lead_to_no_root_say_nothing() -> None:
    assert growth("b", model("a"), heir("b", "a")) is None


def test_a_cycle_through_a_checkpoint_is_a_fault() -> None:
    edge = 'kind: successor_of, start: "model:x", to: "checkpoint:y/final"'
    x = model("x", checkpoints=('id: "checkpoint:x/final"',), edges=(edge,))
    back = 'kind: successor_of, start: "model:y", to: "checkpoint:x/final"'
    y = model("y", checkpoints=('id: "checkpoint:y/final"',), edges=(back,))
    with pytest.raises(DocumentFaults) as refused:
        register_from([x, y])
    assert [fault.what for fault in refused.value.faults] == ["cycle of `successor_of`"]


def test_growth_stands_on_no_other_edge() -> None:
    edge = (
        'kind: bounded_by, start: "model:a", to: "model:root", domains: [cbrn], evidence: [e],'
        " effective_compute_ratio: 2"
    )
    with pytest.raises(DocumentFaults) as refused:
        model("a", edges=(edge,))
    assert "growth belongs to `successor_of`" in str(refused.value)
