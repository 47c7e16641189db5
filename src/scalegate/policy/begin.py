"""Begin a policy document: the smallest one, or a copy of another with its provenance.

1. A copy keeps every row, citation and comment of its origin but the head: name, lab, title, days
   and source are the new document's, and say what it was begun from, with the digest.
2. Citations stay those of the origin until somebody changes them; the head says so.
3. What comes out is in the canonical order (`format`), and is read back before it is given.

Does not check: that a copy is what its new lab means; its rows are the origin's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.policy.format import format_document
from scalegate.policy.layout import Chunk, chunks_of, root_of
from scalegate.policy.parse import parse_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHead:
    """What is new about a begun document."""

    id: str
    """Id of the framework."""
    version: str
    """Its version."""
    lab: str
    """Whose policy it is to be."""
    title: str
    """Its title."""
    effective_on: str
    """First day in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The policy that a copy begins from."""

    name: str
    """Its name, as `gdm-fsf@3.1`."""
    text: str
    """Its document."""
    digest: str
    """SHA-256 of its file."""


def begin_from(origin: Origin, head: NewHead, *, file: str | None = None) -> str:
    """Return a copy of a policy document under a new head.

    Raises:
        DocumentFaults: the origin is JSON, or the new head does not fit the language.
    """
    lines = origin.text.rstrip().split("\n")
    chunks = chunks_of(root_of(origin.text), lines, len(lines))
    if not chunks:
        fault = FormatError("flow style", file=origin.name, line=1, expected="YAML in block style")
        raise DocumentFaults([fault])
    written = [
        f"# {head.title}, as policy language 1: a draft to edit.",
        "#",
        f"# Begun from {origin.name} (sha256 {origin.digest}).",
        "# Its rows, numbers and citations are still those of that text: change each citation with",
        "# the row that it stands on, and take out what your policy does not say.",
        *_head_lines(head, _source_lines(origin, head)),
    ]
    for chunk in chunks:
        if chunk.key not in _HEAD_KEYS:
            written += ["", *_kept(chunk, lines)]
    return _read_back("\n".join(written).rstrip() + "\n", file)


_HEAD_KEYS = frozenset(
    {
        "schema",
        "id",
        "version",
        "lab",
        "title",
        "effective_on",
        "superseded_on",
        "supersedes",
        "source",
    }
)


def _kept(chunk: Chunk, lines: list[str]) -> list[str]:
    kept = list(lines[chunk.begins : chunk.ends])
    while kept and not kept[0].strip():
        kept.pop(0)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _head_lines(head: NewHead, source: list[str]) -> list[str]:
    return [
        "schema: scalegate/policy@1",
        f"id: {json.dumps(head.id, ensure_ascii=False)}",
        f"version: {json.dumps(head.version, ensure_ascii=False)}",
        f"lab: {json.dumps(head.lab, ensure_ascii=False)}",
        f"title: {json.dumps(head.title, ensure_ascii=False)}",
        f"effective_on: {json.dumps(head.effective_on, ensure_ascii=False)}",
        "",
        *source,
    ]


def _source_lines(origin: Origin, head: NewHead) -> list[str]:
    return [
        "source:",
        f"  title: {json.dumps(head.title, ensure_ascii=False)}",
        "  published_at_url: not published yet",
        f"  read_from: {json.dumps(f'Begun from {origin.name}, sha256 {origin.digest}')}",
        f"  note: The citations are those of {origin.name} until they are changed.",
    ]


def begin_new(head: NewHead, *, file: str | None = None) -> str:
    """Return the smallest policy that is worth editing: one domain, one threshold, one row.

    Raises:
        DocumentFaults: the head does not fit the language.
    """
    source = [
        "source:",
        f"  title: {json.dumps(head.title, ensure_ascii=False)}",
        "  published_at_url: not published yet",
    ]
    first = f"# {head.title}, as policy language 1: a draft to edit."
    lines = [first, *_head_lines(head, source), "", _SMALLEST.rstrip()]
    return _read_back("\n".join(lines) + "\n", file)


def _read_back(text: str, file: str | None) -> str:
    parse_policy(text, file=file)
    return format_document(text, file=file)


_SMALLEST = """\
# What is dangerous. `neutral` is one of cbrn, cyber, ai_rnd, misalignment, manipulation, autonomy.
domains:
  - id: CYBER
    neutral: cyber
    native: Cyber attacks
    cite: {document: Our policy, section: "1"}

# From which level on. A threshold without a line is decided by a signed determination.
thresholds:
  - id: CYBER-1
    native: First level of cyber attacks
    domain: CYBER
    statement: Helps an attacker substantially with attacks that do severe harm.
    cite: {document: Our policy, section: "1"}

# What has to be in place.
safeguards:
  - id: misuse-filters
    native: Filters against misuse
    family: deployment_filters
    statement: Requests for help with attacks are refused or stopped.
    cite: {document: Our policy, section: "2"}

# If, at these gates, require, otherwise. One row for each if-then sentence of the text.
commitments:
  - id: HOLD-RELEASE
    statement: A model at the first level is not released without the filters.
    if: {status: CYBER-1, at_least: crossed}
    at: [external_limited, external_general, open_weights]
    asks: [start]
    require: {safeguard: misuse-filters}
    otherwise: hold
    modality: must
    native_verb: must not
    cite: {document: Our policy, section: "3"}

# Gates at which the text binds nothing, and where it was searched.
silent_at:
  - {gate: store, searched: all sections}
  - {gate: train, searched: all sections}
  - {gate: internal, searched: all sections}
  - {gate: internal_high_risk, searched: all sections}
"""
