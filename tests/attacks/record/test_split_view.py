"""A log shows two witnesses two histories of one length: no reader takes either."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.appending import log_key
from scalegate.app.record.gathering import gather
from scalegate.base.errors import TrustError
from scalegate.ledger.checkpoints import parse_checkpoint
from scalegate.ledger.faults import RollbackRefused
from scalegate.ledger.quorum import verify_witnessed
from scalegate.ledger.view import check_later
from tests.unit.app.test_record_witnesses import LOG_SIGNER, log, policy, posting, witness
from tests.unit.ledger.signers import LOG, Signer


def head(folder: Path) -> bytes:
    content = LogFolder(folder).read("checkpoint")
    assert content is not None
    return content


def test_two_witnesses_two_heads(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    log(one, 3)
    log(two, 2)
    log(two, 1, "forked")
    rules = policy(Signer("w"), Signer("v"))  # both must have cosigned
    first, second = witness(tmp_path, word="w"), witness(tmp_path, word="v")
    for folder, own, word in ((one, first, "w"), (two, second, "v")):
        gather(LogFolder(folder), policy(Signer(word)), posting(own))
    keys = [log_key(LOG_SIGNER, LOG)]
    for folder in (one, two):
        assert parse_checkpoint(head(folder)).head.size == 3
        with pytest.raises(TrustError, match="quorum"):
            verify_witnessed(head(folder), rules, logs=keys)
    # each witness, shown the other head, sees that it is another history, and keeps to its own
    for folder, other, word in ((one, second, "v"), (two, first, "w")):
        (answer,) = gather(LogFolder(folder), policy(Signer(word)), posting(other))[1]
        assert (answer.lines, bool(answer.reason)) == ((), True)
    # and so does a reader who kept either
    heads = [parse_checkpoint(head(folder)).head for folder in (one, two)]
    with pytest.raises(RollbackRefused, match="two histories of one size"):
        check_later(heads[0], heads[1], ())
