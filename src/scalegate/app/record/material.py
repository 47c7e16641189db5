"""What decisions were computed from, as files that are named by their own digests.

1. A file of the material is called `material/<2 hex>/<sha256>` after its own SHA-256. So a file
   cannot be swapped: other bytes have another name.
2. A signed decision names three lists by digest: of the policy (the file, the indicator sets), of
   the evidence (documents and logs), and of the tables (from each log to its table of samples).
3. A list is canonical JSON. It names policy files by their bytes, documents by their canonical form
   (`evidence.record`), logs by their bytes and tables by theirs (`evidence.sample_table`). A
   document of horizon runs names its file of runs.
4. What no decision of the log leads to is no part of the material, and is refused.
5. What a decision leads to and is not there is withheld. Why is the sender's word.
6. A log itself never travels, only its table: prompts and answers may be hazardous, and what is
   sent cannot be called back (docs/adr/0022).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scalegate.base.canonical import canonical_bytes, digest_of, sha256_hex
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.statements import Predicate, Statement
from scalegate.ledger.strict_json import parse_canonical, parse_json

if TYPE_CHECKING:
    from scalegate.app.workspace import LoadedPolicy
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog

FOLDER = "material"
TABLES = "tables"
"""The field of a decision that names the list of tables by digest."""
MOST_NAMED = 60_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Part(StrEnum):
    """What a file of the material is."""

    LIST = "list"
    """Names other files."""
    POLICY = "policy"
    """A policy, or an indicator set."""
    DOCUMENT = "document"
    """An evidence document in canonical form."""
    RUNS = "runs"
    """The file of runs that a document names."""
    TABLE = "table"
    """The table of samples of a log."""


class Reason(StrEnum):
    """Why a file is withheld, by the sender's word."""

    LEFT_OUT = "left-out"
    """The sender chose to."""
    NOT_KEPT = "not-kept"
    """The sender no longer has it as it was."""
    TOO_LARGE = "too-large"
    """It is above the bound of a file in a bundle."""


WORDS = {
    Reason.LEFT_OUT: "the sender left it out",
    Reason.NOT_KEPT: "the sender no longer has it as it was",
    Reason.TOO_LARGE: "it is too large for a bundle",
}


def material_path(digest: str) -> str:
    """Return where a file of the material lies in a bundle."""
    return f"{FOLDER}/{digest[:2]}/{digest}"


def evidence_list(bundle: Bundle[EvalLog]) -> bytes:
    """Return the list of the evidence: its SHA-256 is the bundle's digest."""
    return canonical_bytes(
        {
            "history": sorted({record.digest for record in bundle.history}),
            "logs": sorted(bundle.logs),
            "records": sorted({record.digest for record in bundle.records}),
        }
    )


def policy_list(loaded: LoadedPolicy) -> bytes:
    """Return the list of a policy: its SHA-256 is the policy's effective digest."""
    return canonical_bytes({"policy": loaded.digest, "sets": [each.digest for each in loaded.sets]})


def tables_of(bundle: Bundle[EvalLog]) -> Mapping[str, bytes]:
    """Return the table of each log, by the log's digest."""
    from scalegate.evidence.sample_table import table_bytes

    return {name: table_bytes(log) for name, log in bundle.logs.items()}


def table_list(tables: Mapping[str, bytes]) -> bytes:
    """Return the list of tables: a decision names its SHA-256."""
    return canonical_bytes({name: sha256_hex(content) for name, content in tables.items()})


def tables_digest(bundle: Bundle[EvalLog]) -> str:
    """Return the digest of the list of tables, as a decision states it."""
    return sha256_hex(table_list(tables_of(bundle)))


