"""A revoked key in a living log, a key in two roles, a decision dated back, an ended trust."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.admitting import append_admitted, check_dated
from scalegate.app.record.appending import LogWriter, read_size
from scalegate.app.record.arguing import Argument, check_bundle
from scalegate.app.record.bundling import make_bundle, write_files
from scalegate.app.record.reading import verify_log, witnessed_at
from scalegate.base.errors import TrustError
from scalegate.ledger.checkpoints import Cosigned
from scalegate.ledger.faults import RoleRefused
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust
from tests.attacks.test_bundles import ROOT, TRUST, Noon, files_of
from tests.attacks.test_bundles import decision as short_decision
from tests.unit.ledger.signers import LOG, ROLES, Signer, said, sealed, trust_content

LOG_KEYS: Any = [Signer("log")]
EVIDENCE = sealed(said("evidence", {"about": "model:m", "shown": {}}), "eval-1")
LATER = sealed(said("evidence", {"about": "model:m", "shown": {"note": "later"}}), "eval-1")


def decision(size: int, root: bytes, **change: Any) -> bytes:
    """Return a decision with every field of its published form, so that a log takes it."""
    whole = {
        "adverse": {},
        "ask": "start",
        "decidedAt": "2026-01-01T00:00:00Z",
        "determining": [],
        "dissent": "",
        "engine": "test",
        "explanation": "0" * 64,
        "inconclusive": True,
        "isOpen": False,
        "obligations": [],
        "plans": [],
        "reasons": "",
        "tables": "0" * 64,
    }
    return short_decision(size, root, **(whole | change))


def rotated(**roles: Any) -> bytes:
    """Return the next trust document, with other keys in these roles."""
    content = trust_content(version="2", previous=TRUST.digest, roles=ROLES | roles)
    made: bytes = sealed(said("trust", content), "root-1", "root-2")
    return made


def living(folder: Path) -> LogFolder:
    files = LogFolder(folder)
    writer = LogWriter(files, LOG_KEYS, origin=LOG, clock=Noon())
    writer.create()
    writer.append([ROOT, EVIDENCE])
    return files


def admit(files: LogFolder, *contents: bytes) -> None:
    append_admitted(files, TRUST, contents, signers=LOG_KEYS, clock=Noon())


def test_a_revoked_key_adds_nothing_and_what_it_signed_before_stays(tmp_path: Path) -> None:
    files = living(tmp_path)
    admit(files, rotated(evaluator=(1, ("eval-2",), ("evaluation-plan", "evidence"))))
    with pytest.raises(TrustError, match="no key that the trust document names"):
        admit(files, LATER)
    assert read_size(files) == 3
    admit(files, sealed(said("evidence", {"about": "model:m", "shown": {"note": "z"}}), "eval-2"))
    assert verify_log(files, TRUST).faults == ()
    # whoever holds the log's key too can write it; no verifier takes it
    LogWriter(files, LOG_KEYS, origin=LOG, clock=Noon()).append([LATER])
    assert [each.index for each in verify_log(files, TRUST).faults] == [4]
    with pytest.raises(TrustError, match="entry 4"):
        check_bundle(make_bundle(files), TRUST)


def test_a_batch_with_one_bad_envelope_adds_nothing(tmp_path: Path) -> None:
    files = living(tmp_path)
    with pytest.raises(TrustError):
        admit(files, LATER, sealed(said("evidence", {"note": "forged"}), "mallory"))
    assert read_size(files) == 2


TWO_ROLES = {"gate": (1, ("gate-1", "eval-1"), ("gate-decision", "permit"))}
BOTH = sealed(said("trust", trust_content(roles=ROLES | TWO_ROLES)), "root-1", "root-2")


def seen(*entries: bytes) -> tuple[int, bytes]:
    return len(entries), Tree([leaf_of(each).to_bytes() for each in entries]).root()


def by_evaluator(*entries: bytes) -> bytes:
    """Return a decision signed by the key that signed the evidence."""
    from scalegate.ledger.envelopes import parse_envelope

    payload = parse_envelope(decision(*seen(*entries))).payload
    made: bytes = sealed(payload, "eval-1")
    return made


def test_one_key_does_not_measure_and_decide(tmp_path: Path) -> None:
    entries = (BOTH, EVIDENCE, by_evaluator(BOTH, EVIDENCE))
    with pytest.raises(TrustError, match="one key acts in two roles"):
        check_bundle(write_files(files_of(*entries)), start_trust(BOTH))
    files = LogFolder(tmp_path)
    LogWriter(files, LOG_KEYS, origin=LOG, clock=Noon()).create()
    with pytest.raises(RoleRefused, match="one key acts in two roles"):
        append_admitted(files, start_trust(BOTH), entries, signers=LOG_KEYS, clock=Noon())
    assert read_size(files) == 0


def test_a_key_that_moved_to_another_role_signs_nothing_there(tmp_path: Path) -> None:
    files = living(tmp_path)
    admit(
        files,
        rotated(
            gate=(1, ("eval-1",), ("gate-decision",)), evaluator=(1, ("eval-2",), ("evidence",))
        ),
    )
    with pytest.raises(TrustError):
        admit(files, sealed(said("gate-decision"), "eval-1"))


NOON = "2026-01-01T12:00:00Z"
FIRST = decision(*seen(ROOT), decidedAt=NOON)


def argued(*dates: Any, expires: str = "2027-01-01T00:00:00Z") -> Argument:
    content = trust_content() | {"expires": expires}
    entries = [sealed(said("trust", content), "root-1", "root-2")]
    trust = start_trust(entries[0])
    for date in dates:
        entries.append(decision(*seen(*entries), decidedAt=date))
    return check_bundle(write_files(files_of(*entries)), trust)


def test_a_decision_is_not_dated_before_what_it_saw() -> None:
    assert len(argued(NOON, NOON, "2026-01-01T12:00:01Z").decisions) == 3
    with pytest.raises(TrustError, match="dated before one that it had seen"):
        argued(NOON, "2026-01-01T11:59:59Z")
    with pytest.raises(TrustError, match="date that is none"):
        argued("yesterday")
    with pytest.raises(TrustError, match="no text"):
        argued(["2026-01-01"])
    unseen = decision(*seen(ROOT), decidedAt="2026-01-01T11:00:00Z")  # two gates at a time
    found = check_bundle(write_files(files_of(ROOT, FIRST, unseen)), TRUST)
    assert len(found.decisions) == 2


def test_a_clock_that_was_put_back_dates_no_decision(tmp_path: Path) -> None:
    files = living(tmp_path)
    check_dated(files, datetime(1999, 1, 1, tzinfo=UTC))
    unformed = decision(*seen(ROOT, EVIDENCE), decidedAt="of another form")
    with pytest.raises(TrustError, match="predicate/decidedAt"):
        admit(files, FIRST, unformed)
    LogWriter(files, LOG_KEYS, origin=LOG, clock=Noon()).append([FIRST, unformed])
    check_dated(files, Noon().now())
    with pytest.raises(TrustError, match="behind the newest decision"):
        check_dated(files, Noon().now() - timedelta(seconds=1))


def test_nothing_is_decided_after_the_end_of_the_trust_document() -> None:
    with pytest.raises(TrustError, match="after the end"):
        argued(NOON, expires=NOON)


def test_the_end_is_compared_with_a_clock_that_is_named() -> None:
    bundle = write_files(files_of(ROOT, EVIDENCE))
    assert "no clock" in check_bundle(bundle, TRUST).report.clock_text
    found = check_bundle(bundle, TRUST, at=Noon().now()).report
    assert "the clock you gave" in found.clock_text
    with pytest.raises(RoleRefused, match="expired"):
        check_bundle(bundle, TRUST, at=datetime(2027, 1, 1, tzinfo=UTC))
    key: Any = None
    times = tuple(Cosigned(key=key, seconds=each) for each in (5, 1 << 62, 7))
    assert str(witnessed_at(replace(found.view, cosigned=times)))[:4] == "9999"
