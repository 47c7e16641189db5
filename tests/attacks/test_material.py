"""The material of a bundle cannot be swapped, added to or bent, and what it gives is compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scalegate import __version__
from scalegate.app.record import following
from scalegate.app.record.arguing import check_bundle
from scalegate.app.record.bundling import MOST_FILE_BYTES, write_files
from scalegate.app.record.following import Followed, follow
from scalegate.app.record.material import material_path
from scalegate.app.record.unpacking import Unpacked
from scalegate.base.canonical import canonical_bytes, sha256_hex
from scalegate.base.errors import FormatError, TrustError
from scalegate.evidence.eval_log import MetadataColumn
from scalegate.evidence.parse import parse_document
from scalegate.evidence.sample_table import read_table, table_bytes
from scalegate.ledger.statements import Statement, Subject
from tests.attacks.material_case import Material, material, small_log
from tests.attacks.test_bundles import GOOD, TRUST, zipped
from tests.e2e.test_cli_permit import FACT, POLICY


def followed(bundle: bytes) -> Followed:
    found = check_bundle(bundle, TRUST)
    assert found.material is not None
    (answer,) = follow(found.report, Unpacked(found.material))
    return answer


def test_a_decision_is_computed_anew_to_the_same_bytes() -> None:
    case = material()
    assert case.stated.predicate["effect"] == "allow"
    assert followed(case.bundled()) == Followed(index=1, is_same=True)


OTHER_FACT = parse_document(FACT.replace("value: true", "value: false")).canonical
FALSE_LIST = canonical_bytes({"history": [], "logs": [], "records": []})


def swapped(case: Material, old: bytes, new: bytes, *, renamed: bool) -> dict[str, bytes]:
    files = case.files()
    del files[material_path(sha256_hex(old))]
    return files | {material_path(sha256_hex(new if renamed else old)): new}


def what(case: Material, name: str) -> bytes:
    fact = next(each for each in case.bundle.records if each.id == "watched")
    lists = {
        "document": fact.canonical,
        "policy": POLICY.encode(),
        "table": table_bytes(small_log()),
        "list": listed_evidence(case),
    }
    return lists[name]


def listed_evidence(case: Material) -> bytes:
    return case.content()[case.stated.subjects[0].sha256]


SWAPS = {
    "document": OTHER_FACT,
    "policy": POLICY.replace("otherwise: hold", "otherwise: restrict").encode(),
    "table": table_bytes(replace(small_log(), byte_size=1)),
    "list": FALSE_LIST,
}


@pytest.mark.parametrize("name", SWAPS)
def test_swapped_material_is_refused(name: str) -> None:
    case = material()
    old, new = what(case, name), SWAPS[name]
    assert old != new
    with pytest.raises(TrustError, match="not what its name says"):
        check_bundle(write_files(swapped(case, old, new, renamed=False), {}), TRUST)
    with pytest.raises(TrustError, match="no decision rests on"):
        check_bundle(write_files(swapped(case, old, new, renamed=True), {}), TRUST)


def test_added_material_is_refused() -> None:
    more = {material_path(sha256_hex(OTHER_FACT)): OTHER_FACT}
    with pytest.raises(TrustError, match="no decision rests on"):
        check_bundle(write_files(material().files() | more, {}), TRUST)
    with pytest.raises(TrustError, match="no decision rests on"):
        check_bundle(write_files(GOOD | more, {}), TRUST)
    with pytest.raises(TrustError, match="no part of its log"):  # by the manifest of a log alone
        check_bundle(write_files(material().files()), TRUST)


@pytest.mark.parametrize("name", SWAPS)
def test_removed_material_is_a_gap_that_is_named(name: str) -> None:
    case, old = material(), what(material(), name)
    digest = sha256_hex(old)
    files = case.files()
    del files[material_path(digest)]
    if name == "list":  # what it led to can no longer be known as its own
        with pytest.raises(TrustError, match="no decision rests on"):
            check_bundle(write_files(files, {}), TRUST)
        return
    assert digest in followed(write_files(files, {})).missing
    said = followed(write_files(files, {digest: "left-out"})).missing
    assert "the sender left it out" in said


def test_what_a_manifest_withholds_must_be_missing_and_named() -> None:
    case = material()
    there = sha256_hex(what(case, "document"))
    for digest, match in ((there, "is there"), ("0" * 64, "no decision rests on")):
        with pytest.raises(TrustError, match=match):
            check_bundle(write_files(case.files(), {digest: "left-out"}), TRUST)
    with pytest.raises(TrustError, match="unknown reason"):
        check_bundle(write_files(case.files(), {there: "trust me"}), TRUST)
    for rows in (None, [{"sha256": there}]):
        manifest = canonical_bytes({"files": [], "schema": "scalegate/bundle@2", "withheld": rows})
        with pytest.raises(TrustError, match="does not say what is withheld"):
            check_bundle(zipped(("manifest.json", manifest)), TRUST)


LIES: list[tuple[str, Any]] = [
    ("effect", "hold"),
    ("isOpen", False),
    ("explanation", "0" * 64),
    ("adverse", {"count": "0", "head": ""}),
]


@pytest.mark.parametrize(("field", "lie"), LIES)
def test_a_signed_lie_is_refused(field: str, lie: Any) -> None:
    case = material()
    with pytest.raises(TrustError, match=f"another `{field}`"):
        followed(case.bundled(case.lying(**{field: lie})))


def test_another_engine_is_compared_by_outcome_and_named() -> None:
    case = material()
    other = case.bundled(case.lying(engine="0.0.1", explanation="0" * 64))
    assert followed(other) == Followed(index=1, engine="0.0.1")
    rebuilt = case.bundled(case.lying(build="b" * 64, explanation="0" * 64))
    assert followed(rebuilt) == Followed(index=1, engine=f"{__version__}, another build")
    alike = case.bundled(case.lying(build="b" * 64))
    assert followed(alike) == Followed(
        index=1, engine=f"{__version__}, another build", is_same=True
    )
    for whose in ({"engine": "0.0.1"}, {"build": "b" * 64}):
        with pytest.raises(TrustError, match="another `effect`"):
            followed(case.bundled(case.lying(effect="hold", **whose)))


def test_another_subject_is_refused() -> None:
    case = material()
    first, second = case.stated.subjects
    named = (first, Subject(name="house@9", sha256=second.sha256))
    with pytest.raises(TrustError, match="another subject"):
        followed(case.bundled(replace(case.stated, subjects=named)))


def naming(case: Material, *, evidence: bytes = b"", policy: bytes = b"") -> Statement:
    """Return the statement of a gate that signed other lists."""
    first, second = case.stated.subjects
    first = replace(first, sha256=sha256_hex(evidence)) if evidence else first
    second = replace(second, sha256=sha256_hex(policy)) if policy else second
    return replace(case.stated, subjects=(first, second))


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b'{"history":[],"logs":[],"records":["x"]}',
        b'{"history":1,"logs":[],"records":[]}',
    ],
)
def test_a_signed_list_that_is_none_is_refused(content: bytes) -> None:
    case = material()
    files = case.files(naming(case, evidence=content)) | {
        material_path(sha256_hex(content)): content
    }
    with pytest.raises(TrustError, match="list"):
        check_bundle(write_files(files, {}), TRUST)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
HOSTILE = (BOMB, "[" * 5_000, "schema: scalegate/policy@1\n" * 2, "\x00", "!!python/object:x {}")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_policy_is_a_gap_and_never_run(text: str) -> None:
    case = material()
    policy = canonical_bytes({"policy": sha256_hex(text.encode()), "sets": []})
    stated = naming(case, policy=policy)
    files = {
        path: each
        for path, each in case.files(stated).items()
        if each not in (POLICY.encode(), what(case, "policy"))
        and path != material_path(case.stated.subjects[1].sha256)
    }
    for each in (policy, text.encode()):
        files[material_path(sha256_hex(each))] = each
    assert "cannot be decided here" in followed(write_files(files, {})).missing


def test_a_table_has_one_form_and_cannot_lie_about_its_columns() -> None:
    log = small_log()
    content = table_bytes(log)
    assert table_bytes(read_table(content, log_sha256=log.digest_sha256)) == content
    column = MetadataColumn(name="family", values=("f",) * len(log.samples))
    told = replace(log, samples=replace(log.samples, metadata=(column,)))
    assert read_table(table_bytes(told), log_sha256=log.digest_sha256) == told
    older = content.replace(b'"is_shuffled":false,', b"").replace(
        b'"model":', b'"new":1,"model":', 1
    )
    assert len(older) != len(content)
    assert read_table(older, log_sha256=log.digest_sha256) == read_table(
        content, log_sha256=log.digest_sha256
    )
    short = replace(log, samples=replace(log.samples, epochs=()))
    large = replace(log, samples=replace(log.samples, epochs=(1 << 60,) * len(log.samples)))
    assert log.header.created_at is not None
    zoneless = log.header.created_at.replace(tzinfo=None)
    naive = replace(log, header=replace(log.header, created_at=zoneless))
    bad = {
        "rows": table_bytes(short),
        "too large": table_bytes(large),
        "without a zone": table_bytes(naive),
        "twice": content.replace(b'"byte_size":', b'"byte_size":1,"byte_size":'),
        "not a table": content[: len(content) // 2] + b"}",
        "expected scalegate": b"{}",
    }
    for match, each in bad.items():
        with pytest.raises(FormatError, match=match):
            read_table(each, log_sha256=log.digest_sha256)
    with pytest.raises(FormatError, match="another log"):
        read_table(content, log_sha256="0" * 64)


@pytest.mark.parametrize(
    ("path", "content", "match"),
    [
        ("material/../x", b"", "could leave"),
        ("material/00/" + "0" * 64, b"x", "not a bundle of ours"),
        ("material/00/x", b"0" * (MOST_FILE_BYTES + 1), "too large"),
    ],
)
def test_zip_tricks_with_material_are_refused(path: str, content: bytes, match: str) -> None:
    with pytest.raises(TrustError, match=match):
        check_bundle(zipped(("manifest.json", b"{}"), (path, content)), TRUST)


def test_a_fault_of_the_engine_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(following, "decide_all", broken)
    with pytest.raises(ZeroDivisionError):
        followed(material().bundled())
