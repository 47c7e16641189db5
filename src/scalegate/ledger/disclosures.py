"""What a log withholds, what was opened of it, and what an auditor drew.

The whole rule:

1. A statement of evidence may say what it withholds: fields, each by the digest of a salted
   disclosure, and lists, each by the root and the *count* of a salted tree (`withheld`). Each has a
   name and a reason from a closed list.
2. A disclosure opens some of it. It names the entry and the envelope that withholds; each field's
   disclosure has the digest that stands there, under its name; each item is in the tree where it
   says.
3. A demand is an auditor's: it names a list, how many items, and the log as the auditor saw it. It
   must stand directly behind what the auditor saw. Then the root of the tree that ends with it is
   fixed by what the auditor signed and by nothing that the lab could still add; from that root the
   items are drawn (`draw_items`).
4. A demand is void, and nobody need answer it, if it stands elsewhere, names nothing that is
   withheld, asks for none or more than there are, or is signed by a key that signed what it asks
   of.
5. An answer to a demand opens exactly the items drawn, or refuses some of them, each with a
   reason. Anything else is refused. Openings that answer no demand may choose.
6. What names an entry whose envelope is not shown cannot be checked, and is listed so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scalegate.ledger.checkpoints import parse_decimal
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.statements import Predicate
from scalegate.ledger.tree import leaf_hash, verify_inclusion
from scalegate.ledger.trust import Vouched
from scalegate.ledger.withheld import SALT_SIZE, ItemCommitment, draw_items, open_field

MOST_DRAWN = 4096
"""No demand asks for more items at once."""
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


class ReasonCode(StrEnum):
    """Why something is withheld, or stays so when it is asked for."""

    HAZARDOUS = "hazardous"
    PERSONAL = "personal"
    THIRD_PARTY = "third_party"
    SECURITY = "security"
    COMMERCIAL = "commercial"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One thing that a statement withholds: a field, or a list item by item."""

    name: str
    """As the statement calls it."""
    reason: ReasonCode
    """Why."""
    digest: str = ""
    """For a field: the digest of its disclosure."""
    items: ItemCommitment | None = None
    """For a list: root and count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A demand, as the log has it."""

    entry: int
    """Where it stands."""
    of: int
    """The entry that withholds."""
    name: str
    """The list."""
    indexes: tuple[int, ...]
    """The items that the seed draws; none for a void demand."""
    void: str = ""
    """Why it is void; empty where it is not."""
    is_answered: bool = False
    """Whether an answer is in the log."""
    refused: tuple[int, ...] = ()
    """Of the items drawn, those that the answer refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldSeen:
    """One thing that is withheld, with what was opened of it."""

    entry: int
    """The entry that withholds."""
    commitment: Commitment
    """What, and why."""
    opened: tuple[int, ...]
    """Indexes of opened items; 0 for a field that was opened."""
    refused: tuple[tuple[int, ReasonCode], ...]
    """Items that were asked for and refused, each with the reason."""


@dataclass(slots=True)
class _Kept:
    """A statement that withholds something."""

    envelope: str
    signers: frozenset[bytes]
    commitments: Mapping[str, Commitment]
    opened: dict[str, set[int]] = field(default_factory=dict)
    refused: dict[str, dict[int, ReasonCode]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a demand says."""

    of: int
    envelope: str
    name: str
    count: int
    size: int
    root: str


