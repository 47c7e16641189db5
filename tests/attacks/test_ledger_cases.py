"""The cases of `conformance/ledger`: two verifiers that share no code come to the same verdict.

`python -m tests.attacks.test_ledger_cases` writes the folders anew.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED

import pytest

from scalegate.app.record.arguing import check_bundle
from scalegate.app.record.bundling import write_files
from scalegate.app.record.material import material_path
from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import TrustError
from scalegate.base.instants import parse_instant
from scalegate.ledger.checkpoints import cosign, parse_checkpoint
from scalegate.ledger.disclosures import ReasonCode
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.leaves import Leaf, leaf_of
from scalegate.ledger.notes import NoteKind
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.tiles import write_bundle
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust
from tests.attacks.test_bundles import (
    BUNDLE,
    DECISION,
    EVIDENCE,
    FORGED,
    GOOD,
    LEAVES,
    PAYLOAD,
    ROOT,
    ROTATED,
    SLIPS,
    TRUST,
    checkpoint,
    decision,
    files_of,
    path_of,
    zipped,
)
from tests.attacks.test_disclosures import DISCLOSING, DISCLOSURES
from tests.attacks.test_plans import COUNTED
from tests.attacks.test_summaries import SUMMARIES
from tests.attacks.test_waivers import BESIDE, WITHDRAWING, WITHDRAWN
from tests.unit.ledger.signers import ROLES, Signer, said, sealed, trust_content

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "conformance" / "ledger"
VERIFIER = REPOSITORY / "verifier" / "check_bundle.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A bundle with the verdict it deserves."""

    bundle: bytes
    holds: bool = False
    seen: bytes | None = None
    root: bytes = ROOT
    as_of: str = ""
    """The reader's clock, if one is given."""

    @property
    def expected(self) -> bytes:
        """The content of `expected.json`."""
        return canonical_bytes({"verdict": "holds" if self.holds else "refused"}) + b"\n"


def signed_as_it_is(payload: bytes) -> dict[str, bytes]:
    """Return a log with evidence whose payload our own code would not even record."""
    content: bytes = sealed(payload, "eval-1")
    good = leaf_of(EVIDENCE)
    leaf = Leaf(
        envelope=sha256(content).hexdigest(),
        predicate_type=good.predicate_type,
        subjects=good.subjects,
        keys=good.keys,
    )
    leaves = [leaf_of(ROOT).to_bytes(), leaf.to_bytes()]
    return {
        "checkpoint": checkpoint(leaves),
        "tile/entries/000.p/2": write_bundle(leaves),
        path_of(ROOT): ROOT,
        f"statement/{leaf.envelope[:2]}/{leaf.envelope}": content,
    }


def stripped() -> dict[str, bytes]:
    """Return a log in which a policy's second signature was taken off after it was recorded."""
    policy = sealed(said("policy"), "pub-1", "pub-2")
    envelope = json.loads(policy)
    del envelope["signatures"][1]
    return files_of(ROOT, policy) | {path_of(policy): canonical_bytes(envelope)}


def revoked() -> dict[str, bytes]:
    """Return a log in which a key signs that the trust document in force no longer has."""
    roles = ROLES | {"evaluator": (1, ("eval-2",), ("evaluation-plan", "evidence"))}
    following = trust_content(version="2", previous=TRUST.digest, roles=roles)
    return files_of(ROOT, sealed(said("trust", following), "root-1", "root-2"), EVIDENCE)


def dated(*times: str, year: int = 2026) -> dict[str, bytes]:
    """Return a log of decisions with these dates, each of which has seen all before it."""
    entries = [ROOT]
    for time in times:
        root = Tree([leaf_of(each).to_bytes() for each in entries]).root()
        at = f"{year}-06-01T{time}Z"
        entries.append(decision(len(entries), root, decidedAt=at))
    return files_of(*entries)


TWO_ROLES = {"gate": (1, ("gate-1", "eval-1"), ("gate-decision", "permit"))}
BOTH = sealed(said("trust", trust_content(roles=ROLES | TWO_ROLES)), "root-1", "root-2")