NO_TABLES = digest_of({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The three digests by which a decision names its material."""

    evidence: str
    policy: str
    tables: str
    """Empty where a decision names none: one made before tables were named."""

    @property
    def lists(self) -> tuple[str, ...]:
        """The digests of the lists."""
        return tuple(each for each in (self.policy, self.evidence, self.tables) if each)


def named_by(stated: Statement) -> Named | None:
    """Return what a decision names; nothing for another statement, or where it names nothing."""
    if stated.kind is not Predicate.GATE_DECISION or len(stated.subjects) != 2:
        return None
    tables = stated.predicate.get(TABLES)
    is_digest = isinstance(tables, str) and _SHA256.fullmatch(tables) is not None
    return Named(
        evidence=stated.subjects[0].sha256,
        policy=stated.subjects[1].sha256,
        tables=str(tables) if is_digest else "",
    )


@dataclass(frozen=True, slots=True)
class Material:
    """The material of a log's decisions; made by `read_material`."""

    parts: Mapping[str, Part]
    """What each file is that some decision leads to, by digest, whether it is there or not."""
    content: Mapping[str, bytes]
    """Those that are there."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Those that are not, each with the sender's reason; empty where none was given."""

    def count(self, part: Part) -> int:
        """Return how many files of a sort are there."""
        return sum(self.parts[digest] is part for digest in self.content)


def read_material(
    decisions: Iterable[Statement],
    held: Mapping[str, bytes],
    withheld: Mapping[str, str] | None = None,
) -> Material:
    """Return the material that decisions lead to (rules 1 to 5).

    Args:
        decisions: verified statements of decisions.
        held: the files of a bundle, by path.
        withheld: from digests to reasons, as the manifest says.

    Raises:
        MalformedRecord: a list is not in its form, or there are too many files.
        Refused: a file has other bytes than its name says, nothing leads to it, or the manifest
            withholds what is there or what nothing leads to.
    """
    content: dict[str, bytes] = {}
    for path, each in held.items():
        if path.startswith(f"{FOLDER}/"):
            digest = sha256_hex(each)
            if path != material_path(digest):
                raise Refused("material is not what its name says", where=path, got=digest)
            content[digest] = each
    parts = dict[str, Part]()
    for stated in decisions:
        named = named_by(stated)
        if named is not None:
            _follow(named, content.get, parts)
    _none_too_many(content, parts, "material that no decision rests on")
    said = withheld or {}
    _none_too_many(said, parts, "the manifest withholds what no decision rests on")
    _none_too_many(said, parts.keys() - content.keys(), "the manifest withholds what is there")
    gone = {digest: said.get(digest, "") for digest in sorted(parts) if digest not in content}
    return Material(parts, content, gone)


def _none_too_many(found: Iterable[str], known: Iterable[str], what: str) -> None:
    more = sorted(set(found) - set(known))
    if more:
        raise Refused(what, where=f"`{material_path(more[0])}`")


def _follow(named: Named, read: Callable[[str], bytes | None], parts: dict[str, Part]) -> None:
    if all(parts.get(digest) is Part.LIST for digest in named.lists):
        return  # an earlier decision rests on the same
    for digest in named.lists:
        parts[digest] = Part.LIST
    below = dict.fromkeys(policies_in(read(named.policy)), Part.POLICY)
    evidence = evidence_in(read(named.evidence))
    documents = {*evidence["records"], *evidence["history"]}
    below |= dict.fromkeys(documents, Part.DOCUMENT)
    below |= dict.fromkeys(tables_in(read(named.tables)).values(), Part.TABLE)
    for digest in documents:
        runs = runs_in(read(digest)) if parts.get(digest) is not Part.DOCUMENT else ""
        if runs:
            below[runs] = Part.RUNS
    for digest, part in below.items():
        parts.setdefault(digest, part)
    if len(parts) > MOST_NAMED:
        raise MalformedRecord("material is too large", expected=f"at most {MOST_NAMED} files")


def policies_in(content: bytes | None) -> tuple[str, ...]:
    """Return the digests of a policy's file and of its sets; none where there is no list.

    Raises:
        MalformedRecord: it is no such list.
    """
    if content is None:
        return ()
    found = parse_canonical(content, "list of the policy")
    if not isinstance(found, dict) or found.keys() != {"policy", "sets"}:
        raise MalformedRecord("not the list of a policy", expected="`policy` and `sets`")
    return _digests([found["policy"], *_listed(found["sets"])])


def evidence_in(content: bytes | None) -> Mapping[str, tuple[str, ...]]:
    """Return the digests of documents (`records`, `history`) and `logs`; none without a list.

    Raises:
        MalformedRecord: it is no such list.
    """
    fields = ("history", "logs", "records")
    if content is None:
        return dict.fromkeys(fields, ())
    found = parse_canonical(content, "list of the evidence")
    if not isinstance(found, dict) or found.keys() != set(fields):
        raise MalformedRecord("not the list of the evidence", expected=", ".join(fields))
    return {name: _digests(_listed(found[name])) for name in fields}


def tables_in(content: bytes | None) -> Mapping[str, str]:
    """Return the digest of each log's table, by the log's digest; none where there is no list.

    Raises:
        MalformedRecord: it is no such list.
    """
    if content is None:
        return {}
    found = parse_canonical(content, "list of the tables")
    if not isinstance(found, dict):
        raise MalformedRecord("not the list of the tables")
    return dict(zip(_digests(found), _digests(found.values()), strict=True))


def runs_in(content: bytes | None) -> str:
    """Return the digest of the file of runs that a document names; empty where it names none."""
    if content is None or b'"scalegate/horizon-runs@1"' not in content:
        return ""
    found = parse_json(content, "document")
    payload = found.get("payload") if isinstance(found, dict) else None
    named = payload.get("file") if isinstance(payload, dict) else None
    digest = named.get("sha256") if isinstance(named, dict) else None
    return digest if isinstance(digest, str) and _SHA256.fullmatch(digest) else ""


def _listed(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise MalformedRecord("list of the material has a field that is no list")
    return found


def _digests(found: Iterable[Any]) -> tuple[str, ...]:
    digests = tuple(found)
    for each in digests:
        if not isinstance(each, str) or not _SHA256.fullmatch(each):
            raise MalformedRecord("list of the material names no SHA-256", got=f"`{each!s:.80}`")
    return digests


__all__ = [
    "NO_TABLES",
    "TABLES",
    "WORDS",
    "Material",
    "Named",
    "Part",
    "Reason",
    "evidence_in",
    "evidence_list",
    "material_path",
    "named_by",
    "policies_in",
    "policy_list",
    "read_material",
    "runs_in",
    "table_list",
    "tables_digest",
    "tables_in",
    "tables_of",
]
