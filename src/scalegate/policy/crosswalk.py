"""Compare native ids of several policies through shared words: analogies with reasons.

1. A row says that native ids of a policy are like a shared word, how well that fits (`near`,
   `part`, `loose`), and why. Native ids are kept; the citation is that of the native element.
2. A domain, a safeguard and a role have one neutral word in the policy already; a row agrees with
   it and gives the reason. `family:WORD` stands for every safeguard of a family.
3. A tier names thresholds, or with `domains:ID` a domain that is watched without one.
4. A gate has no native id: a row says the text's own term for it, and its citations are those of
   the binding rows that stand there.
5. What has no analogy is said: a domain, threshold, watched domain, standard, family of safeguards
   or role without a row, and a gate at which something binds.

Does not check: that an analogy is a good one. It is no equality, and nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scalegate.base.yaml_text import parse_yaml
from scalegate.policy.document import Policy
from scalegate.policy.fields import Identifier, Part, Text
from scalegate.policy.parse import raise_faults, validated
from scalegate.policy.references import Found
from scalegate.policy.vocabulary import Family, Gate

Kind = Literal["domain", "tier", "safeguard", "gate", "role"]
KINDS: tuple[Kind, ...] = ("domain", "tier", "safeguard", "gate", "role")
FAMILY, WATCHED = "family:", "domains:"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class SharedWord(Part):
    """A word that native ids are compared through."""

    kind: Kind
    """What it is a word for."""
    id: Identifier
    """The word."""
    meaning: Text
    """What to look at together."""


class SharedWords(Part):
    """The shared words."""

    schema_: Literal["scalegate/shared-words@1"] = Field(alias="schema")
    """The format of the document and its version."""
    words: tuple[SharedWord, ...] = Field(min_length=1)
    """The words."""

    def of_kind(self, kind: str) -> Mapping[str, str]:
        """Return the words of a kind with their meanings."""
        return {item.id: item.meaning for item in self.words if item.kind == kind}


class CrosswalkRow(Part):
    """One analogy, of one or several native ids."""

    kind: Kind
    """What the native ids are."""
    to: Annotated[tuple[Identifier, ...], BeforeValidator(_listed)] = Field(min_length=1)
    """The shared word; for a gate, one or several."""
    native: tuple[Text, ...] = ()
    """Ids of the policy; none for a gate."""
    as_: str = Field(default="", alias="as")
    """For a gate: the text's own term for it, paraphrased."""
    only: tuple[Text, ...] = ()
    """The versions it is about; none: all of the table."""
    fit: Literal["near", "part", "loose"]
    """How well the word fits."""
    why: Text
    """The reason, in our words."""


class Crosswalk(Part):
    """The analogies of one or several versions of a policy."""

    schema_: Literal["scalegate/crosswalk@1"] = Field(alias="schema")
    """The format of the document and its version."""
    frameworks: tuple[Text, ...] = Field(min_length=1)
    """The versions that the table is about."""
    rows: tuple[CrosswalkRow, ...] = Field(min_length=1)
    """The analogies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogy:
    """A native id beside a shared word."""

    framework: str
    """The policy."""
    kind: Kind
    """What the native id is."""
    native: str
    """The id in the policy; for a gate, its term."""
    title: str
    """The policy's own name of it."""
    neutral: str
    """The shared word."""
    fit: str
    """How well it fits."""
    why: str
    """The reason."""
    cites: tuple[str, ...]
    """Where the policy says so."""


def parse_words(text: str, *, file: str | None = None) -> SharedWords:
    """Read the shared words.

    Raises:
        DocumentFaults: every fault found.
    """
    return validated(SharedWords, parse_yaml(text, file=file))


def frameworks_of(text: str, *, file: str | None = None) -> tuple[str, ...]:
    """Return the policies that a table is about, before it is checked against them.

    Raises:
        DocumentFaults: every fault of its shape.
    """
    return validated(Crosswalk, parse_yaml(text, file=file)).frameworks


def parse_crosswalk(
    text: str, words: SharedWords, policies: Mapping[str, Policy], *, file: str | None = None
) -> tuple[Analogy, ...]:
    """Read a table and return its analogies for the policies at hand.

    Args:
        text: the table.
        words: the shared words.
        policies: policies by name; those of the table that are not among them are not checked.
        file: for faults.

    Raises:
        DocumentFaults: every fault found, those against the policies included.
    """
    document = parse_yaml(text, file=file)
    table = validated(Crosswalk, document)
    raise_faults(document, crosswalk_faults(table, words, policies))
    return tuple(
        each
        for name in table.frameworks
        if name in policies
        for row in _rows_of(table, name)
        for each in _analogies(row, policies[name])
    )


def crosswalk_faults(
    table: Crosswalk, words: SharedWords, policies: Mapping[str, Policy]
) -> Iterator[Found]:
    """Yield every fault of a table against the words and the policies at hand."""
    for index, row in enumerate(table.rows):
        path = ("rows", index)
        yield from _form_faults(row, path, words)
        for name in row.only or table.frameworks:
            if name not in table.frameworks:
                expected = "a policy of the table"
                yield (*path, "only"), "another policy", expected, f"`{name}`"
            elif name in policies:
                yield from _row_faults(row, path, policies[name])


