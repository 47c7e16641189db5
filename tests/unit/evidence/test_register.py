"""The register: what belongs to what, which evidence carries where, and what does not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.base.errors import DocumentFaults, UnknownName
from scalegate.evidence.record import Record
from scalegate.evidence.register import CarryReason, Register, register_from
from tests.unit.evidence.registry import ALL, API, NEW, OLD, RUN, document, model, variant

BOUND = (
    'kind: bounded_by, start: "checkpoint:{}", to: "checkpoint:{}", domains: [{}], evidence: [e]'
)


@pytest.fixture
def register() -> Register:
    return register_from(ALL)


def told(*records: Record) -> list[tuple[str, str]]:
    with pytest.raises(DocumentFaults) as raised:
        register_from(records)
    return [(fault.what, fault.path) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("subject", "checkpoint", "of_model"),
    [
        ("deployment:api", "checkpoint:new/final", "model:new"),
        ("run:rl", "checkpoint:new/final", "model:new"),
        ("run:scratch", None, "model:new"),
        ("checkpoint:old/final", "checkpoint:old/final", "model:old"),
        ("model:old", None, "model:old"),
    ],
)
def test_a_subject_is_followed_to_its_checkpoint_model_series_and_lab(
    register: Register, subject: str, checkpoint: str | None, of_model: str
) -> None:
    resolved = register.resolve(subject)
    assert (resolved.checkpoint, resolved.model) == (checkpoint, of_model)
    assert (resolved.series, resolved.lab) == ("series:s", "lab:l")


def test_a_subject_that_is_not_registered_is_an_error_that_names_the_known_ones(
    register: Register,
) -> None:
    with pytest.raises(UnknownName, match="`model:old`"):
        register.resolve("model:nobody")
    with pytest.raises(UnknownName):
        register.edge_path("checkpoint:new/final", "checkpoint:nobody")


def test_the_path_between_variants_goes_up_and_then_down(register: Register) -> None:
    path = register.edge_path("checkpoint:new/tuned", "checkpoint:new/int8")
    assert path is not None
    assert [(step.edge, step.towards_parent) for step in path] == [
        ("fine_tuned", True),
        ("helpful_only", True),
        ("quantised", False),
    ]
    assert [step.start for step in path][1:] == [step.to for step in path][:-1]


def test_checkpoints_that_share_only_their_model_are_joined_through_it(
    register: Register,
) -> None:
    path = register.edge_path("checkpoint:new/early", "checkpoint:new/final")
    assert path is not None
    assert [step.edge for step in path] == ["checkpoint_of", "checkpoint_of"]


def test_no_path_leads_from_one_model_to_another(register: Register) -> None:
    assert register.edge_path("checkpoint:old/final", "checkpoint:new/final") is None
    assert register.edge_path("checkpoint:old/final", "checkpoint:old/final") == ()


@pytest.mark.parametrize(
    ("taken_on", "subject", "rules_out", "reason"),
    [
        ("checkpoint:new/helpful", "deployment:api", True, CarryReason.ELICITATION_VARIANT),
        ("checkpoint:new/tuned", "deployment:api", True, CarryReason.ELICITATION_VARIANT),
        ("checkpoint:new/helpful", "run:rl", True, CarryReason.ELICITATION_VARIANT),
        ("checkpoint:new/helpful", "model:new", True, CarryReason.ELICITATION_VARIANT),
        ("checkpoint:new/helpful", "run:scratch", True, CarryReason.ELICITATION_VARIANT),
        ("checkpoint:new/final", "checkpoint:new/final", True, CarryReason.SAME),
        ("checkpoint:new/final", "deployment:api", True, CarryReason.SAME),
        ("checkpoint:new/final", "checkpoint:new/int8", False, CarryReason.REFUSING),
        ("checkpoint:new/final", "checkpoint:new/helpful", False, CarryReason.REFUSING),
        ("checkpoint:new/helpful", "checkpoint:new/tuned", False, CarryReason.EDGE_NOT_CARRIED),
        ("checkpoint:new/int8", "deployment:api", False, CarryReason.EDGE_NOT_CARRIED),
        ("checkpoint:new/helpful", "checkpoint:new/int8", False, CarryReason.EDGE_NOT_CARRIED),
        ("checkpoint:new/early", "deployment:api", False, CarryReason.EDGE_NOT_CARRIED),
        ("model:new", "deployment:api", True, CarryReason.OF_ITS_MODEL),
        ("model:new", "checkpoint:new/final", True, CarryReason.OF_ITS_MODEL),
    ],
)
def test_a_rule_out_carries_from_elicitation_variants_and_from_nothing_that_refuses(
    register: Register, taken_on: str, subject: str, rules_out: bool, reason: CarryReason
) -> None:
    carry = register.carry(taken_on, subject)
    assert (carry.rules_out, carry.reason, carry.connected) == (rules_out, reason, True)


@pytest.mark.parametrize(
    ("taken_on", "subject"),
    [
        ("checkpoint:old/final", "deployment:api"),
        ("model:old", "deployment:api"),
        ("checkpoint:old/final", "model:new"),
        ("checkpoint:nobody", "deployment:api"),
        ("checkpoint:new/final", "model:nobody"),
    ],
)
def test_evidence_without_an_edge_is_reported_and_carries_nothing(
    register: Register, taken_on: str, subject: str
) -> None:
    carry = register.carry(taken_on, subject)
    assert (carry.reason, carry.rules_out, carry.connected) == (CarryReason.NO_EDGE, False, False)


def test_a_policy_may_let_further_edges_carry(register: Register) -> None:
    for taken_on, edges in (
        ("checkpoint:new/int8", {"quantised"}),
        ("checkpoint:new/early", {"checkpoint_of"}),
    ):
        carry = register.carry(taken_on, "deployment:api", policy_edges=frozenset(edges))
        assert (carry.rules_out, carry.reason) == (True, CarryReason.POLICY_EDGE)
    refusing = register.carry(
        "checkpoint:new/final", "checkpoint:new/int8", policy_edges=frozenset({"quantised"})
    )
    assert not refusing.rules_out


def test_a_model_without_shipped_checkpoints_is_spoken_for_by_any_that_does_not_refuse() -> None:
    register = register_from(
        [model("m", checkpoints=('id: "checkpoint:a"', 'id: "checkpoint:b", refuses: true'))]
    )
    assert register.carry("checkpoint:a", "model:m").reason is CarryReason.OF_ITS_MODEL
    assert register.carry("checkpoint:b", "model:m").reason is CarryReason.REFUSING


def test_growth_is_measured_from_the_root(register: Register) -> None:
    grown = register.growth("deployment:api")
    assert grown is not None
    assert grown.root == "model:old"
    assert grown.effective_compute_ratio == Decimal("3.5")
    assert grown.elicitation_months == 2
    root = register.growth("model:old")
    assert root is not None
    assert root.root == "model:old"
    assert root.effective_compute_ratio == 1
    assert register_from([model("m")]).growth("model:m") is None
    elsewhere = register_from([document("run", "run:r", "kind: inference")])
    assert elsewhere.growth("run:r") is None


def test_bounds_are_found_for_the_model_of_a_deployment(register: Register) -> None:
    (bound,) = register.bounds_of("deployment:api")
    assert (bound.by, bound.evidence) == ("model:old", ("cmp",))
    assert bound.domains == {"cbrn"}
    assert register.bounds_of("model:old") == ()


def test_everything_connected_to_a_subject_is_listed(register: Register) -> None:
    connected = register.connected_to("deployment:api")
    assert "checkpoint:new/early" in connected
    assert "model:new" in connected
    assert "deployment:api" in connected
    assert not {"model:old", "checkpoint:old/final"} & connected


def test_order_and_duplicates_do_not_matter() -> None:
    assert register_from(reversed([*ALL, *ALL])) == register_from(ALL)


def test_a_checkpoint_of_two_models_is_a_fault() -> None:
    twin = model("twin", checkpoints=('id: "checkpoint:old/final"',))
    assert told(OLD, twin) == [("checkpoint with two parents", "payload.checkpoints[0]")]


def test_a_model_registered_twice_is_a_fault() -> None:
    assert told(OLD, model("old")) == [("model registered twice", "subject")]


def test_second_parents_by_an_edge_are_faults() -> None:
    parts = ('id: "checkpoint:a"', 'id: "checkpoint:b"', 'id: "checkpoint:c"')
    two = model(
        "m",
        checkpoints=parts,
        edges=(variant("a", "b", "quantised"), variant("a", "c", "quantised")),
    )
    assert told(two) == [("two parents by `variant_of`", "payload.edges[1]")]
    other = model(
        "n", checkpoints=('id: "checkpoint:a"',), edges=(
            'kind: checkpoint_of, start: "checkpoint:a", to: "model:old"',
            'kind: successor_of, start: "model:n", to: "model:old"',
            'kind: successor_of, start: "model:n", to: "checkpoint:old/final"',
        ),
    )  # fmt: skip
    assert told(OLD, other) == [
        ("two parents by `checkpoint_of`", "payload.edges[0]"),
        ("two parents by `successor_of`", "payload.edges[2]"),
    ]


def test_an_edge_to_something_unknown_is_a_fault() -> None:
    lost = model("m", edges=(variant("x", "y", "distilled"),))
    assert told(lost) == [
        ("edge to something that is not registered", "payload.edges[0].start"),
        ("edge to something that is not registered", "payload.edges[0].to"),
    ]


@pytest.mark.parametrize(
    ("edges", "what"),
    [
        ((variant("a", "b", "quantised"), variant("b", "a", "distilled")), "variant_of"),
        (
            (
                'kind: successor_of, start: "model:m", to: "checkpoint:a"',
                'kind: successor_of, start: "checkpoint:a", to: "model:m"',
            ),
            "successor_of",
        ),
        (
            (
                (
                    'kind: bounded_by, start: "checkpoint:a", to: "checkpoint:b", domains: [cbrn],'
                    " evidence: [e]"
                ),
                (
                    'kind: bounded_by, start: "checkpoint:b", to: "checkpoint:a", domains: [cbrn],'
                    " evidence: [e]"
                ),
            ),
            "bounded_by in cbrn",
        ),
    ],
)
def test_a_cycle_is_a_fault(edges: tuple[str, ...], what: str) -> None:
    looped = model("m", checkpoints=('id: "checkpoint:a"', 'id: "checkpoint:b"'), edges=edges)
    assert told(looped) == [(f"cycle of `{what}`", "")]


def test_two_models_may_bound_each_other_in_different_domains() -> None:
    apart = model(
        "m",
        checkpoints=('id: "checkpoint:a"', 'id: "checkpoint:b"'),
        edges=(BOUND.format("a", "b", "cbrn"), BOUND.format("b", "a", "cyber")),
    )
    assert len(register_from([apart]).bounds) == 2


def test_a_root_must_be_registered_as_one() -> None:
    assert told(NEW) == [
        ("edge to something that is not registered", "payload.edges[4].to"),
        ("edge to something that is not registered", "payload.edges[5].to"),
        ("root that is none", "payload.root"),
    ]
    chained = model("next", "root: model:new", "effective_compute_ratio: 3")
    assert told(OLD, NEW, chained) == [("root that is none", "payload.root")]


def test_workloads_of_unknown_checkpoints_and_second_entries_are_faults() -> None:
    assert told(API, RUN) == [
        ("not registered", "payload.checkpoint"),
        ("not registered", "payload.checkpoint"),
    ]
    again = document(
        "deployment",
        "deployment:api",
        "checkpoint: checkpoint:new/int8\nsurfaces: [{name: x, kind: api}]\naudience: staff",
        name="other",
    )
    rerun = document("run", "run:rl", "kind: inference", name="rerun")
    assert told(*ALL, again, rerun) == [
        ("deployment registered twice", "subject"),
        ("run registered twice", "subject"),
    ]
