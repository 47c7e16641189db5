"""What moved in the ruler: thresholds, lines, safeguards, standards, ways out, and row texts.

1. A domain that is gone, or only watched, is loosened; so is a threshold that is gone. One that is
   gone while another of the same domain and the same paraphrase is new was given another id:
   `renumbered`.
2. A line moves towards harm when a model may score more before it is crossed. Which way that is
   follows from the comparator.
3. A standard that must withstand fewer actors, or that excludes more of them, is loosened.
4. A safeguard that loses a check, or whose check is met more easily, is loosened.
5. A commitment whose verb is weaker, that no longer decides, that is no longer owed something for,
   or that stands at fewer gates, is loosened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from scalegate.compare.bridge import Entry, PartKind
from scalegate.compare.bridge_faults import parts_of
from scalegate.compare.model import Change, Element
from scalegate.compare.moved import (
    BY_ID,
    Item,
    Kin,
    Moved,
    Pairs,
    heirs_of,
    listed,
    matched,
    number,
    other,
    said,
    span,
    turned,
    verb,
)
from scalegate.policy.document import (
    Check,
    Commitment,
    DomainEntry,
    Fact,
    Indicator,
    Policy,
    Safeguard,
    Standard,
    Substitute,
    Threshold,
)
from scalegate.policy.vocabulary import Burden, Comparator

LOOSENED, TIGHTENED, CHANGED = Change.LOOSENED, Change.TIGHTENED, Change.CHANGED
_UPWARDS = (Comparator.AT_LEAST, Comparator.ABOVE)


def ruler_elements(old: Policy, new: Policy, kin: Kin = BY_ID) -> Iterator[Element]:
    """Yield what moved in what a policy measures and asks for."""
    yield from matched("domain", (_domains(old), _domains(new)), _domain, lost=LOOSENED)
    yield from _thresholds(old, new, kin)
    yield from _indicators(old, new, kin)
    pairs = (old.safeguards, new.safeguards)
    yield from matched("safeguard", pairs, _safeguard, lost=CHANGED, kin=kin)
    yield from matched("standard", (old.standards, new.standards), _standard, lost=CHANGED, kin=kin)
    yield from matched(
        "substitute", (old.substitutes, new.substitutes), _substitute, lost=TIGHTENED, kin=kin
    )
    yield from matched("fact", (old.facts, new.facts), _fact, lost=CHANGED, kin=kin)
    # A row that is gone or new is judged by what the gates do without or with it.
    rows = _kept("commitment", old.commitments, new.commitments, kin)
    yield from matched("commitment", rows, _commitment, lost=CHANGED, kin=kin)


def _kept(what: str, old: tuple[Item, ...], new: tuple[Item, ...], kin: Kin) -> Pairs[Item]:
    """Return the parts of either policy that the other has too."""
    there = {item.id for item in new}
    heirs = {item.id: heirs_of(item.id, there, kin.get(what)) for item in old}
    known = {heir for found in heirs.values() for heir in found}
    return [item for item in old if heirs[item.id]], [item for item in new if item.id in known]


def _indicators(old: Policy, new: Policy, kin: Kin) -> Iterator[Element]:
    """Yield the lines of thresholds that both policies have."""
    before, after = (
        [line for threshold in found for line in threshold.indicators]
        for found in _kept("threshold", old.thresholds, new.thresholds, kin)
    )
    yield from matched("indicator", (before, after), _indicator, lost=LOOSENED, kin=kin)


def _thresholds(old: Policy, new: Policy, kin: Kin) -> Iterator[Element]:
    gone = {item.id for item in old.thresholds} - {item.id for item in new.thresholds}
    come = [item for item in new.thresholds if item.id not in {t.id for t in old.thresholds}]
    renumbered: dict[str, Threshold] = {}
    for before in old.thresholds:
        for after in come:
            if before.id in gone and _is_same_text(before, after):
                renumbered[before.id] = after
    pairs = (old.thresholds, new.thresholds)
    for element in matched("threshold", pairs, _threshold, lost=LOOSENED, kin=kin):
        if element.name in renumbered:
            after = renumbered[element.name]
            yield Element(
                what="threshold",
                name=f"{element.name}: renumbered",
                change=CHANGED,
                old=element.old,
                new=said(after),
                cites=(element.cites[0], str(after.cite)),
            )
        elif element.name not in {item.id for item in renumbered.values()}:
            yield element


_WAYS_OUT = frozenset({PartKind.EXEMPTION, PartKind.DISCRETION, PartKind.SUBSTITUTE})
_EITHER_WAY = frozenset({PartKind.FACT, PartKind.READING, PartKind.ROLE})


def rest_elements(old: Policy, new: Policy, entries: Iterable[Entry]) -> Iterator[Element]:
    """Yield what a part covers beyond its match, as a bridge says."""
    for entry in entries:
        if entry.old_rest:
            yield _rest(entry, entry.old_rest, old, is_old=True)
        if entry.new_rest:
            yield _rest(entry, entry.new_rest, new, is_old=False)


def _rest(entry: Entry, text: str, policy: Policy, *, is_old: bool) -> Element:
    name = (entry.old if is_old else entry.new)[0]
    cite = next(str(part.cite) for part in parts_of(policy, entry.kind) if part.id == name)
    ids = [", ".join(found) for found in (entry.old, entry.new)]
    return Element(
        what=entry.kind.value,
        name=ids[0] if ids[0] == ids[1] else " -> ".join(ids),
        change=_of_rest(entry.kind, is_old=is_old),
        old=text if is_old else "",
        new="" if is_old else text,
        cites=(cite, "") if is_old else ("", cite),
    )


def _of_rest(kind: PartKind, *, is_old: bool) -> Change:
    if kind in _EITHER_WAY:
        return CHANGED
    return LOOSENED if is_old is (kind not in _WAYS_OUT) else TIGHTENED


def _domains(policy: Policy) -> list[DomainEntry]:
    """Return a policy's domains by their neutral names, one each: with a threshold before without.

    Labs and versions name domains as they like; the neutral name is what two of them share.
    """
    found: dict[str, DomainEntry] = {}
    for entry in sorted(policy.domains, key=lambda item: item.watch_list):
        name = entry.neutral.value
        found.setdefault(name, entry.model_copy(update={"id": name}))
    return list(found.values())


def _domain(old: DomainEntry, new: DomainEntry) -> Iterator[Moved]:
    if old.watch_list != new.watch_list:
        change = LOOSENED if new.watch_list else TIGHTENED
        before, after = (
            "watched, without a threshold" if item.watch_list else "with a threshold"
            for item in (old, new)
        )
        yield from other("", before, after, change)


def _is_same_text(before: Threshold, after: Threshold) -> bool:
    return (before.domain, before.statement) == (after.domain, after.statement)


def _threshold(old: Threshold, new: Threshold) -> Iterator[Moved]:
    yield from other("native name", old.native, new.native)
    yield from other("kind", old.kind, new.kind)
    yield from listed("implies", old.above, new.above)
    if bool(old.operational_test) != bool(new.operational_test):
        change = LOOSENED if old.operational_test else TIGHTENED
        words = ("given" if item.operational_test else "none" for item in (old, new))
        yield from other("operational test", next(words), next(words), change)
    if old.combine != new.combine:
        # `any`: one cleared line is enough to rule out.
        change = LOOSENED if new.combine == "any" else TIGHTENED
        yield Moved(part="combine", change=change, old=old.combine, new=new.combine)
    yield from listed("rules out", old.rules_out, new.rules_out, lost=TIGHTENED)


def _indicator(old: Indicator, new: Indicator) -> Iterator[Moved]:
    yield from other("role", old.role, new.role)
    same = ("measure", "comparator", "unit", "of", "success_level", "harness", "eval")
    apart = [part for part in same if getattr(old, part) != getattr(new, part)]
    for part in apart:
        yield from other(part, getattr(old, part), getattr(new, part))
    if old.value != new.value:
        change = CHANGED if apart else _line(old, new)
        yield Moved(part="line", change=change, old=_written(old), new=_written(new))
    yield from number("alpha", old.alpha, new.alpha, larger=LOOSENED, none=CHANGED)
    yield from number("safe level", old.safe_level, new.safe_level, larger=CHANGED, none=CHANGED)
    yield from other("estimand", old.estimand, new.estimand)
    yield from listed("drawn for", old.subjects, new.subjects, lost=CHANGED)
    yield from listed("grades", old.grades, new.grades, lost=CHANGED)
    yield from _buffers(old, new)


def _buffers(old: Indicator, new: Indicator) -> Iterator[Moved]:
    """Yield allowances that moved: the larger the allowance, the earlier the line is reached."""
    before, after = (
        {item.component: item.amount for item in each.allowances} for each in (old, new)
    )
    for component in dict.fromkeys((*before, *after)):
        yield from number(
            f"allowance for {component}",
            before.get(component),
            after.get(component),
            larger=TIGHTENED,
            none=LOOSENED,
        )


def _line(old: Indicator, new: Indicator) -> Change:
    """Return which way a line moved: up is looser where reaching it counts against the model."""
    upwards = LOOSENED if old.comparator in _UPWARDS else TIGHTENED
    if isinstance(old.value, Decimal) and isinstance(new.value, Decimal):
        return upwards if new.value > old.value else turned(upwards)
    places = [
        old.grades.index(str(value)) if str(value) in old.grades == new.grades else None
        for value in (old.value, new.value)
    ]
    if places[0] is None or places[1] is None:
        return CHANGED
    return upwards if places[1] > places[0] else turned(upwards)


def _written(item: Indicator) -> str:
    return f"{item.comparator.value.replace('_', ' ')} {item.value} {item.unit}"


def _safeguard(old: Safeguard, new: Safeguard) -> Iterator[Moved]:
    yield from span("fresh for", old.fresh_for, new.fresh_for, longer=LOOSENED)
    yield from other("family", old.family.value, new.family.value)
    before, after = ({check.id: check for check in item.checks} for item in (old, new))
    yield from listed("checks", before, after)
    for name, check in before.items():
        if name in after:
            yield from _check(check, after[name])


def _check(old: Check, new: Check) -> Iterator[Moved]:
    part = f"check {old.id}"
    yield from span(f"{part}, fresh for", old.fresh_for, new.fresh_for, longer=LOOSENED)
    if old.independent != new.independent:
        change = LOOSENED if old.independent else TIGHTENED
        yield from other(f"{part}, independent", old.independent, new.independent, change)
    if (old.comparator, old.unit) != (new.comparator, new.unit):
        yield from other(part, _check_text(old), _check_text(new))
    elif old.value != new.value:
        change = CHANGED
        if _is_number(old.value) and _is_number(new.value) and old.comparator != "is":
            # A check says what must be reached: asking for less is looser.
            asks_more = old.comparator in _UPWARDS
            grew = Decimal(str(new.value)) > Decimal(str(old.value))
            change = TIGHTENED if grew is asks_more else LOOSENED
        yield from other(part, _check_text(old), _check_text(new), change)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal)


def _check_text(check: Check) -> str:
    return f"{check.comparator} {check.value} {check.unit}".replace("_", " ").strip()


def _standard(old: Standard, new: Standard) -> Iterator[Moved]:
    if old.unspecified != new.unspecified:
        # What is only named can never be met; to say what it consists of makes it possible.
        yield from other("specified", not old.unspecified, not new.unspecified)
    elif not old.unspecified:
        yield from listed("members", old.members, new.members)
    yield from listed("actors in scope", old.in_scope, new.in_scope)
    yield from listed("actors out of scope", old.out_of_scope, new.out_of_scope, lost=TIGHTENED)


def _substitute(old: Substitute, new: Substitute) -> Iterator[Moved]:
    yield from listed("approvals", old.approvals, new.approvals)
    yield from listed("obligations", old.obligations, new.obligations)
    yield from span("expires after", old.expires_after, new.expires_after, longer=LOOSENED)
    yield from other("in place of", old.in_place_of, new.in_place_of)
    yield from other("kind", old.kind.value, new.kind.value)
    yield from other("disclosed in", old.disclosed_in, new.disclosed_in)


def _fact(old: Fact, new: Fact) -> Iterator[Moved]:
    if old.burden is not new.burden:
        change = LOOSENED if new.burden is Burden.TO_HOLD else TIGHTENED
        yield from other("burden", old.burden, new.burden, change)
    yield from span("fresh for", old.fresh_for, new.fresh_for, longer=LOOSENED)
    yield from other("type", (old.type.value, old.unit), (new.type.value, new.unit))
    ranges = [(item.over.among, item.over.gives) if item.over else None for item in (old, new)]
    yield from other("shown by the register", ranges[0], ranges[1])


def _commitment(old: Commitment, new: Commitment) -> Iterator[Moved]:
    yield from verb(old, new)
    if old.binds != new.binds:
        change = LOOSENED if old.binds else TIGHTENED
        yield from other("decides", old.binds, new.binds, change)
    yield from listed("obligations", old.obligations, new.obligations)
    yield from listed("obligations before the act", old.before, new.before)
    yield from listed(
        "obligations while held", old.otherwise.obligations, new.otherwise.obligations
    )
    yield from listed("gates", old.at, new.at)
    yield from listed("stands for", old.asks, new.asks)
    yield from other("limits", dict(old.otherwise.limits), dict(new.otherwise.limits))
    yield from other("addressee", old.addressee, new.addressee)