def in_two_roles(word: str) -> dict[str, bytes]:
    """Return a log in which this key decides, under a trust document that lets `eval-1` do both."""
    root = Tree([leaf_of(each).to_bytes() for each in (BOTH, EVIDENCE)]).root()
    payload = parse_envelope(decision(2, root)).payload
    return files_of(BOTH, EVIDENCE, sealed(payload, word))


def witnessed(*names: str, spoilt: bool = False, time: int = 1_780_000_000) -> Case:
    """Return a log whose trust document asks two of three witnesses, cosigned by these."""
    kinds = {
        "w-1": (Algorithm.ED25519, NoteKind.ED25519_COSIGNATURE),
        "w-2": (Algorithm.ML_DSA_44, NoteKind.ML_DSA_44_COSIGNATURE),
        "w-3": (Algorithm.ED25519, NoteKind.ED25519_COSIGNATURE),
    }
    signers = {word: Signer(word, kind[0]) for word, kind in kinds.items()}
    keys = {word: signers[word].note_key(f"{word}.example", kinds[word][1]) for word in kinds}
    lines = [f"witness {word} {key.to_text()}" for word, key in keys.items()]
    policy = "\n".join([*lines, "group g 2 w-1 w-2 w-3", "quorum g", ""])
    root: bytes = sealed(said("trust", trust_content(witnesses=policy)), "root-1", "root-2")
    files = files_of(root)
    note = parse_checkpoint(files["checkpoint"])
    for word in names:
        made = cosign(note.head, keys[word], signers[word].sign, seconds=time)
        if spoilt:
            made = replace(made, signature=b"\0" * 7 + b"\1" + made.signature[8:])
        files["checkpoint"] += made.to_line().encode()
    holds = len(set(names)) > 1 and not spoilt and time < 1_798_761_600  # the end of 2026
    return Case(bundle=write_files(files), holds=holds, root=root)


def of_one_key(word: str) -> Case:
    """Return a log with a witness whose key is the log's own, or that of a role."""
    signer = Signer(word)
    key = signer.note_key("w.example", NoteKind.ED25519_COSIGNATURE)
    policy = f"witness w {key.to_text()}\nquorum w\n"
    root: bytes = sealed(said("trust", trust_content(witnesses=policy)), "root-1", "root-2")
    files = files_of(root)
    note = parse_checkpoint(files["checkpoint"])
    files["checkpoint"] += (
        cosign(note.head, key, signer.sign, seconds=1_780_000_000).to_line().encode()
    )
    return Case(bundle=write_files(files), root=root)


