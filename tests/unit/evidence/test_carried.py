"""Documents read back from their canonical form are the same records, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.adapters.documents import read_document
from scalegate.base.canonical import canonical_bytes, sha256_hex
from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.evidence.carried import read_carried, runs_of
from scalegate.evidence.model import Kind
from scalegate.evidence.parse import parse_document

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOWN = Path(__file__).parents[3] / "docs" / "reference" / "examples"
DOCUMENTS = [
    path for path in sorted(SHOWN.glob("*.yaml")) if path.stem in {kind.value for kind in Kind}
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_kind_of_document_reads_back_as_itself(path: Path) -> None:
    record = parse_document(path.read_text(encoding="utf-8"))
    assert sha256_hex(record.canonical) == record.digest
    if runs_of(record) is None:
        assert read_carried(record.canonical) == record


def test_a_file_of_runs_comes_along_and_must_be_the_named_one() -> None:
    folder = EXAMPLES / "metr-horizon" / "documents"
    record = read_document(folder / "horizon-claude-3-5-sonnet-new.yaml")
    named = runs_of(record)
    assert named is not None
    runs = (folder / named.path).read_bytes()
    assert read_carried(record.canonical, attached=runs).attached == record.attached
    for other in (None, runs + b"\n"):
        with pytest.raises(FormatError, match="file of runs is not given"):
            read_carried(record.canonical, attached=other)


def test_a_file_of_runs_that_is_no_text_is_refused() -> None:
    folder = EXAMPLES / "metr-horizon" / "documents"
    text = (folder / "horizon-claude-3-5-sonnet-new.yaml").read_text(encoding="utf-8")
    named = runs_of(parse_document(text))
    assert named is not None
    other = parse_document(text.replace(named.sha256, sha256_hex(b"\xff")))
    with pytest.raises(FormatError, match="not UTF-8"):
        read_carried(other.canonical, attached=b"\xff")


def test_what_is_not_the_one_form_is_refused() -> None:
    content = parse_document(DOCUMENTS[0].read_text(encoding="utf-8")).canonical
    for other in (b"", b"[" * 100_000, b"\xff"):
        with pytest.raises(FormatError, match="canonical form"):
            read_carried(other)
    with pytest.raises(FormatError, match="canonical form"):
        read_carried(content + b" ")
    with pytest.raises(DocumentFaults):
        read_carried(canonical_bytes({**json.loads(content), "unknown": True}))
    with pytest.raises(DocumentFaults):
        read_carried(b"[]")
