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
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust
from tests.attacks.test_bundles import ROOT, TRUST, decision, files_of, path_of
from tests.attacks.test_permits import ASKED, PERMIT, view
from tests.attacks.test_permits import TRUST as PERMITTING
from tests.unit.ledger.signers import ROLES, said, sealed, trust_content

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


def bundled(rows: Any, content: bytes = GOOD, *, hidden: bool = False) -> bytes:
    entries = [ROOT, content]
    root = Tree([leaf_of(each).to_bytes() for each in entries]).root()
    files = files_of(*entries, decision(2, root, waivers=rows))
    if hidden:
        del files[path_of(content)]
    return write_files(files)


def argued(rows: Any, content: bytes = GOOD, *, hidden: bool = False) -> Argument:
    return check_bundle(bundled(rows, content, hidden=hidden), TRUST)


def test_a_waiver_is_shown_beside_the_decision_it_does_not_change() -> None:
    (found,) = argued([row()]).decisions
    assert found.effect == "hold"
    assert [(each.entry, each.by) for each in found.waivers] == [(1, "Ada (board)")]
    assert len(argued([row()], hidden=True).decisions[0].waivers) == 1
    assert argued([]).decisions[0].waivers == ()


NOBODY = {"by": {"name": "", "role": "board"}}
ENDED = waiver(until="2026-01-01T00:00:00Z")  # the instant that the decision speaks of
LIES: dict[str, tuple[Any, bytes]] = {
    "no list": ("none", GOOD),
    "no row": (["1"], GOOD),
    "the decision itself": ([row(entry="2")], GOOD),
    "no waiver there": ([row(entry="0")], GOOD),
    "another envelope": ([row(envelope="0" * 64)], GOOD),
    "longer than signed": ([row(until="2099-01-01T00:00:00Z")], GOOD),
    "another reason": ([row(reason="another")], GOOD),
    "by somebody else": ([row(by={"name": "Bob", "role": "board"})], GOOD),
    "by nobody": ([row(waiver(**NOBODY), **NOBODY)], waiver(**NOBODY)),
    "at another gate": ([row(waiver(gate="open_weights"))], waiver(gate="open_weights")),
    "of another policy": ([row(waiver(framework="other@1"))], waiver(framework="other@1")),
    "about something else": ([row(waiver(about="other"))], waiver(about="other")),
    "not yet in force": ([row(LATER)], LATER),
    "ended": ([row(ENDED, until="2026-01-01T00:00:00Z")], ENDED),
    "from no day": ([row(waiver(**{"from": "soon"}))], waiver(**{"from": "soon"})),
}
"""Rows beside a decision that the log does not bear out; `conformance/ledger` has them too."""
BESIDE: dict[str, tuple[bytes, bool]] = {
    "holds": (bundled([row()]), True),
    "holds where it is not shown": (bundled([row()], hidden=True), True),
    **{name: (bundled(*lie), False) for name, lie in LIES.items()},
}


APPROVERS = (2, ("appr-1", "appr-2", "appr-3"), ("waiver", "withdrawal"))
WITHDRAWING: bytes = sealed(
    said("trust", trust_content(roles=ROLES | {"approver": APPROVERS})), "root-1", "root-2"
)


def withdrawn(*, seen: int) -> bytes:
    """Return a log with a waiver, its withdrawal, and a decision that saw so many entries."""
    about = Subject(name="waiver", sha256=leaf_of(GOOD).envelope)
    words = {"by": SAID["by"], "reason": "void", "what": "waiver"}
    gone = Statement(
        predicate_type=Predicate.WITHDRAWAL.uri, subjects=(about,), predicate=words
    ).to_payload()
    entries = [WITHDRAWING, GOOD, sealed(gone, "appr-1", "appr-3")]
    root = Tree([leaf_of(each).to_bytes() for each in entries[:seen]]).root()
    return write_files(files_of(*entries, decision(seen, root, waivers=[row()])))


WITHDRAWN: dict[str, tuple[bytes, bool]] = {
    "withdrawn before": (withdrawn(seen=3), False),
    "holds if withdrawn unseen": (withdrawn(seen=2), True),
}
"""Under the trust document `WITHDRAWING`."""


def test_a_withdrawn_waiver_beside_a_decision_is_refused() -> None:
    trust = start_trust(WITHDRAWING)
    with pytest.raises(TrustError, match="had been withdrawn"):
        check_bundle(WITHDRAWN["withdrawn before"][0], trust)
    assert check_bundle(WITHDRAWN["holds if withdrawn unseen"][0], trust).decisions[0].waivers


@pytest.mark.parametrize("name", LIES)
def test_a_row_that_the_log_does_not_bear_out_is_refused(name: str) -> None:
    with pytest.raises(TrustError):
        argued(*LIES[name])


def test_a_place_that_is_a_number_is_refused() -> None:
    with pytest.raises(TrustError):
        argued([row(entry=2)])


def test_an_ended_waiver_beside_a_decision_is_refused() -> None:
    with pytest.raises(TrustError, match="not in force"):
        argued(*LIES["ended"])


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