UNKNOWN = canonical_bytes(json.loads(PAYLOAD) | {"later": {"field": "kept"}})
TWICE = PAYLOAD[:-1] + b',"subject":[]}'
CASES = {
    "holds": Case(bundle=BUNDLE, holds=True),
    "holds-with-an-older-checkpoint": Case(bundle=BUNDLE, holds=True, seen=checkpoint(LEAVES)),
    "holds-after-a-rotation": Case(
        bundle=write_files(files_of(ROOT, ROTATED, EVIDENCE)), holds=True
    ),
    "holds-with-an-unknown-field": Case(
        bundle=write_files(files_of(ROOT, sealed(UNKNOWN, "eval-1"))), holds=True
    ),
    "holds-with-one-withheld": Case(
        bundle=write_files({path: GOOD[path] for path in GOOD if path != path_of(EVIDENCE)}),
        holds=True,
    ),
    "holds-with-a-quorum": witnessed("w-1", "w-3"),
    "trust-ended-before-the-checkpoint": witnessed("w-1", "w-3", time=1_798_761_600),
    "trust-ended-by-the-readers-clock": Case(bundle=BUNDLE, as_of="2027-01-01"),
    "holds-by-the-readers-clock": Case(bundle=BUNDLE, holds=True, as_of="2026-12-31T23:59:59Z"),
    "decision-dated-back": Case(bundle=write_files(dated("12:00:00", "11:59:59"))),
    "holds-with-dates-in-order": Case(
        bundle=write_files(dated("12:00:00", "12:00:00")), holds=True
    ),
    "decision-after-the-end-of-trust": Case(bundle=write_files(dated("12:00:00", year=2027))),
    "decision-with-no-date": Case(bundle=write_files(dated("noon"))),
    "one-key-in-two-roles": Case(bundle=write_files(in_two_roles("eval-1")), root=BOTH),
    "holds-with-a-key-idle-in-a-second-role": Case(
        bundle=write_files(in_two_roles("gate-1")), holds=True, root=BOTH
    ),
    "the-log-as-its-own-witness": of_one_key("log"),
    "a-gate-as-a-witness": of_one_key("gate-1"),
    "one-witness-twice": witnessed("w-1", "w-1"),
    "too-few-witnesses": witnessed("w-3"),
    "a-cosignature-of-another-time": witnessed("w-1", "w-3", spoilt=True),
    "rollback": Case(
        bundle=write_files(files_of(ROOT, EVIDENCE)),
        seen=checkpoint([*LEAVES, leaf_of(DECISION).to_bytes()]),
    ),
    "two-histories": Case(bundle=BUNDLE, seen=checkpoint(LEAVES[::-1])),
    "stripped-signature": Case(bundle=write_files(stripped())),
    "revoked-key": Case(bundle=write_files(revoked())),
    "duplicate-json-keys": Case(bundle=write_files(signed_as_it_is(TWICE))),
    "non-canonical-payload": Case(bundle=write_files(signed_as_it_is(PAYLOAD + b" "))),
    "a-number-in-a-predicate": Case(
        bundle=write_files(signed_as_it_is(PAYLOAD.replace(b'"x"', b"1")))
    ),
    "swapped-evidence": Case(
        bundle=write_files(
            GOOD | {path_of(EVIDENCE): sealed(said("evidence", {"note": "y"}), "eval-1")}
        )
    ),
    "zip-bomb": Case(bundle=zipped(("a", b"0" * (1 << 20)), how=ZIP_DEFLATED)),
    "zip-link": Case(bundle=zipped(("a", b"/etc/passwd"), mode=0o120777 << 16)),
    "cut-off": Case(bundle=BUNDLE[:-30]),
    "bytes-before": Case(bundle=b"#!" + BUNDLE),
    "bytes-behind": Case(bundle=BUNDLE + b"\0"),
    **{
        f"disclosure-{name.replace(' ', '-')}": Case(bundle=content, holds=holds, root=DISCLOSING)
        for name, (content, holds) in DISCLOSURES.items()
    },
    **{
        f"summary-{name.replace(' ', '-')}": Case(bundle=content, holds=holds)
        for name, (content, holds) in SUMMARIES.items()
    },
    **{
        f"waiver-{name.replace(' ', '-')}": Case(bundle=content, holds=holds)
        for name, (content, holds) in BESIDE.items()
    },
    **{
        f"waiver-{name.replace(' ', '-')}": Case(bundle=content, holds=holds, root=WITHDRAWING)
        for name, (content, holds) in WITHDRAWN.items()
    },
    **{
        f"plan-{name.replace(' ', '-')}": Case(bundle=content, holds=holds, root=root)
        for name, (root, content, holds) in COUNTED.items()
    },
    **{f"zip-slip-{at}": Case(bundle=zipped((path, b""))) for at, path in enumerate(SLIPS)},
    **{
        f"forged-{name.replace(' ', '-').replace(chr(39), '')}": Case(bundle=write_files(made()))
        for name, (made, _) in FORGED.items()
    },
}


def carrying(**change: bytes) -> dict[str, bytes]:
    """Return a log whose decision names material, with the material: by name, of these bytes.

    What is in the files is not looked at by a verifier that computes no decision anew.
    """
    document = b'{"payload":{"file":{"sha256":"%s"}},"schema":"scalegate/horizon-runs@1"}'
    content = {"policy": b"a policy", "runs": b"runs", "table": b"a table"} | change
    name = {each: sha256(body).hexdigest() for each, body in content.items()}
    content["document"] = document % name["runs"].encode()
    name["document"] = sha256(content["document"]).hexdigest()
    lists = {
        "policies": {"policy": name["policy"], "sets": []},
        "evidence": {"history": [name["document"]], "logs": ["0" * 64], "records": []},
        "tables": {"0" * 64: name["table"]},
    }
    listed = {each: canonical_bytes(value) for each, value in lists.items()}
    digests = {each: sha256(body).hexdigest() for each, body in listed.items()}
    size, root = "1", Tree([leaf_of(ROOT).to_bytes()]).root()
    stated = Statement(
        predicate_type=Predicate.GATE_DECISION.uri,
        subjects=(
            Subject(name="it", sha256=digests["evidence"]),
            Subject(name="house@1", sha256=digests["policies"]),
        ),
        predicate={
            "asOf": "2026-01-01T00:00:00Z",
            "effect": "hold",
            "framework": "house@1",
            "gate": "internal",
            "log": {"root": root.hex(), "size": size},
            "tables": digests["tables"],
        },
    )
    bodies = [*content.values(), *listed.values()]
    held = files_of(ROOT, sealed(stated.to_payload(), "gate-1"))
    return held | {material_path(sha256(each).hexdigest()): each for each in bodies}