class DisclosureBook:
    """Reads the entries of a log in order, and refuses a disclosure that does not hold."""

    def __init__(self, root: Callable[[int], bytes]) -> None:
        """Take what gives the root of the log's first so many entries."""
        self._root = root
        self._kept: dict[int, _Kept] = {}
        self._demands: dict[int, Drawn] = {}
        self._hidden: set[int] = set()
        self.unchecked: list[int] = []
        """Disclosures of entries whose envelope is not shown."""

    def hide(self, index: int) -> None:
        """Note an entry whose envelope is not shown."""
        self._hidden.add(index)

    def read(self, index: int, each: Vouched) -> None:
        """Take the next entry (rules 1 to 6).

        Raises:
            MalformedRecord: it is not in the form.
            Refused, ProofRefused: a disclosure opens something else than was committed to, or
                answers a demand with other items than were drawn.
        """
        said, kind = each.statement.predicate, each.statement.kind
        if kind is Predicate.EVIDENCE and said.get("withheld") is not None:
            self._kept[index] = _Kept(
                envelope=each.envelope,
                signers=frozenset(key.public for key in each.signers),
                commitments=parse_withheld(said["withheld"], where=f"entry {index}"),
            )
        if kind is not Predicate.DISCLOSURE:
            return
        if said.get("demands") is not None:
            self._demand(index, each)
        if said.get("opens") is not None:
            self._open(index, said)

    def _demand(self, index: int, each: Vouched) -> None:
        where = f"demand at entry {index}"
        said = _object(each.statement.predicate["demands"], where)
        of = parse_decimal(_text(said, "entry", where), "entry")
        if of in self._hidden:
            self.unchecked.append(index)
            return
        asked = _Asked(
            of=of,
            envelope=_text(said, "envelope", where),
            name=_text(said, "name", where),
            count=parse_decimal(_text(said, "count", where), "count"),
            size=parse_decimal(_text(_object(said.get("log"), where), "size", where), "size"),
            root=_text(_object(said.get("log"), where), "root", where),
        )
        void = self._void(index, asked, frozenset(key.public for key in each.signers))
        indexes: tuple[int, ...] = ()
        items = self._kept[of].commitments[asked.name].items if not void else None
        if items is not None:
            indexes = draw_items(items, seed=self._root(index + 1), count=asked.count)
        self._demands[index] = Drawn(
            entry=index, of=of, name=asked.name, indexes=indexes, void=void
        )

    def _void(self, index: int, asked: _Asked, signers: frozenset[bytes]) -> str:
        """Return why a demand is void (rule 4)."""
        kept = self._kept.get(asked.of)
        if kept is None or kept.envelope != asked.envelope:
            return "it names an entry that withholds nothing, or another envelope"
        found = kept.commitments.get(asked.name)
        if found is None or found.items is None:
            return "no list of that name is withheld there"
        if not 0 < asked.count <= min(found.items.count, MOST_DRAWN):
            return f"it asks for {asked.count} of {found.items.count} items"
        if asked.size != index or self._root(index).hex() != asked.root:
            return "it does not stand directly behind the log that the auditor saw"
        if kept.signers & signers:
            return "whoever withholds signed it"
        return ""

    def _open(self, index: int, said: Mapping[str, Any]) -> None:
        where = f"disclosure at entry {index}"
        opens = _object(said["opens"], where)
        of = parse_decimal(_text(opens, "entry", where), "entry")
        if of in self._hidden:
            self.unchecked.append(index)
            return
        kept = self._kept.get(of)
        if kept is None or kept.envelope != _text(opens, "envelope", where):
            raise Refused("opens an entry that withholds nothing, or another envelope", where=where)
        for disclosure in _list(said, "fields", where):
            _open_field(kept, disclosure, where)
        opened = [_open_item(kept, row, where) for row in _list(said, "items", where)]
        refused = [_refusal(kept, row, where) for row in _list(said, "refused", where)]
        if said.get("answers") is not None:
            self._answer(of, said, (opened, refused), where=where)
        for name, at in opened:
            kept.opened.setdefault(name, set()).add(at)
        for name, at, reason in refused:
            kept.refused.setdefault(name, {})[at] = reason

    def _answer(
        self,
        of: int,
        said: Mapping[str, Any],
        given: tuple[Sequence[tuple[str, int]], Sequence[tuple[str, int, ReasonCode]]],
        *,
        where: str,
    ) -> None:
        entry = parse_decimal(_text(said, "answers", where), "entry of the demand")
        demand = self._demands.get(entry)
        if demand is None or demand.void or demand.of != of:
            why = demand.void if demand and demand.void else "there is none of it there"
            raise Refused("answers a demand that does not stand", where=where, got=why)
        opened, refused = given
        refusals = [(name, at) for name, at, _ in refused]
        if sorted([*opened, *refusals]) != [(demand.name, at) for at in demand.indexes]:
            raise Refused(
                "opens other items than the seed draws", where=where,
                expected=f"{demand.name}: {', '.join(map(str, demand.indexes[:20]))}",
                got=", ".join(f"{name} {at}" for name, at in sorted([*opened, *refusals])[:20]),
            )  # fmt: skip
        self._demands[entry] = Drawn(
            entry=entry,
            of=of,
            name=demand.name,
            indexes=demand.indexes,
            is_answered=True,
            refused=tuple(sorted(at for _, at in refusals)),
        )

    @property
    def withheld(self) -> tuple[WithheldSeen, ...]:
        """Everything that is withheld, in the order of the log."""
        return tuple(
            WithheldSeen(
                entry=entry,
                commitment=each,
                opened=tuple(sorted(kept.opened.get(name, ()))),
                refused=tuple(sorted(kept.refused.get(name, {}).items())),
            )
            for entry, kept in sorted(self._kept.items())
            for name, each in kept.commitments.items()
        )

    @property
    def demands(self) -> tuple[Drawn, ...]:
        """Every demand, in the order of the log."""
        return tuple(self._demands[entry] for entry in sorted(self._demands))


