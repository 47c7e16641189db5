"""What an attack on a record starts from: a lab that decided, permitted, and sent a bundle."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scalegate.app.record.sealing import seal
from scalegate.cli.main import run
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.wiring import signer_of
from tests.e2e.test_cli_permit import FACT, MODEL, POLICY

GATE = "external_general"
SERVED = "classifier: 3\nfilter: strict\n"
EVIDENCE = {"about": "model:m", "shown": {"note": "x"}}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A copy of the lab's folder, to attack; the current folder is its workspace."""

    folder: Path
    """The workspace; `record` lies in it."""
    capsys: pytest.CaptureFixture[str]

    @property
    def log(self) -> Path:
        return self.folder / "record" / "log"

    def newest_entries(self) -> Path:
        """Return the tile with all entries of the log, which is a small one."""
        return max(self.log.glob("tile/entries/000.p/*"), key=lambda path: int(path.name))

    def refused(self, *words: str, code: int = 12) -> str:
        """Run a verb that must end with a code, and return what it said."""
        self.capsys.readouterr()
        assert run(list(words)) == code
        seen = self.capsys.readouterr()
        assert "Traceback" not in seen.err
        return " ".join((seen.out + seen.err).split())

    def done(self, *words: str) -> None:
        assert run(list(words)) == 0

    def json(self, *words: str) -> Any:
        self.capsys.readouterr()
        assert run([*words, "--json"]) == 0
        return json.loads(self.capsys.readouterr().out)

    def statement(self, kind: str) -> Path:
        """Return the envelope of the first statement of a kind in the log."""
        return next(
            path
            for path in sorted(self.log.glob("statement/*/*"))
            if f"/{kind}/" in payload_of(path.read_bytes())["predicateType"]
        )

    def sealed(self, kind: str, content: Any, *names: str, file: str = "forged.json") -> str:
        """Write an envelope that these keys of the record signed."""
        statement = Statement(
            predicate_type=Predicate(kind).uri,
            subjects=(Subject(name="it", sha256="a" * 64),),
            predicate=content,
        )
        signers = [signer_of(self.folder / "record" / "keys" / f"{name}.pem") for name in names]
        (self.folder / file).write_bytes(seal(statement, signers))
        return file

    def manifest(self, **changes: str) -> str:
        """Compute the manifest of what lies here now, and return its file."""
        chosen = {"surface": "api", "audience": "vetted"} | changes
        options = [word for name, value in chosen.items() for word in (f"--{name}", value)]
        self.done(
            "permit", "manifest", "model:m", "--weights", "weights", "--configuration",
            "served.yaml", "--jurisdiction", "EU", *options, "--out", "now.json",
        )  # fmt: skip
        return "now.json"

    def passing(self, manifest: str = "manifest.json", gate: str = GATE) -> tuple[str, ...]:
        """Return the words that ask whether the permit lets this pass."""
        return ("permit", "verify", "permit.json", gate, "--manifest", manifest)


def payload_of(envelope: bytes) -> Any:
    """Return what an envelope says, unverified."""
    return json.loads(b64decode(json.loads(envelope)["payload"]))


def edited(envelope: bytes, change: Callable[[Any], Any]) -> bytes:
    """Return an envelope whose outer form was changed."""
    found = json.loads(envelope)
    change(found)
    return json.dumps(found).encode()


def with_payload(envelope: bytes, payload: bytes) -> bytes:
    """Return an envelope with other bytes in place of its payload, and the old signatures."""
    return edited(envelope, lambda found: found.update(payload=b64encode(payload).decode()))


def build(folder: Path) -> None:
    """Make the lab: a policy, evidence, a record, an open gate, a permit, and a bundle."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        run(["init", folder.name, "--policy", "house@1"])
        patch.chdir(folder)
        (folder / "policies" / "house@1.yaml").write_text(POLICY, encoding="utf-8")
        (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
        (folder / "fact.yaml").write_text(FACT, encoding="utf-8")
        (folder / "weights").mkdir()
        (folder / "weights" / "part-1").write_bytes(b"weights")
        (folder / "served.yaml").write_text(SERVED, encoding="utf-8")
        for words in (
            ["evidence", "import", "model.yaml", "fact.yaml"],
            ["keys", "init", "log.example/house"],
            ["permit", "manifest", "model:m", "--weights", "weights", "--configuration",
             "served.yaml", "--surface", "api", "--audience", "vetted", "--jurisdiction", "EU"],
            ["permit", "issue", "model:m", GATE, "--manifest", "manifest.json"],
            ["bundle", "sent.zip", "-w", "."],
        ):  # fmt: skip
            assert run(words) == 0, words