def without(held: dict[str, bytes], *contents: bytes) -> dict[str, bytes]:
    """Return the files without these of the material."""
    gone = {material_path(sha256(each).hexdigest()) for each in contents}
    return {path: each for path, each in held.items() if path not in gone}


TABLE = sha256(b"a table").hexdigest()
EXTRA = sha256(b"more").hexdigest()
CARRIED = carrying()
MATERIAL = {
    "holds-with-material": Case(bundle=write_files(CARRIED, {}), holds=True),
    "holds-with-material-withheld": Case(
        bundle=write_files(without(CARRIED, b"a table"), {TABLE: "left-out"}), holds=True
    ),
    "holds-with-material-removed": Case(
        bundle=write_files(without(CARRIED, b"runs"), {}), holds=True
    ),
    "material-swapped": Case(
        bundle=write_files(CARRIED | {material_path(TABLE): b"another table"}, {})
    ),
    "material-under-its-own-name": Case(
        bundle=write_files(without(CARRIED, b"a table") | {material_path(EXTRA): b"more"}, {})
    ),
    "material-added": Case(bundle=write_files(CARRIED | {material_path(EXTRA): b"more"}, {})),
    "material-without-a-decision": Case(
        bundle=write_files(GOOD | {material_path(EXTRA): b"more"}, {})
    ),
    "material-in-another-place": Case(
        bundle=write_files(without(CARRIED, b"a table") | {f"material/{TABLE}": b"a table"}, {})
    ),
    "material-in-a-bundle-of-a-log": Case(bundle=write_files(CARRIED)),
    "withheld-and-there": Case(bundle=write_files(CARRIED, {TABLE: "left-out"})),
    "withheld-of-no-decision": Case(bundle=write_files(CARRIED, {EXTRA: "left-out"})),
    "withheld-for-an-unknown-reason": Case(
        bundle=write_files(without(CARRIED, b"a table"), {TABLE: "trust me"})
    ),
}
CASES |= MATERIAL


def on_p256(*, signed_by: str = "p256-eval", spelt: bytes | None = None) -> Case:
    """Return a log whose evaluator has a key on P-256."""
    signer = Signer("p256-eval")
    roles = ROLES | {"evaluator": (1, ("p256-eval",), ("evaluation-plan", "evidence"))}
    trust = trust_content(roles=roles)
    if spelt is not None:
        (row,) = (each for each in trust["keys"] if each["owner"] == "p256-eval")
        row["public"] = b64encode(spelt).decode()
        named = sha256(b"ecdsa-p256:" + spelt).hexdigest()
        trust["roles"]["evaluator"]["keys"] = [named]
    root: bytes = sealed(said("trust", trust), "root-1", "root-2")
    evidence = sealed(said("evidence"), signed_by, key_ids=[signer.key.key_id])
    return Case(
        bundle=write_files(files_of(root, evidence)),
        root=root,
        holds=signed_by == "p256-eval" and spelt is None,
    )


_POINT = Signer("p256-eval").key.public
CASES |= {
    "p256-holds": on_p256(),
    "p256-signed-by-another-key": on_p256(signed_by="p256-other"),
    "p256-key-in-a-second-spelling": on_p256(spelt=bytes([2 + _POINT[-1] % 2]) + _POINT[1:33]),
    "p256-key-off-the-curve": on_p256(spelt=_POINT[:-1] + bytes([_POINT[-1] ^ 1])),
}


