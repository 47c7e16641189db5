"""Find every reference of a policy document that names nothing, and every clash of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from scalegate.policy.conditions import Atom, Condition, atoms_of
from scalegate.policy.document import Fact, IndicatorSet, Policy
from scalegate.policy.vocabulary import DocumentAspect, FactType, Measure, SubstituteKind

Found = tuple[tuple[str | int, ...], str, str, str]
"""Path, what, expected, got."""

SECTIONS = (
    "domains",
    "thresholds",
    "safeguards",
    "standards",
    "substitutes",
    "facts",
    "roles",
    "questions",
    "documents",
    "commitments",
    "discretions",
    "readings",
    "duties",
    "cadence",
    "elicitation",
    "exemptions",
    "carried_over",
)


def reference_faults(policy: Policy) -> Iterator[Found]:
    """Yield every duplicate id, dangling reference, cycle and ill-fitting comparison."""
    yield from _duplicates(policy)
    names = _names(policy)
    yield from _plain_references(policy, names)
    for path, condition in _conditions(policy):
        for atom, _ in atoms_of(condition):
            yield from _atom_faults(atom, path, policy, names)
    for index, kind in enumerate(policy.documents):
        if DocumentAspect.SENT in kind.aspects and not kind.sent_to:
            path = ("documents", index, "aspects")
            yield path, "sent to nobody: it can never be", "`sent_to` with an audience", "`sent`"
    for index, fact in enumerate(policy.facts):
        yield from _over_faults(fact, ("facts", index, "over"))
    yield from _cycles(policy, "above")
    yield from _cycles(policy, "rules_out")
    for place, threshold in enumerate(policy.thresholds):
        for index, indicator in enumerate(threshold.indicators):
            path = ("thresholds", place, "indicators", index)
            yield from _indicator_faults(indicator.measure, indicator.grades, indicator.value, path)


def set_faults(indicators: IndicatorSet, policy: Policy) -> Iterator[Found]:
    """Yield the faults of an indicator set against the policy it names."""
    known = {threshold.id for threshold in policy.thresholds}
    if indicators.framework != policy.name:
        yield ("framework",), "another framework", f"`{policy.name}`", f"`{indicators.framework}`"
    for name in indicators.combine:
        yield from _unknown(("combine", name), "threshold", name, known)
    counts = Counter(item.id for item in indicators.indicators)
    for index, item in enumerate(indicators.indicators):
        path = ("indicators", index)
        if counts[item.id] > 1:
            yield (*path, "id"), "id used twice", "ids that differ", f"`{item.id}`"
        if item.threshold is None:
            yield path, "no threshold named", "`threshold`", "nothing"
        else:
            yield from _unknown((*path, "threshold"), "threshold", item.threshold, known)
        yield from _indicator_faults(item.measure, item.grades, item.value, path)


def _indicator_faults(
    measure: Measure,
    grades: tuple[str, ...],
    value: Decimal | str,
    path: tuple[str | int, ...],
) -> Iterator[Found]:
    if measure is Measure.JUDGEMENT:
        if value not in grades:
            expected = "one of the indicator's `grades`"
            yield (*path, "value"), "grade not declared", expected, f"`{value}`"
    elif not isinstance(value, Decimal):
        yield (*path, "value"), "line is not a number", "an exact number", f"`{value}`"


def _names(policy: Policy) -> Mapping[str, frozenset[str]]:
    return {
        section: frozenset(item.id for item in getattr(policy, section)) for section in SECTIONS
    }


def _duplicates(policy: Policy) -> Iterator[Found]:
    for section in SECTIONS:
        seen: set[str] = set()
        for index, item in enumerate(getattr(policy, section)):
            if item.id in seen:
                yield (section, index, "id"), "id used twice", "ids that differ", f"`{item.id}`"
            seen.add(item.id)
    lines = Counter(line.id for item in policy.thresholds for line in item.indicators)
    for place, threshold in enumerate(policy.thresholds):
        for index, line in enumerate(threshold.indicators):
            if lines[line.id] > 1:
                path = ("thresholds", place, "indicators", index, "id")
                yield path, "indicator id used twice", "ids that differ", f"`{line.id}`"


def _plain_references(policy: Policy, names: Mapping[str, frozenset[str]]) -> Iterator[Found]:
    for section, field, target in (
        ("thresholds", "domain", "domains"),
        ("thresholds", "above", "thresholds"),
        ("thresholds", "rules_out", "thresholds"),
        ("standards", "members", "safeguards"),
        ("substitutes", "approvals", "questions"),
        ("questions", "by", "roles"),
        ("documents", "approved_by", "roles"),
        ("discretions", "invoked_by", "roles"),
        ("discretions", "approvals", "questions"),
        ("discretions", "releases", "commitments"),
        ("readings", "fixed_by", "roles"),
        ("cadence", "discretion_of", "roles"),
        ("exemptions", "thresholds", "thresholds"),
    ):
        for index, item in enumerate(getattr(policy, section)):
            value = getattr(item, field)
            for name in (value,) if isinstance(value, str) else value:
                yield from _unknown((section, index, field), target[:-1], name, names[target])
    for index, standard in enumerate(policy.standards):
        if bool(standard.members) == standard.unspecified:
            expected = "members, or `unspecified: true` (an empty bundle can never be met)"
            got = f"{len(standard.members)} members, unspecified {standard.unspecified}"
            yield ("standards", index), "standard without content", expected, got
    yield from _odd_references(policy, names)
    yield from _carried_faults(policy, names)


def _odd_references(policy: Policy, names: Mapping[str, frozenset[str]]) -> Iterator[Found]:
    """Yield the dangling references whose target is not one section."""
    both = names["standards"] | names["safeguards"]
    for index, item in enumerate(policy.substitutes):
        path = ("substitutes", index, "in_place_of")
        yield from _unknown(path, "standard or safeguard", item.in_place_of, both)
        disclosing = item.kind is SubstituteKind.COMPLY_OR_DISCLOSE
        if disclosing != (item.disclosed_in is not None):
            expected = "`disclosed_in` with `comply_or_disclose`, and with it alone"
            yield path[:2], "disclosure without a document", expected, f"`{item.kind}`"
        if item.disclosed_in is not None:
            path = ("substitutes", index, "disclosed_in")
            yield from _unknown(path, "document", item.disclosed_in, names["documents"])
    if policy.amendment is not None:
        for field in ("proposed_by", "approved_by", "consulted"):
            for name in getattr(policy.amendment, field):
                yield from _unknown(("amendment", field), "role", name, names["roles"])


def _carried_faults(policy: Policy, names: Mapping[str, frozenset[str]]) -> Iterator[Found]:
    for index, entry in enumerate(policy.carried_over):
        section = "safeguards" if entry.kind == "safeguard" else "thresholds"
        path = ("carried_over", index, "now")
        yield from _unknown(path, section[:-1], entry.now, names[section])
        if entry.framework == policy.name:
            path = ("carried_over", index, "framework")
            yield path, "carried over from itself", "another version", f"`{entry.framework}`"


def _conditions(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    for index, row in enumerate(policy.commitments):
        yield ("commitments", index, "if"), row.if_
        yield ("commitments", index, "require"), row.require
    for index, exemption in enumerate(policy.exemptions):
        yield ("exemptions", index, "when"), exemption.when
    for index, fact in enumerate(policy.facts):
        if fact.over is not None:
            yield ("facts", index, "over", "where"), fact.over.where


def _over_faults(fact: Fact, path: tuple[str | int, ...]) -> Iterator[Found]:
    """Yield what is wrong with a fact that the register shows."""
    if fact.over is None:
        return
    wanted = "compute_ratio_to_least" if fact.type is FactType.NUMBER else "holds"
    if fact.type is FactType.CHOICE or fact.over.gives != wanted:
        expected = "`compute_ratio_to_least` for a number, `holds` for a boolean"
        yield (*path, "gives"), "not of the fact's type", expected, f"`{fact.over.gives}`"
    for atom, _ in atoms_of(fact.over.where):
        if atom.word not in ("status", "flag"):
            what = "a register knows of other models what was found of them alone"
            yield (*path, "where"), what, "`status` or `flag`", f"`{atom.word}`"


_TARGETS = {
    "status": "thresholds",
    "safeguard": "safeguards",
    "met": "standards",
    "specified": "standards",
    "substitute": "substitutes",
    "act": "questions",
    "fact": "facts",
    "reading": "readings",
}


def _atom_faults(
    atom: Atom,
    path: tuple[str | int, ...],
    policy: Policy,
    names: Mapping[str, frozenset[str]],
) -> Iterator[Found]:
    if atom.word in ("flag", "document"):
        name = atom.name.rsplit(".", 1)[0]
        target = "thresholds" if atom.word == "flag" else "documents"
    else:
        name, target = atom.name, _TARGETS[atom.word]
    missing = tuple(_unknown(path, target[:-1], name, names[target]))
    yield from missing
    if missing:
        return
    if atom.word == "fact":
        fact = next(item for item in policy.facts if item.id == name)
        yield from _fact_faults(fact, atom, path)
    if atom.word == "reading":
        reading = next(item for item in policy.readings if item.id == name)
        options = {option.id for option in reading.options}
        yield from _unknown(path, "option", str(atom.constant), options)


def _fact_faults(fact: Fact, atom: Atom, path: tuple[str | int, ...]) -> Iterator[Found]:
    fits: Mapping[FactType, bool] = {
        FactType.BOOLEAN: isinstance(atom.constant, bool) and atom.relation == "is",
        FactType.NUMBER: isinstance(atom.constant, Decimal) and atom.relation != "is",
        FactType.CHOICE: atom.constant in fact.choices and atom.relation == "is",
    }
    if not fits[fact.type]:
        expected = {
            FactType.BOOLEAN: "`is` true or false",
            FactType.NUMBER: "at_least, at_most, above or below with a number",
            FactType.CHOICE: f"`is` one of {', '.join(fact.choices)}",
        }[fact.type]
        got = f"`{atom.relation}: {atom.constant}`"
        yield path, f"comparison does not fit fact `{fact.id}`", expected, got


def _unknown(
    path: tuple[str | int, ...], kind: str, name: str, known: Iterable[str]
) -> Iterator[Found]:
    if name not in known:
        shown = ", ".join(f"`{item}`" for item in sorted(known)[:12]) or "none is declared"
        yield path, f"unknown {kind}", shown, f"`{name}`"


def _cycles(policy: Policy, field: str) -> Iterator[Found]:
    edges = {item.id: getattr(item, field) for item in policy.thresholds}
    for index, item in enumerate(policy.thresholds):
        seen: set[str] = set()
        frontier = list(edges[item.id])
        while frontier:
            name = frontier.pop()
            if name == item.id:
                expected = "an order without a cycle"
                yield ("thresholds", index, field), "cycle", expected, f"`{item.id}`"
                break
            if name not in seen:
                seen.add(name)
                frontier.extend(edges.get(name, ()))
