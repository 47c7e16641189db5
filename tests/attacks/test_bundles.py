"""A bundle that was tampered with is refused, and the message names what is wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.appending import LogWriter, log_key
from scalegate.app.record.arguing import Argument, check_bundle
from scalegate.app.record.bundling import (
    MOST_FILE_BYTES,
    BundledLog,
    make_bundle,
    read_files,
    write_files,
)
from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import TrustError, UsageError
from scalegate.ledger.checkpoints import Checkpoint, TreeHead, sign_head
from scalegate.ledger.faults import RollbackRefused
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.notes import Note
from scalegate.ledger.tiles import write_bundle
from scalegate.ledger.tree import EMPTY_ROOT, Tree
from scalegate.ledger.trust import start_trust
from tests.unit.ledger.signers import LOG, Signer, said, sealed, trust_content

ROOT = sealed(said("trust", trust_content()), "root-1", "root-2")
TRUST = start_trust(ROOT)
PLAIN = 0o100644 << 16


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, 12, tzinfo=UTC)


def decision(size: int, root: bytes, **change: Any) -> bytes:
    said_of_it = {
        "asOf": "2026-01-01T00:00:00Z",
        "effect": "hold",
        "framework": "house@1",
        "gate": "internal",
        "log": {"root": root.hex(), "size": str(size)},
    }
    content: bytes = sealed(said("gate-decision", said_of_it | change), "gate-1")
    return content


EVIDENCE = sealed(said("evidence"), "eval-1")
LEAVES = [leaf_of(each).to_bytes() for each in (ROOT, EVIDENCE)]
DECISION = decision(2, Tree(LEAVES).root())
ENTRIES = (ROOT, EVIDENCE, DECISION)


def checkpoint(leaves: list[bytes]) -> bytes:
    root = Tree(leaves).root() if leaves else EMPTY_ROOT
    head = TreeHead(origin=LOG, size=len(leaves), root=root)
    signer: Any = Signer("log")
    line = sign_head(head, log_key(signer, LOG), signer.sign)
    return (
        Checkpoint(head=head, note=Note(text=head.to_text(), signatures=(line,))).to_text().encode()
    )


def files_of(*envelopes: bytes) -> dict[str, bytes]:
    """Return the files of a log whose own key signed these entries, whatever they are."""
    leaves = [leaf_of(each) for each in envelopes]
    content = [each.to_bytes() for each in leaves]
    held = {"checkpoint": checkpoint(content)}
    held[f"tile/entries/000.p/{len(content)}"] = write_bundle(content)
    pairs = zip(leaves, envelopes, strict=True)
    return held | {f"statement/{at.envelope[:2]}/{at.envelope}": each for at, each in pairs}


def path_of(envelope: bytes) -> str:
    digest = leaf_of(envelope).envelope
    return f"statement/{digest[:2]}/{digest}"


GOOD = files_of(*ENTRIES)
BUNDLE = write_files(GOOD)


def test_a_log_has_one_bundle_and_it_shows_what_was_decided(tmp_path: Path) -> None:
    signers: Any = [Signer("log")]
    writer = LogWriter(LogFolder(tmp_path), signers, origin=LOG, clock=Noon())
    writer.create()
    for each in ENTRIES:
        writer.append([each])
    assert make_bundle(LogFolder(tmp_path)) == BUNDLE
    found = check_bundle(BUNDLE, TRUST)
    assert [each.role.name for _, each in found.report.vouched] == ["root", "evaluator", "gate"]
    assert [(each.index, each.seen, each.effect) for each in found.decisions] == [(2, 2, "hold")]


def test_a_withheld_envelope_stays_visible_as_withheld() -> None:
    fewer = {path: each for path, each in GOOD.items() if path != path_of(EVIDENCE)}
    found = check_bundle(write_files(fewer), TRUST)
    assert found.report.hidden == (1,)
    assert len(found.decisions) == 1


def test_what_was_seen_before_must_be_in_it() -> None:
    def check(bundle: bytes, seen: bytes) -> Argument:
        return check_bundle(bundle, TRUST, seen=seen)

    assert check(BUNDLE, checkpoint(LEAVES)).contains == 2
    assert check(BUNDLE, checkpoint([])).contains == 0
    older = write_files(files_of(ROOT, EVIDENCE))
    with pytest.raises(RollbackRefused, match="older than what was seen"):
        check(older, checkpoint([*LEAVES, leaf_of(DECISION).to_bytes()]))
    with pytest.raises(RollbackRefused, match="another history"):
        check(BUNDLE, checkpoint(LEAVES[::-1]))
    with pytest.raises(TrustError):
        check(BUNDLE, b"no checkpoint")


OTHER = sealed(said("evidence", {"note": "y"}), "eval-1")
ROTATED = sealed(
    said("trust", trust_content(version="2", previous=TRUST.digest)), "root-1", "root-2"
)
PAYLOAD = said("evidence")
FORGED: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "edited leaf": (
        lambda: files_of(ROOT, OTHER, DECISION) | {"checkpoint": GOOD["checkpoint"]},
        "not the tree that was signed",
    ),
    "edited envelope": (lambda: GOOD | {path_of(EVIDENCE): OTHER}, "not the one recorded"),
    "swapped envelopes": (
        lambda: GOOD | {path_of(EVIDENCE): DECISION, path_of(DECISION): EVIDENCE},
        "not the one recorded",
    ),
    "truncated log": (
        lambda: GOOD | {"checkpoint": checkpoint(LEAVES)},
        "missing",
    ),
    "a log of another key": (
        lambda: GOOD | {"checkpoint": GOOD["checkpoint"].replace(b"log.example", b"log.examplf")},
        "unknown log",
    ),
    "one key twice": (
        lambda: files_of(ROOT, sealed(said("policy"), "pub-1", "pub-1", key_ids=["a", "b"])),
        "too few",
    ),
    "a threshold not met": (lambda: files_of(ROOT, sealed(said("policy"), "pub-1")), "too few"),
    "a forged key id": (
        lambda: files_of(
            ROOT, sealed(PAYLOAD, "mallory", key_ids=[Signer("eval-1").key.key_id])
        ),
        "no key that the trust document names",
    ),
    "another role's key": (lambda: files_of(ROOT, sealed(PAYLOAD, "gate-1")), "too few"),
    "a trust document by one root key": (
        lambda: files_of(ROOT, sealed(said("trust", trust_content(version="2")), "root-1")),
        "root keys",
    ),
    "a decision before what it saw": (
        lambda: files_of(ROOT, DECISION, EVIDENCE),
        "come after it",
    ),
    "a decision that saw another log": (
        lambda: files_of(ROOT, EVIDENCE, decision(2, b"x" * 32)),
        "saw another log",
    ),
    "a decision without the log it saw": (
        lambda: files_of(ROOT, decision(0, EMPTY_ROOT, log="none")),
        "lacks a field",
    ),
    "no checkpoint": (lambda: {"checkpoin": b"x"}, "no checkpoint"),
    "a file too many": (lambda: GOOD | {"statement/ff/more": b"x"}, "no part of its log"),
    "a log of impossible size": (
        lambda: GOOD | {"checkpoint": GOOD["checkpoint"].replace(b"\n3\n", b"\n333333333333\n")},
        "too large",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_record_is_refused(name: str) -> None:
    made, expected = FORGED[name]
    with pytest.raises(TrustError, match=expected):
        check_bundle(write_files(made()), TRUST)


def test_another_trust_root_refuses_everything() -> None:
    roles = {"root": (1, ("mallory",), ("trust",))}
    other = start_trust(sealed(said("trust", trust_content(roles=roles)), "mallory"))
    with pytest.raises(TrustError):
        check_bundle(BUNDLE, other)


def test_a_rotation_signed_by_both_versions_is_followed() -> None:
    found = check_bundle(write_files(files_of(ROOT, ROTATED, EVIDENCE)), TRUST)
    assert found.report.trust.version == 2


def zipped(*files: tuple[str, bytes], how: int = ZIP_STORED, mode: int = PLAIN) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", how) as archive:
        for path, content in files:
            info = ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = how, 3, mode
            archive.writestr(info, content)
    return out.getvalue()


SLIPS = ("../x", "/etc/x", "a/../../x", "a\\..\\x", "C:x", "a//b", ".hidden", "a\nb", "a/")


@pytest.mark.parametrize("path", SLIPS)
def test_a_path_that_could_leave_the_bundle_is_refused(path: str) -> None:
    with pytest.raises(TrustError, match="could leave"):
        read_files(zipped((path, b"")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zip_tricks_are_refused() -> None:
    with pytest.raises(TrustError, match="twice"):
        read_files(zipped(("a", b"1"), ("a", b"2")))
    with pytest.raises(TrustError, match="link"):
        read_files(zipped(("a", b"/etc/passwd"), mode=0o120777 << 16))
    with pytest.raises(TrustError, match="compressed"):
        read_files(zipped(("a", b"0" * (1 << 20)), how=ZIP_DEFLATED))
    with pytest.raises(TrustError, match="too large"):
        read_files(zipped(("a", b"0" * (MOST_FILE_BYTES + 1))))
    with pytest.raises(TrustError, match="too large"):
        write_files({"a": b"0" * (MOST_FILE_BYTES + 1)})
    with pytest.raises(TrustError, match="one form"):
        read_files(b"#!/bin/sh\n" + BUNDLE)
    with pytest.raises(TrustError, match="no readable zip"):
        read_files(b"no zip")


def test_a_file_that_claims_to_be_larger_than_the_bundle_is_refused() -> None:
    claimed = bytearray(zipped(("a", b"1")))
    at = claimed.index(b"PK\x01\x02")
    claimed[at + 20 : at + 28] = struct.pack("<II", 1 << 20, 1 << 20)
    with pytest.raises(TrustError, match="overlap"):
        read_files(bytes(claimed))


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b'{"files":[],"schema":"scalegate/bundle@1"}',
        b'{"files":[],"files":[],"schema":"scalegate/bundle@1"}',
        b'{"schema": "scalegate/bundle@1"}',
        canonical_bytes({"files": [], "schema": "another"}),
    ],
)
def test_a_manifest_that_is_not_the_list_of_files_is_refused(manifest: bytes) -> None:
    with pytest.raises(TrustError, match=r"manifest|not a bundle"):
        read_files(zipped(("manifest.json", manifest), ("a", b"1")))


@given(at=st.integers(0, len(BUNDLE) - 1), mask=st.integers(1, 255))
def test_no_byte_of_a_bundle_can_be_changed(at: int, mask: int) -> None:
    changed = bytearray(BUNDLE)
    changed[at] ^= mask
    with pytest.raises(TrustError):
        check_bundle(bytes(changed), TRUST)


@given(end=st.integers(0, len(BUNDLE) - 1))
def test_no_beginning_of_a_bundle_is_a_bundle(end: int) -> None:
    with pytest.raises(TrustError):
        check_bundle(BUNDLE[:end], TRUST)


def test_a_log_inside_a_bundle_cannot_be_written() -> None:
    log = BundledLog(BUNDLE)
    assert log.names("tile") == ("entries",)
    writes: list[Callable[[], object]] = [
        lambda: log.create("a", b""),
        lambda: log.write("a", b""),
        lambda: log.swap("a", b"", b""),
        lambda: log.settle(["a"]),
        lambda: log.remove("a"),
    ]
    for write in writes:
        with pytest.raises(UsageError):
            write()
