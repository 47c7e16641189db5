"""A waiver that the log does not bear out is refused, and what is not known opens nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scalegate.app.record.arguing import Argument, check_bundle
from scalegate.app.record.bundling import write_files
from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import TrustError
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.permits import Asked, PermitRefused, verify_permit
from scalegate.ledger.tree import Tree
from tests.attacks.test_bundles import ROOT, TRUST, decision, files_of, path_of
from tests.attacks.test_permits import ASKED, PERMIT, view
from tests.attacks.test_permits import TRUST as PERMITTING
from tests.unit.ledger.signers import said, sealed

SAID = {
    "about": "it",
    "by": {"name": "Ada", "role": "board"},
    "clauses": ["WATCH"],
    "framework": "house@1",
    "from": "2025-12-01T00:00:00Z",
    "gate": "internal",
    "reason": "the drill is next week",
    "until": "2026-02-01T00:00:00Z",
}


def waiver(**change: Any) -> bytes:
    made: bytes = sealed(said("waiver", SAID | change), "appr-1", "appr-2")
    return made


GOOD = waiver()
LATER = waiver(**{"from": "2026-01-02T00:00:00Z"})


def row(content: bytes = GOOD, **change: Any) -> dict[str, Any]:
    copied = {name: SAID[name] for name in ("by", "reason", "until")}
    return {"entry": "1", "envelope": leaf_of(content).envelope, **copied} | change


def argued(rows: Any, content: bytes = GOOD, *, hidden: bool = False) -> Argument:
    entries = [ROOT, content]
    root = Tree([leaf_of(each).to_bytes() for each in entries]).root()
    files = files_of(*entries, decision(2, root, waivers=rows))
    if hidden:
        del files[path_of(content)]
    return check_bundle(write_files(files), TRUST)


def test_a_waiver_is_shown_beside_the_decision_it_does_not_change() -> None:
    (found,) = argued([row()]).decisions
    assert found.effect == "hold"
    assert [(each.entry, each.by) for each in found.waivers] == [(1, "Ada (board)")]
    assert len(argued([row()], hidden=True).decisions[0].waivers) == 1
    assert argued([]).decisions[0].waivers == ()


@pytest.mark.parametrize(
    ("rows", "content"),
    [
        ("none", GOOD),
        ([1], GOOD),
        ([row(entry=2)], GOOD),
        ([row(entry="2")], GOOD),  # the decision itself, or what comes after it
        ([row(entry="0")], GOOD),  # no waiver
        ([row(envelope="0" * 64)], GOOD),
        ([row(until="2099-01-01T00:00:00Z")], GOOD),  # longer than what was signed
        ([row(reason="another")], GOOD),
        ([row(by={"name": "Bob", "role": "board"})], GOOD),
        ([row(waiver(gate="open_weights"))], waiver(gate="open_weights")),
        ([row(waiver(framework="other@1"))], waiver(framework="other@1")),
        ([row(LATER)], LATER),
        ([row(waiver(**{"from": "soon"}))], waiver(**{"from": "soon"})),
    ],
)  # fmt: skip
def test_a_row_that_the_log_does_not_bear_out_is_refused(rows: Any, content: bytes) -> None:
    with pytest.raises(TrustError):
        argued(rows, content)


def test_an_ended_waiver_beside_a_decision_is_refused() -> None:
    ended = waiver(until="2026-01-01T00:00:00Z")  # the instant that the decision speaks of
    with pytest.raises(TrustError, match="not in force"):
        argued([row(ended, until="2026-01-01T00:00:00Z")], ended)


def test_a_waiver_needs_both_approvers() -> None:
    alone = sealed(said("waiver", SAID), "appr-1")
    with pytest.raises(TrustError, match="too few"):
        argued([row(alone)], alone)


UNKNOWN = {"override": "allow", "isOpen": True, "until2": "2099-01-01T00:00:00Z", "waived": True}


def test_what_a_statement_says_beyond_its_form_opens_nothing() -> None:
    """Unknown fields are kept and ignored: the answer with them is that without them."""
    root = Tree([leaf_of(ROOT).to_bytes()]).root()
    plain = check_bundle(write_files(files_of(ROOT, decision(1, root))), TRUST)
    more = check_bundle(write_files(files_of(ROOT, decision(1, root, **UNKNOWN))), TRUST)
    assert plain.decisions == more.decisions
    assert more.report.vouched[1][1].statement.predicate["override"] == "allow"
    later = Asked(manifest=ASKED.manifest, gate=ASKED.gate, ask=ASKED.ask, at=PERMIT.valid_until)
    content = permit_with(UNKNOWN)
    assert verify_permit(PERMITTING, content, ASKED, view=view()) == PERMIT
    with pytest.raises(PermitRefused):
        verify_permit(PERMITTING, content, later, view=view())


def permit_with(more: dict[str, Any]) -> bytes:
    from scalegate.ledger.permits import permit_statement

    found = json.loads(permit_statement(PERMIT).to_payload())
    found["predicate"] |= more
    made: bytes = sealed(canonical_bytes(found | {"note": "outside"}), "gate-1")
    return made
