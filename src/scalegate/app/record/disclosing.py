"""Withhold parts of evidence, open them later, and let an auditor draw what is opened.

1. `withhold` makes the statement: the names and reasons of what is withheld, salted digests of its
   fields, root and count of its lists. All salts come from one secret, kept with the withheld part
   in a private file; whoever has that file can open everything.
2. No digest of the whole document is in the statement: of a document with few possible contents, it
   would say which one it is.
3. `demand` and `open_withheld` make the statements of `ledger.disclosures`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scalegate.app.record.appending import read_size
from scalegate.app.record.deciding import Seen
from scalegate.app.record.reading import LogReport, read_entries, vouch_under
from scalegate.app.record.sealing import without_numbers
from scalegate.base.canonical import canonical_bytes, digest_of
from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.ledger.disclosures import DisclosureBook, Drawn, ReasonCode, WithheldSeen
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import MalformedRecord
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.statements import Predicate, Statement, Subject, parse_statement
from scalegate.ledger.strict_json import parse_json
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import Trust, Vouched
from scalegate.ledger.withheld import (
    SALT_SIZE,
    commit_field,
    commit_items,
    commitment_to_mapping,
    open_item,
)
from scalegate.ports import LogFiles

SCHEMA = "scalegate/withheld@1"
_READ = (Predicate.EVIDENCE, Predicate.DISCLOSURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The private part: whoever has it can open everything that it withholds."""

    secret: bytes
    """32 random bytes."""
    about: str
    """What the evidence is about."""
    withheld: Mapping[str, Any]
    """The withheld fields and lists, by name."""

    def to_text(self, envelope: str) -> str:
        """Write the private file, with the envelope that commits to it."""
        found = {
            "about": self.about,
            "envelope": envelope,
            "schema": SCHEMA,
            "secret": self.secret.hex(),
            "withheld": dict(self.withheld),
        }
        return canonical_bytes(found).decode() + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to open, and what to refuse."""

    fields: tuple[str, ...] = ()
    """Names of fields to open."""
    items: tuple[tuple[str, int], ...] = ()
    """Lists and indexes to open."""
    refused: Mapping[int, ReasonCode] | None = None
    """Of the items drawn: those to refuse, each with the reason."""
    answers: int | None = None
    """The entry of the demand that this answers; its items need not be named."""


def withhold(
    content: Mapping[str, Any], reasons: Mapping[str, ReasonCode], *, about: str, secret: bytes
) -> tuple[Statement, Kept]:
    """Return the statement that shows some of a document and commits to the rest.

    Args:
        content: the document, as plain data.
        reasons: what to withhold, each with its reason. A list is committed to item by item.
        about: what the evidence is about.
        secret: 32 random bytes.

    Raises:
        UsageError: nothing is withheld, or a list without items.
        UnknownName: the document has no such field.
        FormatError: a value that JSON cannot carry exactly.
    """
    if not reasons:
        raise UsageError("nothing is withheld", hint="`--withhold NAME=REASON`")
    kept = {}
    for name in reasons:
        if name not in content:
            raise UnknownName("field", name, known=tuple(content))
        kept[name] = content[name]
    fields, items, subjects = [], [], []
    for name, value in sorted(kept.items()):
        row = {"name": name, "reason": str(reasons[name])}
        if isinstance(value, list):
            if not value:
                raise UsageError(f"`{plain(name)}` is a list without items: nothing to withhold")
            commitment, _ = commit_items(value, secret=_secret_of(secret, name))
            items.append({**row, **commitment_to_mapping(commitment)})
            subjects.append(Subject(name=f"{about}/{name}", sha256=commitment.root))
            continue
        _, digest = commit_field(name, value, salt=_salt_of(secret, name))
        fields.append({**row, "digest": digest})
    shown = {name: value for name, value in content.items() if name not in reasons}
    withheld = {"fields": fields, "items": items}
    predicate = {"about": about, "shown": without_numbers(shown), "withheld": withheld}
    subjects.append(Subject(name=about, sha256=digest_of(predicate)))
    statement = Statement(
        predicate_type=Predicate.EVIDENCE.uri, subjects=tuple(subjects), predicate=predicate
    )
    return statement, Kept(secret=secret, about=about, withheld=kept)


def _secret_of(secret: bytes, name: str) -> bytes:
    return hmac.digest(secret, b"items:" + name.encode(), "sha256")


def _salt_of(secret: bytes, name: str) -> bytes:
    return hmac.digest(secret, b"field:" + name.encode(), "sha256")[:SALT_SIZE]


def read_kept(content: bytes) -> tuple[Kept, str]:
    """Read a private file; return it with the SHA-256 of the envelope that commits to it.

    Raises:
        MalformedRecord: it is none.
    """
    found = parse_json(content, "file of what is withheld")
    good = isinstance(found, dict) and found.get("schema") == SCHEMA
    good = good and isinstance(found.get("withheld"), dict)
    texts = [found.get(each) for each in ("secret", "about", "envelope")] if good else [None]
    if not all(isinstance(each, str) for each in texts):
        raise MalformedRecord("not a file of what is withheld", expected=f"schema `{SCHEMA}`")
    try:
        secret = bytes.fromhex(found["secret"])
    except ValueError as cause:
        raise MalformedRecord("secret is no hexadecimal") from cause
    return Kept(secret=secret, about=found["about"], withheld=found["withheld"]), found["envelope"]


def read_book(
    report: LogReport, root: Callable[[int], bytes], more: Iterable[Vouched] = ()
) -> DisclosureBook:
    """Return what a verified log withholds, opens and was asked for (`ledger.disclosures`).

    Args:
        report: the log, verified.
        root: the root of its first so many entries, and of those that come next.
        more: statements that are not in the log, read as if they came next.

    Raises:
        TrustError: a disclosure does not hold.
    """
    book = DisclosureBook(root)
    shown = dict(report.vouched)
    for index in range(report.view.head.size):
        if index in shown:
            book.read(index, shown[index])
        else:
            book.hide(index)
    for at, each in enumerate(more):
        book.read(report.view.head.size + at, each)
    return book


def book_over(files: LogFiles, trusts: Sequence[Trust], more: Sequence[bytes]) -> DisclosureBook:
    """Return what a log withholds and opens, with envelopes that are to come next.

    Args:
        files: the log. Its checkpoint, and the signatures of other kinds of entry, are not checked.
        trusts: its trust documents, oldest first.
        more: envelopes to be recorded.

    Raises:
        TrustError: a disclosure does not hold, or one to come.
    """
    entries = list(read_entries(files, read_size(files)))
    known = {each.leaf.envelope for each in entries}
    coming = [each for each in more if leaf_of(each).envelope not in known]
    leaves = [each.leaf.to_bytes() for each in entries]
    book = DisclosureBook(Tree([*leaves, *(leaf_of(each).to_bytes() for each in coming)]).root)
    contents = [*(each.content for each in entries), *coming]
    for index, content in enumerate(contents):
        if content is None:
            book.hide(index)
        elif parse_statement(parse_envelope(content).payload).kind in _READ:
            book.read(index, vouch_under(trusts, content))
    return book


def demand(of: WithheldSeen, envelope: str, *, count: int, nonce: bytes, seen: Seen) -> Statement:
    """Return an auditor's demand for `count` items of a list, drawn by what comes of it.

    Args:
        of: the list.
        envelope: SHA-256 of the envelope that withholds it.
        count: how many.
        nonce: random bytes of the auditor, so that nobody can foresee the draw.
        seen: the log as the auditor sees it; the demand must be recorded next.

    Raises:
        UsageError: it is no list, or has not so many items.
    """
    items = of.commitment.items
    if items is None or not 0 < count <= items.count:
        had = f"{items.count} items" if items else "one field: it is opened or not, none is drawn"
        raise UsageError(f"cannot draw {count}: `{plain(of.commitment.name)}` has {had}")
    said = {
        "count": str(count),
        "entry": str(of.entry),
        "envelope": envelope,
        "log": {"root": seen.root.hex(), "size": str(seen.size)},
        "name": of.commitment.name,
        "nonce": nonce.hex(),
    }
    return Statement(
        predicate_type=Predicate.DISCLOSURE.uri,
        subjects=(Subject(name=of.commitment.name, sha256=items.root),),
        predicate={"demands": said},
    )


def open_withheld(
    kept: Kept, envelope: str, choice: Choice, found: DisclosureBook, *, entry: int
) -> Statement:
    """Return the disclosure that opens what was chosen, or what a demand draws.

    Raises:
        UsageError: nothing is opened, or the demand is void or of something else.
        UnknownName: the private file has nothing of that name.
    """
    items = list(choice.items)
    predicate: dict[str, Any] = {"opens": {"entry": str(entry), "envelope": envelope}}
    refused: list[dict[str, str]] = []
    if choice.answers is not None:
        drawn = _drawn(found, choice.answers, entry)
        predicate["answers"] = str(choice.answers)
        reasons = choice.refused or {}
        for index in sorted(set(reasons) - set(drawn.indexes)):
            raise UsageError(f"item {index} is not one of those drawn: {list(drawn.indexes)}")
        items += [(drawn.name, index) for index in drawn.indexes if index not in reasons]
        refused = [
            {"index": str(index), "name": drawn.name, "reason": str(reasons[index])}
            for index in sorted(reasons)
        ]
    predicate["fields"] = [_field(kept, name) for name in choice.fields]
    predicate["items"] = _opened(kept, items)
    predicate["refused"] = refused
    if not (choice.fields or items or refused):
        raise UsageError("nothing is opened", hint="`--field`, `--item NAME:INDEX` or `--demand`")
    return Statement(
        predicate_type=Predicate.DISCLOSURE.uri,
        subjects=(Subject(name=kept.about, sha256=envelope),),
        predicate=predicate,
    )


def _drawn(found: DisclosureBook, entry: int, of: int) -> Drawn:
    one = next((each for each in found.demands if each.entry == entry), None)
    if one is None or one.of != of:
        raise UsageError(f"entry {entry} is no demand for what this file withholds")
    if one.void:
        raise UsageError(f"the demand at entry {entry} is void: {one.void}")
    return one


def _field(kept: Kept, name: str) -> str:
    value = _value(kept, name)
    if isinstance(value, list):
        raise UsageError(f"`{plain(name)}` is a list", hint="`--item NAME:INDEX` opens one of it")
    return commit_field(name, value, salt=_salt_of(kept.secret, name))[0]


def _opened(kept: Kept, wanted: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    rows = []
    trees = {}
    for name, index in sorted(wanted):
        items = _value(kept, name)
        if not isinstance(items, list) or not 0 <= index < len(items):
            had = f"has {len(items)} items" if isinstance(items, list) else "is no list"
            raise UsageError(f"cannot open item {index} of `{plain(name)}`: it {had}")
        secret = _secret_of(kept.secret, name)
        if name not in trees:
            trees[name] = commit_items(items, secret=secret)[1]
        opened = open_item(items, trees[name], index, secret=secret)
        rows.append(
            {
                "index": str(index),
                "item": canonical_bytes(opened.item).decode(),
                "name": name,
                "path": [each.hex() for each in opened.path],
                "salt": opened.salt.hex(),
            }
        )
    return rows


def _value(kept: Kept, name: str) -> Any:
    if name not in kept.withheld:
        raise UnknownName("withheld field", name, known=tuple(kept.withheld))
    return kept.withheld[name]
