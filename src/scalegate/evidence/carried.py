"""Read documents back from their canonical form, as they travel apart from a workspace.

1. The canonical form is JSON in which an exact number is `{"number": "2.50"}` (`record`, rule 1).
2. It is read as the document it was made from: the record has the digest of the bytes, or it is
   refused. So nothing in it can be said in two ways.
3. A file of runs that a document names is handed over beside it, and has the digest that is named.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError
from scalegate.evidence.documents.results import HorizonFile, HorizonRuns
from scalegate.evidence.horizon import parse_horizon_file
from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?")


def read_carried(content: bytes, *, attached: bytes | None = None) -> Record:
    """Return the record whose canonical form this is.

    Args:
        content: the canonical form.
        attached: the file of runs that the document names, if it names one.

    Raises:
        FormatError: the bytes are not the canonical form of a document, or the file that it names
            is not the one handed over.
        DocumentFaults: this version cannot read the document.
    """
    name = f"document {sha256_hex(content)[:16]}"
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise FormatError("not the canonical form of a document", file=name) from cause
    record = parse_document(_text(found), file=name)
    if record.canonical != content:
        raise FormatError(
            "not the canonical form of a document", file=name, expected="the form `record` writes"
        )
    wanted = runs_of(record)
    if wanted is None:
        return record
    if attached is None or sha256_hex(attached) != wanted.sha256:
        raise FormatError("file of runs is not given", file=name, expected=f"`{wanted.sha256}`")
    try:
        text = attached.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise FormatError("file of runs is not UTF-8 text", file=name) from cause
    return replace(record, attached=parse_horizon_file(text, wanted))


def runs_of(record: Record) -> HorizonFile | None:
    """Return the file of runs that a document names, if it names one."""
    return record.payload.file if isinstance(record.payload, HorizonRuns) else None


def _text(value: Any) -> str:
    """Write plain data as JSON, exact numbers digit for digit."""
    if isinstance(value, dict):
        if value.keys() == {"number"} and _is_number(value["number"]):
            return str(value["number"])
        return (
            "{" + ",".join(f"{json.dumps(key)}:{_text(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _is_number(value: object) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


__all__ = ["read_carried", "runs_of"]
