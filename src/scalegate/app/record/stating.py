"""Make statements of what a lab has: a policy, a difference, a document, a waiver, a duty.

1. A document is stated in full, numbers as text; its subject is its digest, under which evidence
   lists and decisions name it. A log is stated by its file's digest alone.
2. What has no document kind of its own (waiver, duty, specification, withdrawal) is a small YAML or
   JSON file with the fields of its predicate; its subject is the digest of what it says.
3. What is stated has the published form (`predicates`); what has not is refused, with the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from scalegate import __version__
from scalegate.app.record.predicates import DOCUMENTED, SAID
from scalegate.app.record.sealing import without_numbers
from scalegate.app.workspace import LoadedPolicy
from scalegate.base.canonical import digest_of
from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.base.instants import parse_instant
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import YamlDocument
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.ledger.statements import Predicate, Statement, Subject

WRITTEN = (Predicate.WAIVER, Predicate.DUTY, Predicate.SPECIFICATION, Predicate.WITHDRAWAL)
"""Predicates that are stated from a file with their own fields (rule 2)."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def checked(statement: Statement, *, file: str | None = None) -> Statement:
    """Return a statement of ours, if it has the published form (rule 3).

    Args:
        statement: the statement.
        file: where it comes from, for messages.

    Raises:
        DocumentFaults: each field that is missing or of a wrong form.
    """
    kind = statement.kind
    if kind is None:
        return statement
    try:
        SAID[kind].model_validate(dict(statement.predicate))
    except ValidationError as cause:
        faults = [
            FormatError(
                "field is missing" if each["type"] == "missing" else each["msg"].lower(),
                file=file,
                path=".".join(str(step) for step in each["loc"]),
                got="" if each["type"] == "missing" else f"`{plain(str(each['input']), limit=80)}`",
            )
            for each in cause.errors(include_url=False)
        ]
        raise DocumentFaults(faults) from cause
    return statement


def _made(
    kind: Predicate,
    subjects: Sequence[Subject],
    said: Mapping[str, Any],
    *,
    file: str | None = None,
) -> Statement:
    statement = Statement(predicate_type=kind.uri, subjects=tuple(subjects), predicate=dict(said))
    return checked(statement, file=file)


def policy_statement(loaded: LoadedPolicy) -> Statement:
    """Return the statement that a policy is published, with its rows and where they stand."""
    policy = loaded.policy
    subjects = [Subject(name=loaded.name, sha256=loaded.effective_digest)]
    if policy.source.read_text_sha256:
        subjects.append(Subject(name=policy.source.title, sha256=policy.source.read_text_sha256))
    return _made(
        Predicate.POLICY,
        subjects,
        {
            "framework": loaded.name,
            "title": policy.title,
            "lab": policy.lab,
            "effectiveOn": str(policy.effective_on),
            "supersedes": policy.supersedes or "",
            "clauses": [
                {
                    "id": row.id,
                    "says": row.statement,
                    "modality": str(row.modality),
                    "binding": row.binds,
                    "where": str(row.cite),
                }
                for row in policy.commitments
            ],
            "engine": __version__,
        },
    )


def diff_statement(found: Any, *, certificate: str = "") -> Statement:
    """Return the statement of a difference, from what `diff --json` writes.

    Args:
        found: the document, parsed.
        certificate: SHA-256 of the certificate's file, if there is one.

    Raises:
        FormatError: it is no such document.
    """
    if not isinstance(found, dict) or found.get("kind") != "diff":
        raise FormatError("not a difference", expected="what `diff --json` writes")
    try:
        names = [(found[which]["name"], found[which]["digest"]) for which in ("old", "new")]
        rows = [_row(each) for each in found["comparisons"]]
        said = {
            "old": names[0][0],
            "new": names[1][0],
            "verdict": found["verdict"],
            "isLooserSomewhere": found["is_looser_somewhere"],
            "isStricterSomewhere": found["is_stricter_somewhere"],
            "comparisons": rows,
        }
    except (KeyError, TypeError) as cause:
        raise FormatError("difference lacks a field", got=f"`{cause!s:.80}`") from cause
    subjects = [Subject(name=str(name), sha256=_sha256(digest)) for name, digest in names]
    whole = {
        "difference": digest_of(without_numbers(found)),
        "certificate": certificate,
        "engine": __version__,
    }
    return _made(Predicate.POLICY_DIFF, subjects, said | whole)


