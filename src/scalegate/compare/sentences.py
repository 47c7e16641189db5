"""Say a difference in sentences that a board member understands, each with both citations.

A sentence says what is wrong in the situation, that everything else is at its best, what either
policy then does and by which clause, what is left, and how far it reaches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from scalegate.compare.model import (
    Change,
    Comparison,
    Element,
    Gap,
    Unmatched,
    VariableValue,
)
from scalegate.policy.document import Policy
from scalegate.policy.encode import MEMBERS
from scalegate.policy.situation import Status
from scalegate.policy.space import Cell, Region
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level, SafeguardState

GATES = {
    Gate.STORE: "storage of weights",
    Gate.TRAIN: "training",
    Gate.INTERNAL: "internal use",
    Gate.INTERNAL_HIGH_RISK: "high-risk internal use",
    Gate.EXTERNAL_LIMITED: "limited external deployment",
    Gate.EXTERNAL_GENERAL: "general deployment",
    Gate.OPEN_WEIGHTS: "release of weights",
}
HOLDS = {
    EffectLevel.ALLOW: "allows {}",
    EffectLevel.ALLOW_WITH: "lets {} proceed only with obligations",
    EffectLevel.RESTRICT: "restricts {}",
    EffectLevel.HOLD: "holds {}",
    EffectLevel.WITHDRAW: "withdraws {}",
}
DOES = {
    EffectLevel.ALLOW: "lets it proceed",
    EffectLevel.ALLOW_WITH: "lets it proceed with obligations",
    EffectLevel.RESTRICT: "restricts it",
    EffectLevel.HOLD: "holds it",
    EffectLevel.WITHDRAW: "withdraws it",
}
_LEVELS = {
    Level.NOT_REQUIRED: "exempt from assessment",
    Level.RULED_OUT: "ruled out",
    Level.NOT_RULED_OUT: "not ruled out",
    Level.CROSSED: "crossed",
    Level.UNASSESSED: "unassessed",
}
_STATES = {
    SafeguardState.LIVE_AND_SUFFICIENT: "live and sufficient",
    SafeguardState.LIVE_UNPROVEN: "live but unproven",
    SafeguardState.PROVEN_NOT_LIVE: "proven but not live",
    SafeguardState.STALE: "with stale evidence",
    SafeguardState.ABSENT: "absent",
    SafeguardState.BREACHED: "breached",
}
MOST_REACH = 3
"""More ways of reaching the cut again than this are counted, not listed."""
MOST_ALTERNATIVES = 3
"""More values that may stand in one place than this are counted, not listed."""


def names_of(old: Policy, new: Policy) -> tuple[str, str]:
    """Return short names: the versions of one framework, else the full names."""
    if old.id == new.id and old.version != new.version:
        return old.version, new.version
    return (old.name, new.name) if old.name != new.name else ("the old text", "the new text")


class Said(NamedTuple):
    """One item, part by part."""

    situation: str
    """What departs from the best; empty where every situation is one."""
    holds: str
    """What the policy that holds does, with its clauses."""
    instead: str
    """What the other policy does."""
    left: str
    """Obligations and advice that are left; empty for none."""
    unless: str
    """Clauses that would do so were facts shown; empty for none."""
    reach: str
    """Which single value that gets worse makes the other policy do so again."""


Places = Sequence[Sequence[VariableValue]]
"""Per departure: the values that may stand there."""


def said_of(
    gap: Gap, comparison: Comparison, policies: tuple[Policy, Policy], places: Places = ()
) -> Said:
    """Say one item, or one family of items, part by part.

    Args:
        gap: the item.
        comparison: where it was found.
        policies: the old and the new policy.
        places: per departure of the item, its value and what may stand there instead; empty: the
            item alone.
    """
    old, new = policies
    is_old = gap.change is Change.LOOSENED
    holds, lets = (old, new) if is_old else (new, old)
    name, other = names_of(old, new) if is_old else names_of(old, new)[::-1]
    begin = "the start of" if comparison.ask is Ask.START else "continued"
    where = f"{begin} {GATES[comparison.gate]}"
    if comparison.cut is EffectLevel.ALLOW:
        governs = f"{name} governs {where} ({cited(holds, gap.clauses)})"
        silent = f"{other} says nothing there ({silence(lets, comparison.gate)})"
        return Said("", governs, silent, "", "", "")
    left = "; ".join([*gap.instead.obligations, *(f"advice `{row}`" for row in gap.advice)])
    unless = f"{cited(lets, gap.unless_shown)} would do so" if gap.unless_shown else ""
    return Said(
        situation=situation_text(gap.deviations, (holds, lets), places),
        holds=f"{name} {HOLDS[gap.effect].format(where)} ({cited(holds, gap.clauses)})",
        instead=f"{other} {_instead(gap, lets, comparison)}",
        left=left,
        unless=unless,
        reach=_reach(gap, (holds, lets), other),
    )


def sentence(gap: Gap, comparison: Comparison, old: Policy, new: Policy) -> str:
    """Say one item as a sentence, with both citations."""
    said = said_of(gap, comparison, (old, new))
    parts = [
        f"{said.situation or 'In every situation'}: {said.holds}",
        said.instead,
        f"what is left: {said.left}" if said.left else "",
        f"unless shown: {said.unless}" if said.unless else "",
        said.reach,
    ]
    return "; ".join(part for part in parts if part)


def situation_text(
    deviations: Sequence[VariableValue], policies: tuple[Policy, ...], places: Places = ()
) -> str:
    """Say what departs from the best."""
    alternatives = places or [(value,) for value in deviations]
    pairs = list(zip(deviations, alternatives, strict=True))
    said = [place_text(place, policies) for value, place in pairs if not _is_way_out(value)]
    ways = [place_text(place, policies) for value, place in pairs if _is_way_out(value)]
    head = ", ".join([*said, "everything else at its best"]) if said or ways else "In any situation"
    return f"{head} ({', '.join(ways)})" if ways else head


def place_text(place: Sequence[VariableValue], policies: tuple[Policy, ...]) -> str:
    """Say which values may stand in one place of a situation."""
    if len(place) == 1:
        return value_text(place[0], policies)
    labels = [label_of(value, policies) for value in place]
    texts = [value_text(value, policies) for value in place]
    ends = {text.removeprefix(label) for label, text in zip(labels, texts, strict=True)}
    shared = ends.pop() if len(ends) == 1 else ""
    named = [text.removesuffix(shared) for text in texts] if shared else texts
    more = len(named) - MOST_ALTERNATIVES
    tail = f"; or one of {more} more" if more > 0 else ""
    return f"one of [{'; '.join(named[:MOST_ALTERNATIVES])}{tail}]{shared}"


def _is_way_out(value: VariableValue) -> bool:
    return value.kind in (Kind.DISCRETION, Kind.SUBSTITUTE)


def _instead(gap: Gap, lets: Policy, comparison: Comparison) -> str:
    if not gap.instead.governed:
        return f"says nothing there ({silence(lets, comparison.gate)})"
    done = DOES[gap.instead.level]
    if gap.instead.level > EffectLevel.ALLOW:
        return f"{done} ({cited(lets, gap.instead.determining)})"
    same = [row.id for row in lets.commitments if row.id in gap.clauses]
    if same:
        return f"{done} (its {cited(lets, same)}, does not stand in the way)"
    return f"{done} (no clause of {lets.title} stands in the way)"


def silence(policy: Policy, gate: Gate) -> str:
    """Say where a policy was searched for a gate at which it binds nothing."""
    notes = [note.searched for note in policy.silent_at if note.gate is gate]
    return f"searched: {notes[0]}" if notes else f"no clause of {policy.title} binds there"


def _reach(gap: Gap, policies: tuple[Policy, Policy], name: str) -> str:
    if not gap.reach:
        return f"nothing single that gets worse makes {name} do so"
    own = {(value.kind, value.name) for value in gap.deviations}
    # The same variables getting worse say more than a clause about something else.
    nearest = sorted(
        gap.reach,
        key=lambda value: (
            (value.kind, value.name) not in own,
            _is_unassessed(value),
            value.kind is not Kind.STATUS,
        ),
    )
    said = [value_text(value, policies) for value in nearest[:MOST_REACH]]
    more = len(gap.reach) - len(said)
    tail = f" (and {more} more)" if more else ""
    return f"{name} would do so with {' or '.join(said)}{tail}"


def cited(policy: Policy, names: Iterable[str]) -> str:
    """Return commitments with their citations."""
    cites = {row.id: str(row.cite) for row in policy.commitments}
    return "; ".join(f"`{name}`, {cites[name]}" for name in names)


def value_text(value: VariableValue, policies: tuple[Policy, ...]) -> str:
    """Say one value of one variable, by the native name where there is one."""
    return _WORDS[value.kind](label_of(value, policies), value)


_SECTIONS = {
    Kind.STATUS: "thresholds",
    Kind.SAFEGUARD: "safeguards",
    Kind.SPECIFIED: "standards",
    Kind.ACT: "questions",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.DISCRETION: "discretions",
    Kind.SUBSTITUTE: "substitutes",
    Kind.READING: "readings",
}


_PREFIXES = {
    Kind.DOCUMENT: "document ",
    Kind.READING: "clause ",
    Kind.SUBSTITUTE: "substitute ",
    Kind.DISCRETION: "discretion ",
}


def label_of(value: VariableValue, policies: tuple[Policy, ...]) -> str:
    """Return what the variable of a value is called."""
    return name_of(value.kind, value.name, policies)


def name_of(kind: Kind, variable: str, policies: tuple[Policy, ...]) -> str:
    """Return what a variable is called: its native name, or its id.

    What stands for the rest of a match is called by its part, with what the rest is.
    """
    name = variable.removesuffix(MEMBERS)
    if kind is Kind.DOCUMENT:
        name = name.rpartition(".")[0]
    part = _part(kind, name, policies)
    native = str(getattr(part, "native", ""))
    if native:
        return native
    own, _, mark = name.partition("--")
    rest = f" ({part.statement})" if mark.endswith("rest") and part is not None else ""
    return f"{_PREFIXES.get(kind, '')}`{own}`{rest}"


def _part(kind: Kind, name: str, policies: tuple[Policy, ...]) -> Any:
    for policy in policies:
        for part in getattr(policy, _SECTIONS[kind]):
            if part.id == name:
                return part
    return None


def _status(name: str, value: VariableValue) -> str:
    if not isinstance(value.cell, Status):
        return f"{name} unassessed"
    flags = "".join(f" with {flag.value.replace('_', ' ')}" for flag in sorted(value.cell.flags))
    return f"{name} {_LEVELS[value.cell.level]}{flags}"


def _safeguard(name: str, value: VariableValue) -> str:
    if not isinstance(value.cell, SafeguardState):
        return f"{name} unknown"
    worse = set(SafeguardState) - {SafeguardState.LIVE_AND_SUFFICIENT}
    if worse <= set(value.alike):
        return f"{name} not live and sufficient"
    return f"{name} {_STATES[value.cell]}"


def _specified(name: str, value: VariableValue) -> str:
    thing = f"what specifies {name}" if value.name.endswith(MEMBERS) else name
    word = "live and sufficient" if value.name.endswith(MEMBERS) else "specified"
    return f"{thing} {word if value.cell is True else f'not {word}'}"


def _act(name: str, value: VariableValue) -> str:
    return f"{name} {'answered with yes' if value.cell is True else 'not answered with yes'}"


def _document(name: str, value: VariableValue) -> str:
    aspect = value.name.rpartition(".")[2]
    return f"{name} {aspect if value.cell is True else f'not {aspect}'}"


def _fact(name: str, value: VariableValue) -> str:
    if value.cell is None:
        return f"{name} not shown"
    if isinstance(value.cell, bool):
        return f"{name} {'true' if value.cell else 'false'}"
    if isinstance(value.cell, Region):
        return f"{name} {regions_text(value.alike)}"
    return f"{name} is {value.cell}"


def _reading(name: str, value: VariableValue) -> str:
    return f"{name} {f'read as {value.cell}' if value.cell is not None else 'unresolved'}"


def _substitute(name: str, value: VariableValue) -> str:
    return f"{name} {'accepted' if value.cell is True else 'not accepted'}"


def _discretion(name: str, value: VariableValue) -> str:
    return f"{name} {'invoked' if value.cell is True else 'not invoked'}"


_WORDS = {
    Kind.STATUS: _status,
    Kind.SAFEGUARD: _safeguard,
    Kind.SPECIFIED: _specified,
    Kind.SUBSTITUTE: _substitute,
    Kind.ACT: _act,
    Kind.DOCUMENT: _document,
    Kind.FACT: _fact,
    Kind.DISCRETION: _discretion,
    Kind.READING: _reading,
}


def regions_text(cells: Iterable[Cell]) -> str:
    """Say the numbers of regions that are alike, as one stretch where they are one."""
    regions = sorted((cell for cell in cells if isinstance(cell, Region)), key=_start)
    if any(one.high != two.low for one, two in pairwise(regions)):
        return " or ".join(str(region) for region in regions)
    first, last = regions[0], regions[-1]
    low, high = first.low, last.high
    if low is not None and low == high:
        return f"exactly {low}"
    start = f"from {low}" if low == first.high else f"above {low}"
    end = f"to {high}" if high == last.low else f"below {high}"
    if high is None:
        return "any number" if low is None else start.replace("from ", "at least ")
    return end.replace("to ", "at most ") if low is None else f"{start} {end}"


def _start(region: Region) -> tuple[bool, object, bool]:
    return region.low is not None, region.low or 0, region.low != region.high


def element_text(element: Element) -> str:
    """Say one change that is not an effect of a gate."""
    said = f"{element.what} `{element.name}`"
    if element.old and element.new:
        said += f": {element.old} -> {element.new}"
    elif element.old:
        said += f": no longer {element.old}"
    elif element.new:
        said += f": now {element.new}"
    cites = " -> ".join(cite for cite in element.cites if cite)
    return f"{said} ({cites})" if cites else said


def unmatched_text(unmatched: Unmatched) -> str:
    """Say that only one policy has a variable."""
    names = ", ".join(f"`{name}`" for name in unmatched.clauses) or "no commitment"
    return (
        f"{unmatched.kind.value} `{unmatched.name}`: only in the {unmatched.side} policy;"
        f" {names} depends on it: {unmatched.change.value} (unmatched)"
    )


def claim_text(claim: tuple[str, ...]) -> str:
    """Say in short what a comparison claims."""
    what, *words, change = claim
    if what == "unmatched":
        name, _, mark = words[0].partition("--")
        thing = f"a part of `{name}`" if mark.endswith("rest") else f"`{name}`"
        return f"commitment `{words[1]}` {change}: {thing} has no match"
    if what == "element":
        return f"{words[0]} `{words[1]}` {change}"
    return f"{what} `{' '.join(words)}` {change}"


def _is_unassessed(value: VariableValue) -> bool:
    return isinstance(value.cell, Status) and value.cell.level is Level.UNASSESSED