def parse_withheld(found: Any, *, where: str) -> Mapping[str, Commitment]:
    """Return what a statement withholds, by name (rule 1).

    Raises:
        MalformedRecord: it is not in the form, or withholds one name twice.
    """
    said = _object(found, where)
    rows = [*_fields(said, where), *_items(said, where)]
    names = {each.name for each in rows}
    if len(names) != len(rows) or not rows:
        raise MalformedRecord("withholds nothing, or one name twice", where=where)
    return {each.name: each for each in rows}


def _fields(said: Mapping[str, Any], where: str) -> Iterator[Commitment]:
    for row in _list(said, "fields", where):
        each = _object(row, where)
        yield Commitment(
            name=_text(each, "name", where),
            reason=_reason(each, where),
            digest=_text(each, "digest", where),
        )


def _items(said: Mapping[str, Any], where: str) -> Iterator[Commitment]:
    for row in _list(said, "items", where):
        each = _object(row, where)
        count = parse_decimal(_text(each, "count", where), "count of items")
        root = _hex(each, "root", where)
        if len(root) != 32 or count == 0:
            raise MalformedRecord("bad commitment to items", where=where)
        commitment = ItemCommitment(root=root.hex(), count=count)
        yield Commitment(
            name=_text(each, "name", where), reason=_reason(each, where), items=commitment
        )


def _open_field(kept: _Kept, disclosure: Any, where: str) -> None:
    if not isinstance(disclosure, str):
        raise MalformedRecord("disclosure is no text", where=where)
    digests = [each.digest for each in kept.commitments.values() if each.digest]
    name, _ = open_field(disclosure, digests)
    found = kept.commitments.get(name)
    if found is None or not found.digest:
        raise Refused("field is disclosed under another name", where=where, got=f"`{name[:80]}`")
    open_field(disclosure, [found.digest])
    kept.opened.setdefault(name, set()).add(0)


def _open_item(kept: _Kept, row: Any, where: str) -> tuple[str, int]:
    said = _object(row, where)
    name, items = _listed(kept, said, where)
    index = parse_decimal(_text(said, "index", where), "index")
    salt = _hex(said, "salt", where)
    if len(salt) != SALT_SIZE:
        raise MalformedRecord("salt has a wrong length", where=where, got=str(len(salt)))
    path = [_unhex(each, where) for each in _list(said, "path", where)]
    text = _text(said, "item", where).encode("utf-8", errors="surrogatepass")
    verify_inclusion(
        leaf_hash(salt + text),
        index=index,
        size=items.count,
        proof=path,
        root=bytes.fromhex(items.root),
    )
    return name, index


def _refusal(kept: _Kept, row: Any, where: str) -> tuple[str, int, ReasonCode]:
    said = _object(row, where)
    name, items = _listed(kept, said, where)
    index = parse_decimal(_text(said, "index", where), "index")
    if index >= items.count:
        raise Refused("refuses an item that there is not", where=where, got=str(index))
    return name, index, _reason(said, where)


def _listed(kept: _Kept, said: Mapping[str, Any], where: str) -> tuple[str, ItemCommitment]:
    name = _text(said, "name", where)
    found = kept.commitments.get(name)
    if found is None or found.items is None:
        raise Refused("no list of that name is withheld", where=where, got=f"`{name[:80]}`")
    return name, found.items


def _object(found: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise MalformedRecord("expected an object", where=where)
    return found


def _list(said: Mapping[str, Any], name: str, where: str) -> Sequence[Any]:
    found = said.get(name, [])
    if not isinstance(found, list):
        raise MalformedRecord(f"`{name}` is no list", where=where)
    return found


def _text(said: Mapping[str, Any], name: str, where: str) -> str:
    found = said.get(name)
    if not isinstance(found, str):
        raise MalformedRecord(f"`{name}` is missing, or no text", where=where)
    return found


def _hex(said: Mapping[str, Any], name: str, where: str) -> bytes:
    return _unhex(_text(said, name, where), where)


def _unhex(found: Any, where: str) -> bytes:
    if not isinstance(found, str) or not _HEX.fullmatch(found):
        raise MalformedRecord("expected lower-case hexadecimal", where=where)
    return bytes.fromhex(found)


def _reason(said: Mapping[str, Any], where: str) -> ReasonCode:
    text = _text(said, "reason", where)
    if text not in ReasonCode._value2member_map_:
        known = ", ".join(ReasonCode)
        raise MalformedRecord(
            "withheld without a known reason", where=where, expected=known, got=f"`{text[:40]}`"
        )
    return ReasonCode(text)