def _form_faults(
    row: CrosswalkRow, path: tuple[str | int, ...], words: SharedWords
) -> Iterator[Found]:
    known = words.of_kind(row.kind)
    for word in row.to:
        if word not in known:
            shown = ", ".join(f"`{item}`" for item in known)
            yield (*path, "to"), f"unknown {row.kind}", shown, f"`{word}`"
    is_gate = row.kind == "gate"
    if is_gate == bool(row.native) or is_gate != bool(row.as_):
        expected = "`native` ids, or for a gate its term under `as`"
        yield path, "row of the wrong form", expected, f"a row for a {row.kind}"
    if not is_gate and len(row.to) != 1:
        yield (*path, "to"), "several words", "one, but for a gate", ", ".join(row.to)


def _rows_of(table: Crosswalk, name: str) -> Iterator[CrosswalkRow]:
    return (row for row in table.rows if not row.only or name in row.only)


def _row_faults(row: CrosswalkRow, path: tuple[str | int, ...], policy: Policy) -> Iterator[Found]:
    known = _native_words(policy, row.kind)
    for number, native in enumerate(row.native):
        where = (*path, "native", number)
        if native not in known:
            near = ", ".join(f"`{item}`" for item in sorted(known)[:12]) or "none is declared"
            yield where, f"unknown {row.kind} of {policy.name}", near, f"`{native}`"
        elif known[native] not in {"", *row.to}:
            expected = f"`{known[native]}`, as in {policy.name}"
            yield where, "another neutral word", expected, f"`{row.to[0]}`"
    bound = _bound_gates(policy)
    for word in row.to if row.kind == "gate" else ():
        if word not in bound:
            expected = f"a gate at which {policy.name} binds something"
            yield (*path, "to"), "silent gate", expected, f"`{word}`"


def _native_words(policy: Policy, kind: str) -> Mapping[str, str]:
    """Return what a row of a kind may name, with its neutral word in the policy, if it has one."""
    if kind == "domain":
        return {item.id: item.neutral.value for item in policy.domains}
    if kind == "role":
        return {item.id: item.neutral for item in policy.roles}
    if kind == "tier":
        watched = {f"{WATCHED}{item.id}": "watched" for item in policy.domains if item.watch_list}
        return {item.id: "" for item in policy.thresholds} | watched
    if kind == "safeguard":
        single = {item.id: item.family.value for item in policy.safeguards}
        families = {f"{FAMILY}{item.value}": item.value for item in Family}
        return single | families | {item.id: "" for item in policy.standards}
    return {}


def _bound_gates(policy: Policy) -> frozenset[str]:
    return frozenset(gate.value for row in policy.commitments if row.binds for gate in row.at)


def gaps_of(found: Sequence[Analogy], policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield kind and native id of what a policy has and no analogy names."""
    said = {(each.kind, each.native) for each in found if each.framework == policy.name}
    for kind in KINDS:
        for name in sorted(_owed(policy, kind)):
            if (kind, name) not in said:
                yield kind, name
    gates = {each.neutral for each in found if (each.framework, each.kind) == (policy.name, "gate")}
    yield from (("gate", name) for name in sorted(_bound_gates(policy) - gates))


def _owed(policy: Policy, kind: str) -> frozenset[str]:
    """Return the ids that need an analogy."""
    plain = {name for name in _native_words(policy, kind) if not name.startswith(FAMILY)}
    return frozenset(name.removeprefix(WATCHED) for name in plain)


# --- analogies ------------------------------------------------------------------------------------


def _analogies(row: CrosswalkRow, policy: Policy) -> Iterator[Analogy]:
    for word in row.to:
        for native, title, cites in _named(row, policy, word):
            yield Analogy(
                framework=policy.name,
                kind=row.kind,
                native=native,
                title=title,
                neutral=word,
                fit=row.fit,
                why=row.why,
                cites=cites,
            )


def _named(
    row: CrosswalkRow, policy: Policy, word: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield id, native name and citations of what a row says of a word."""
    if row.kind == "gate":
        yield row.as_, row.as_, _gate_cites(policy, word)
        return
    items = [
        (section, item) for section in _SECTIONS[row.kind] for item in getattr(policy, section)
    ]
    for native in row.native:
        for section, item in items:
            if _is_meant(native, section, item):
                yield item.id, item.native, (str(item.cite),)


_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "domain": ("domains",),
    "tier": ("thresholds", "domains"),
    "safeguard": ("standards", "safeguards"),
    "role": ("roles",),
}


def _is_meant(native: str, section: str, item: Any) -> bool:
    if native.startswith(FAMILY):
        return section == "safeguards" and item.family.value == native.removeprefix(FAMILY)
    if native.startswith(WATCHED):
        return section == "domains" and item.id == native.removeprefix(WATCHED)
    return bool(item.id == native)


def _gate_cites(policy: Policy, word: str) -> tuple[str, ...]:
    rows = [row for row in policy.commitments if row.binds and Gate(word) in row.at]
    return tuple(dict.fromkeys(str(row.cite) for row in rows))
