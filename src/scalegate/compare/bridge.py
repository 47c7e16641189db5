"""A bridge: which parts of an older and a newer policy are the same thing, and why.

That two ids mean the same is a judgement. So it stands in a document of its own, entry by entry,
each with a reason; where readers disagree, the document has *rivals*, and a comparison is made
under each.

1. An entry matches one part of one policy with one or several parts of the other. Several are
   joined: by `all` a safeguard is met only when each of them is; by `any` a threshold is reached
   when one of them is.
2. `old_rest` names what an old part covers beyond its match, `new_rest` what a new one does. The
   rest is a part of its own that the other policy does not have: nothing is dropped silently.
3. An entry with one side only says that the other policy has nothing of the kind.
4. A part of the same kind and id in both policies is matched without an entry.
5. A rival is the whole bridge once more: its entries take the place of those that speak of the same
   parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from scalegate.base.canonical import digest_of
from scalegate.compare.model import Side
from scalegate.policy.fields import Cite, Identifier, Part, Text

SCHEMA = "scalegate/bridge@1"


class PartKind(StrEnum):
    """A kind of part that a bridge matches."""

    THRESHOLD = "threshold"
    SAFEGUARD = "safeguard"
    STANDARD = "standard"
    SUBSTITUTE = "substitute"
    FACT = "fact"
    ROLE = "role"
    QUESTION = "question"
    DOCUMENT = "document"
    COMMITMENT = "commitment"
    DISCRETION = "discretion"
    READING = "reading"
    DUTY = "duty"
    CADENCE = "cadence"
    ELICITATION = "elicitation"
    EXEMPTION = "exemption"
    INDICATOR = "indicator"

    @property
    def section(self) -> str:
        """The section of a policy document that has parts of this kind."""
        return _SECTIONS.get(self, f"{self.value}s")


_SECTIONS = {
    PartKind.DUTY: "duties",
    PartKind.CADENCE: "cadence",
    PartKind.ELICITATION: "elicitation",
}


class Named(NamedTuple):
    """One part of one of the two policies."""

    kind: PartKind
    side: Side
    id: str


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Ids = Annotated[
    tuple[Identifier, ...],
    BeforeValidator(_as_list, json_schema_input_type=Identifier | tuple[Identifier, ...]),
]


class Entry(Part):
    """One correspondence, or the statement that there is none."""

    kind: PartKind
    """The kind of part."""
    old: Ids = ()
    """Ids in the older policy; left out, it has nothing of the kind."""
    new: Ids = ()
    """Ids in the newer policy; left out, it has nothing of the kind."""
    joined: Literal["all", "any"] | None = None
    """How several make the one of the other side; default: `any` for thresholds, else `all`."""
    old_rest: Text | None = None
    """What the old part covers and the new one does not, paraphrased."""
    new_rest: Text | None = None
    """What the new part covers and the old one did not, paraphrased."""
    reason: Text
    """Why."""
    cite: Cite | None = None
    """Where a text says so itself, such as a change log."""

    @property
    def is_match(self) -> bool:
        """Whether both policies have something."""
        return bool(self.old and self.new)

    @property
    def join(self) -> str:
        """How several parts make one: `all` or `any`."""
        return self.joined or ("any" if self.kind is PartKind.THRESHOLD else "all")

    def named(self) -> Iterator[Named]:
        """Yield every part that the entry speaks of."""
        yield from (Named(self.kind, Side.OLD, name) for name in self.old)
        yield from (Named(self.kind, Side.NEW, name) for name in self.new)

    def turned(self) -> Entry:
        """Return the entry with the policies swapped."""
        update = {
            "old": self.new,
            "new": self.old,
            "old_rest": self.new_rest,
            "new_rest": self.old_rest,
        }
        return self.model_copy(update=update)


class Rival(Part):
    """Another reading of some correspondences."""

    id: Identifier
    """Id used in this file."""
    held_by: Text
    """Who reads it so, or could."""
    reason: Text
    """Why."""
    entries: tuple[Entry, ...] = Field(min_length=1)
    """Entries that take the place of those that speak of the same parts."""


class Bridge(Part):
    """The correspondence between two policies."""

    schema_: Literal["scalegate/bridge@1"] = Field(alias="schema")
    """The format of the document and its version."""
    old: Text
    """Name of the older policy, such as `anthropic-rsp@2.2`."""
    new: Text
    """Name of the newer policy."""
    statement: Text
    """What the revision did, in a sentence or two."""
    entries: tuple[Entry, ...] = ()
    """The correspondences."""
    rivals: tuple[Rival, ...] = ()
    """Other readings, each of which is a bridge of its own."""

    @property
    def name(self) -> str:
        """What the document is called."""
        return f"{self.old}--{self.new}"

    @property
    def digest(self) -> str:
        """Digest of its canonical form."""
        return digest_of(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    def under(self, rival: Rival) -> Bridge:
        """Return the bridge as a rival reads it."""
        said = {named for entry in rival.entries for named in entry.named()}
        kept = [entry for entry in self.entries if not said.intersection(entry.named())]
        return self.model_copy(update={"entries": (*kept, *rival.entries), "rivals": ()})

    def turned(self) -> Bridge:
        """Return the bridge with the policies swapped."""
        rivals = (
            rival.model_copy(update={"entries": tuple(each.turned() for each in rival.entries)})
            for rival in self.rivals
        )
        update = {
            "old": self.new,
            "new": self.old,
            "entries": tuple(entry.turned() for entry in self.entries),
            "rivals": tuple(rivals),
        }
        return self.model_copy(update=update)