def _row(each: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("gate", "ask", "cut", "strength", "verdict", "loosened", "tightened")
    return {name: without_numbers(each[name]) for name in names}


def _sha256(found: Any) -> str:
    if not isinstance(found, str) or not _SHA256.fullmatch(found):
        raise FormatError("not a digest", expected="64 hexadecimal digits")
    return found


def document_statement(kind: Predicate, record: Record) -> Statement:
    """Return the statement that records a document in full (rule 1).

    Raises:
        UsageError: the document is of another kind.
    """
    wanted = DOCUMENTED.get(kind)
    if wanted is not None and record.kind.schema != wanted:
        raise UsageError(
            f"`{plain(record.id)}` is a `{record.kind}`, not what `{kind}` records",
            hint=f"it is recorded by `scalegate record evidence FILE`, or name a `{wanted}`",
        )
    name = "document" if wanted is not None else "shown"
    return _made(
        kind,
        [Subject(name=record.id, sha256=record.digest)],
        {"about": record.subject, name: without_numbers(record.to_mapping())},
    )


def log_statement(name: str, sha256: str) -> Statement:
    """Return the statement that an evaluation log was imported: its name and digest alone."""
    return _made(
        Predicate.EVIDENCE,
        [Subject(name=name, sha256=sha256)],
        {"about": name, "shown": {"kind": "log"}},
    )


def edge_statements(record: Record) -> tuple[Statement, ...]:
    """Return a statement for every edge of a model document.

    Raises:
        UsageError: it is no model, or has no edge.
    """
    content = without_numbers(record.to_mapping())
    edges = content["payload"].get("edges", []) if record.kind is Kind.MODEL else []
    if not edges:
        raise UsageError(f"`{plain(record.id)}` is a `{record.kind}` and has no edge")
    subject = Subject(name=record.id, sha256=record.digest)
    return tuple(
        _made(Predicate.REGISTER_EDGE, [subject], {"about": record.subject, "edge": each})
        for each in edges
    )


def written_statement(kind: Predicate, document: YamlDocument) -> Statement:
    """Return the statement of a file with the fields of its predicate (rule 2).

    A withdrawal names what it withdraws in `digests`, a specification its text in `text`; these
    become subjects.

    Raises:
        FormatError, DocumentFaults: a field is missing or of a wrong form, or a waiver ends before
            it begins.
    """
    found = document.value
    if not isinstance(found, dict):
        raise FormatError(f"no {kind}", file=document.file, expected="fields of the predicate")
    said = dict(without_numbers(found))
    if kind is Predicate.WITHDRAWAL:
        digests = said.pop("digests", None)
        if not isinstance(digests, list) or not digests:
            raise FormatError("withdraws nothing", path="digests", expected="a list of digests")
        return _made(
            kind,
            [Subject(name=str(kind), sha256=_sha256(x)) for x in digests],
            said,
            file=document.file,
        )
    if kind is Predicate.SPECIFICATION:
        text = _sha256(said.pop("text", None))
        return _made(
            kind, [Subject(name=str(said.get("standard")), sha256=text)], said, file=document.file
        )
    about = Subject(name=str(said.get("about")), sha256=digest_of(said))
    made = _made(kind, [about], said, file=document.file)
    _check_times(kind, said)
    return made


def _check_times(kind: Predicate, said: Mapping[str, Any]) -> None:
    names = ("from", "until") if kind is Predicate.WAIVER else ("at",)
    times = [parse_instant(said[name], path=name) for name in names]
    if len(times) == 2 and not times[0] < times[1]:
        raise FormatError("ends before it begins", path="until", expected="an instant after `from`")
