"""Which logs are trusted, and how many witnesses must have cosigned: C2SP `tlog-policy` files.

1. Lines `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME any|all|K MEMBER...`, and exactly
   one `quorum NAME|none`; names stand before they are used.
2. No public key stands twice, under whatever name; each name is a member of at most one group once.
3. Comment lines start with `#`; only tabs and newlines are control characters.
4. A checkpoint is accepted if a listed log signed it and the quorum is reached.

Source: C2SP tlog-policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scalegate.ledger.checkpoints import (
    Checkpoint,
    Cosigned,
    verify_checkpoint,
    verify_cosignatures,
)
from scalegate.ledger.faults import MalformedRecord, SignatureRefused
from scalegate.ledger.notes import NoteKind, VerifierKey, parse_key

NO_QUORUM = "none"
MOST_LINES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness that a policy names."""

    name: str
    """Its name in the policy file."""
    key: VerifierKey
    """A cosignature key."""
    url: str = ""
    """Where `add-checkpoint` is answered, if the file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Members, and how many of them must have cosigned."""

    name: str
    """Its name in the policy file."""
    at_least: int
    """How many members."""
    members: tuple[str, ...]
    """Names of witnesses or groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPolicy:
    """A parsed policy file."""

    logs: tuple[VerifierKey, ...]
    """Keys of trusted logs; may be empty where the log is known otherwise."""
    witnesses: tuple[Witness, ...]
    """All witnesses."""
    groups: tuple[Group, ...]
    """In the order of the file: members stand before the groups that name them."""
    quorum: str
    """A witness, a group, or `none`."""

    def is_reached(self, keys: Iterable[bytes]) -> bool:
        """Tell whether cosignatures by these public keys reach the quorum."""
        held = set(keys)
        state = {each.name: each.key.public in held for each in self.witnesses}
        for group in self.groups:
            state[group.name] = sum(state[each] for each in group.members) >= group.at_least
        return self.quorum == NO_QUORUM or state[self.quorum]


def parse_witness_policy(text: str) -> WitnessPolicy:
    """Read a policy file.

    Raises:
        MalformedRecord: rules 1 to 3 are broken; the message names the line.
    """
    reader = _Reader()
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise MalformedRecord("witness policy is too long", expected=f"at most {MOST_LINES} lines")
    for number, line in enumerate(lines, start=1):
        if any(ord(c) < 0x20 and c != "\t" for c in line):
            raise MalformedRecord("control character", where=f"witness policy line {number}")
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            reader.take(words, f"witness policy line {number}")
    return reader.policy()


class _Reader:
    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.keys: dict[bytes, str] = {}
        self.names: set[str] = {NO_QUORUM}
        self.members: set[str] = set()

    def take(self, words: Sequence[str], where: str) -> None:
        readers: Mapping[str, tuple[object, int, int]] = {
            "log": (self._log, 2, 3),
            "witness": (self._witness, 3, 4),
            "group": (self._group, 4, MOST_LINES),
            "quorum": (self._quorum, 2, 2),
        }
        known = readers.get(words[0])
        if known is None:
            raise MalformedRecord(
                "unknown line", where=where, expected="log, witness, group or quorum",
                got=f"`{words[0][:40]}`",
            )  # fmt: skip
        read, least, most = known
        if not least <= len(words) <= most:
            raise MalformedRecord(f"bad `{words[0]}` line", where=where, got=f"{len(words)} words")
        read(words[1:], where)  # type: ignore[operator]

    def _key(self, text: str, where: str) -> VerifierKey:
        key = parse_key(text)
        if key.public in self.keys:
            raise MalformedRecord("one public key stands twice", where=where, got=f"`{key.name}`")
        self.keys[key.public] = key.name
        return key

    def _log(self, words: Sequence[str], where: str) -> None:
        self.logs.append(self._key(words[0], where))

    def _witness(self, words: Sequence[str], where: str) -> None:
        key = self._key(words[1], where)
        if key.kind is NoteKind.ED25519:
            raise MalformedRecord("a witness needs a cosignature key", where=where)
        self._define(words[0], where)
        url = words[2] if len(words) > 2 else ""
        self.witnesses.append(Witness(name=words[0], key=key, url=url))

    def _define(self, name: str, where: str) -> None:
        if name in self.names:
            raise MalformedRecord("name stands twice", where=where, got=f"`{name[:40]}`")
        self.names.add(name)

    def _group(self, words: Sequence[str], where: str) -> None:
        name, rule, *members = words
        for each in members:
            if each not in self.names or each == NO_QUORUM:
                raise MalformedRecord("unknown member", where=where, got=f"`{each[:40]}`")
            if each in self.members:
                raise MalformedRecord("member of two groups", where=where, got=f"`{each[:40]}`")
            self.members.add(each)
        at_least = {"any": 1, "all": len(members)}.get(rule) or _threshold(
            rule, len(members), where
        )
        self._define(name, where)
        self.groups.append(Group(name=name, at_least=at_least, members=tuple(members)))

    def _quorum(self, words: Sequence[str], where: str) -> None:
        if self.quorum is not None:
            raise MalformedRecord("a second quorum line", where=where)
        if words[0] not in self.names:
            raise MalformedRecord("unknown quorum", where=where, got=f"`{words[0][:40]}`")
        self.quorum = words[0]

    def policy(self) -> WitnessPolicy:
        if self.quorum is None:
            raise MalformedRecord("witness policy has no quorum line", expected="`quorum none`")
        return WitnessPolicy(
            logs=tuple(self.logs),
            witnesses=tuple(self.witnesses),
            groups=tuple(self.groups),
            quorum=self.quorum,
        )


def _threshold(text: str, members: int, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= members):
        raise MalformedRecord(
            "bad group threshold", where=where, expected=f"any, all or 1 to {members}",
            got=f"`{text[:16]}`",
        )  # fmt: skip
    return int(text)


def verify_quorum(checkpoint: Checkpoint, policy: WitnessPolicy) -> tuple[Cosigned, ...]:
    """Return the cosignatures of known witnesses, if they reach the quorum.

    Raises:
        SignatureRefused: they do not, or one does not verify.

    Does not check: that the witnesses' times are near to one another, or to now.
    """
    found = verify_cosignatures(checkpoint, [each.key for each in policy.witnesses])
    if not policy.is_reached(each.key.public for each in found):
        names = ", ".join(sorted(each.key.name for each in found)) or "none"
        raise SignatureRefused(
            "witness quorum is not reached", expected=f"`{policy.quorum}`", got=f"cosigned: {names}"
        )
    return found


def verify_witnessed(
    content: bytes, policy: WitnessPolicy, *, logs: Iterable[VerifierKey] = ()
) -> tuple[Checkpoint, tuple[Cosigned, ...]]:
    """Return a checkpoint that a trusted log signed and the quorum cosigned (rule 4)."""
    checkpoint = verify_checkpoint(content, [*policy.logs, *logs])
    return checkpoint, verify_quorum(checkpoint, policy)