def files_of_case(case: Case) -> dict[str, bytes]:
    found = {"bundle.zip": case.bundle, "root.json": case.root, "expected.json": case.expected}
    found |= {"as-of": f"{case.as_of}\n".encode()} if case.as_of else {}
    return found if case.seen is None else found | {"seen": case.seen}


def test_the_folders_are_what_is_written_here() -> None:
    on_disk = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.glob("*/*")
    }
    wanted = {
        f"{name}/{path}": content
        for name, case in CASES.items()
        for path, content in files_of_case(case).items()
    }
    assert sorted(on_disk) == sorted(wanted)
    assert [path for path in wanted if on_disk[path] != wanted[path]] == []


@pytest.mark.parametrize("name", CASES)
def test_the_package_comes_to_the_verdict(name: str) -> None:
    case = CASES[name]
    try:
        at = parse_instant(case.as_of) if case.as_of else None
        check_bundle(case.bundle, start_trust(case.root), seen=case.seen, at=at)
    except TrustError:
        assert not case.holds
    else:
        assert case.holds


RUNNER = """
import contextlib, io, json, runpy, sys
main, rows = runpy.run_path(sys.argv[1])["main"], {}
for name, words in json.load(sys.stdin).items():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        rows[name] = [main(words)]
    rows[name] += [out.getvalue(), err.getvalue()]
json.dump(rows, sys.stdout)
"""
"""Runs the second verifier on all cases in one process, which does not know the package."""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[int, str, str]]:
    asked = {}
    for name, case in CASES.items():
        folder = FOLDER / name
        asked[name] = [str(folder / "bundle.zip"), "--root", str(folder / "root.json")]
        asked[name] += ["--seen", str(folder / "seen")] if case.seen is not None else []
        asked[name] += ["--as-of", case.as_of] if case.as_of else []
    ran = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER, str(VERIFIER)],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return {name: (code, out, err) for name, (code, out, err) in json.loads(ran.stdout).items()}


@pytest.mark.parametrize("name", CASES)
def test_the_second_verifier_comes_to_the_verdict(
    name: str, verdicts: dict[str, tuple[int, str, str]]
) -> None:
    code, out, err = verdicts[name]
    assert code == (0 if CASES[name].holds else 12), err
    assert ("not checked here" in out) is CASES[name].holds
    has_clock = (
        "quorum" in name or name == "plan-holds-by-the-labs-own-clock" or bool(CASES[name].as_of)
    )
    assert ("compared with no clock" in out) is (CASES[name].holds and not has_clock)


def test_the_second_verifier_stands_alone() -> None:
    text = VERIFIER.read_text(encoding="utf-8")
    tree = ast.walk(ast.parse(text))
    names = {each.name for node in tree if isinstance(node, ast.Import) for each in node.names}
    names |= {
        node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)
    }
    tops = {name.split(".")[0] for name in names}
    assert tops - set(sys.stdlib_module_names) == {"cryptography"}
    assert len(text.splitlines()) < 800
    words = {word for each in _texts(text) for word in each.split()}
    assert {str(each) for each in Predicate} <= words
    assert {str(each) for each in ReasonCode} <= words


def _texts(text: str) -> list[str]:
    nodes = ast.walk(ast.parse(text))
    return [str(node.value) for node in nodes if isinstance(node, ast.Constant)]


def test_both_count_a_post_quantum_witness(tmp_path: Path) -> None:
    """Not a case on disk: its signatures differ from run to run."""
    case = witnessed("w-1", "w-2")
    found = check_bundle(case.bundle, start_trust(case.root))
    assert len(found.report.view.cosigned) == 2
    (tmp_path / "b").write_bytes(case.bundle)
    (tmp_path / "r").write_bytes(case.root)
    words = [
        sys.executable,
        "-I",
        str(VERIFIER),
        str(tmp_path / "b"),
        "--root",
        str(tmp_path / "r"),
    ]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ran.returncode, "w-2.example" in ran.stdout) == (0, True)


if __name__ == "__main__":
    for name, case in CASES.items():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for path, content in files_of_case(case).items():
            (FOLDER / name / path).write_bytes(content)
