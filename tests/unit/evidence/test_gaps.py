"""What the register leaves unsaid, each gap by itself."""

from __future__ import annotations

from scalegate.evidence.gaps import gaps
from scalegate.evidence.record import Record
from scalegate.evidence.register import register_from
from tests.unit.evidence.registry import document, model, variant

ROOT = model("root", "is_root: true")
GROWN = ("root: model:root", "effective_compute_ratio: 2", "elicitation_months: 1")


def told(*records: Record, ids: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    found = gaps(register_from([ROOT, *records]), ids)
    return [(gap.subject, gap.text) for gap in found]


def test_a_model_that_says_its_growth_leaves_nothing_unsaid() -> None:
    assert told(model("m", *GROWN)) == []


def test_growth_that_is_not_said_is_named_part_by_part() -> None:
    assert told(model("m")) == [
        ("model:m", "no root: growth since the last comprehensive assessment is unknown")
    ]
    assert told(model("m", "root: model:root", "effective_compute_ratio: 2")) == [
        ("model:m", "months of elicitation since model:root are not said: growth is unknown")
    ]
    assert told(model("m", "root: model:root", "elicitation_months: 2")) == [
        ("model:m", "effective compute since model:root is not said: growth is unknown")
    ]


def test_a_shipped_checkpoint_that_refuses_needs_a_variant_made_to_elicit() -> None:
    shipped = 'id: "checkpoint:m/final", role: shipped, refuses: true'
    small, helpful = 'id: "checkpoint:m/int8"', 'id: "checkpoint:m/helpful"'
    quantised = variant("m/int8", "m/final", "quantised")
    said = "no variant of checkpoint:m/final made to elicit: nothing can be ruled out for it"
    lacking = ("model:m", said)
    assert told(model("m", *GROWN, checkpoints=(shipped,))) == [lacking]
    assert told(model("m", *GROWN, checkpoints=(shipped, small), edges=(quantised,))) == [lacking]
    made = variant("m/helpful", "m/final", "helpful_only")
    assert told(model("m", *GROWN, checkpoints=(shipped, helpful), edges=(made,))) == []


def test_a_bound_whose_evidence_is_not_on_record_is_no_bound() -> None:
    edge = (
        'kind: bounded_by, start: "model:m", to: "model:root", domains: [cbrn],'
        " evidence: [here, lost]"
    )
    bounded = model("m", *GROWN, edges=(edge,))
    text = "bound by model:root: lost is not on record, so it is no bound"
    assert told(bounded, ids=frozenset({"here"})) == [("model:m", text)]
    assert told(bounded, ids=frozenset({"here", "lost"})) == []


def test_a_surface_that_was_seen_and_never_registered_is_named() -> None:
    owner = model("m", *GROWN, checkpoints=('id: "checkpoint:m/final"',))
    surfaces = "{name: api, kind: api}, {name: vendors, kind: vendor_access, registered: false}"
    deployed = document(
        "deployment",
        "deployment:d",
        f"checkpoint: checkpoint:m/final\nsurfaces: [{surfaces}]\naudience: everyone",
    )
    text = "surface vendors was seen and never registered: nothing is live there"
    assert told(owner, deployed) == [("deployment:d", text)]


def test_a_run_without_a_plan_keeps_no_cap() -> None:
    run = document("run", "run:r", "kind: inference")
    assert told(run) == [("run:r", "planned effective compute is not said: no cap is kept")]
    planned = "kind: inference\nplanned_effective_compute: 2\nunit: flop"
    assert told(document("run", "run:r", planned)) == []
