# ruff: noqa: E501 - rows of tables stand on one line
"""Compare the second readings with the shipped policies, and write `docs/reference/second-readings.md`.

    python tools/compare_second_readings.py            write the page
    python tools/compare_second_readings.py --check    exit 1 if it would change
    python tools/compare_second_readings.py --list     print every group of differences, explained or not

1. A correspondence file (`conformance/second-reading/NAME.bridge.yaml`) names levels and parts. A part
   is one yes-or-no question about the world, with the variables of either policy that it sets.
2. Every variable of either policy is named there, once; one that is not is refused. So no difference
   hides in a variable that nobody moved.
3. Situations: no level, each level alone in each of its states, and all levels crossed at once. At each,
   the parts that some row of either policy looks at fall into groups: parts that one row looks at together
   are in one group. Every combination within a group is gone through, under every setting of the
   discretions and readings that its rows name, while the parts of the other groups are met. Since effects combine by the
   strictest, two policies that agree on every group agree on every combination of groups. With all levels
   crossed, at most two parts are missing at once; in a group of more than eight parts, at most two
   parts are missing or settings turned at once, so there agreement is shown only that far.
4. Readings are parts too: both policies are asked under the same meaning of a clause.
5. Both are decided by `policy.evaluate`, per gate and ask. They differ where the effect does, or where
   one governs the gate and the other does not.
6. Every difference belongs to the first family whose `where` fits it. One without a family, a family
   without a difference (unless the shipped policy was mended), and a doubt that no reading of the
   shipped policy holds, are faults.

Does not check: obligations and limits, facts that are unknown, and what exemptions do to a status.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from scalegate.base.yaml_text import parse_yaml  # noqa: E402
from scalegate.compare.joint import key_of  # noqa: E402
from scalegate.policy.compile import Row, compile_policy  # noqa: E402
from scalegate.policy.document import Policy  # noqa: E402
from scalegate.policy.encode import MEMBERS  # noqa: E402
from scalegate.policy.evaluate import evaluate  # noqa: E402
from scalegate.policy.fields import Part as Strict  # noqa: E402
from scalegate.policy.parse import parse_policy, validated  # noqa: E402
from scalegate.policy.situation import Situation, Status  # noqa: E402
from scalegate.policy.space import literals_in  # noqa: E402
from scalegate.policy.vocabulary import (  # noqa: E402
    Ask,
    Flag,
    Gate,
    Kind,
    Level,
    SafeguardState,
    StatusRule,
)

PAGE = ROOT / "docs" / "reference" / "second-readings.md"
FIRST = ROOT / "src" / "scalegate" / "frameworks"
SECOND = ROOT / "conformance" / "second-reading"
SIDES: tuple[Literal["first"], Literal["second"]] = ("first", "second")
UNGOVERNED = "ungoverned"
MOST_MISSING = 2
"""With every level crossed, at most so many parts are missing at once."""
LARGE = 8
"""A group of more parts than this is not gone through whole."""
MOST_OF_LARGE = 2
"""In a large group, at most so many parts are missing or settings turned at once."""
STATES: Mapping[str, Status] = {
    "not ruled out": Status(level=Level.NOT_RULED_OUT),
    "crossed": Status(level=Level.CROSSED),
    "unassessed": Status(level=Level.UNASSESSED),
    "alert": Status(level=Level.RULED_OUT, flags=frozenset({Flag.ALERT})),
    "forecast": Status(level=Level.RULED_OUT, flags=frozenset({Flag.FORECAST})),
}
SWITCHES = frozenset({Kind.DISCRETION, Kind.READING})
RULED_OUT = Status(level=Level.RULED_OUT)


class Matched(Strict):
    """A level, or a part, of both readings."""

    id: str
    """Its id in this file."""
    first: tuple[str, ...] = ()
    """What it is in the shipped policy."""
    second: tuple[str, ...] = ()
    """What it is in the second reading."""
    why: str | None = None
    """Why these are the same, or why one side has nothing."""

    def of(self, side: str) -> tuple[str, ...]:
        """Return what it is on one side."""
        return self.first if side == "first" else self.second


class Where(Strict):
    """Which differences a family takes in; what is left out fits all."""

    stricter: Literal["first", "second"] | None = None
    gates: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    milder: str | None = None
    """The effect of the side that does less."""
    rows: tuple[str, ...] = ()
    """Patterns; every row that fixes the stricter effect fits one of them."""
    any_row: tuple[str, ...] = ()
    """Patterns; at least one of these rows fits one of them."""


class Family(Strict):
    """A kind of difference, its cause, and what became of it."""

    id: str
    where: Where
    cause: str
    resolved: Literal["first", "second", "reading", "open"]
    """Which reading is right; that a reading of the shipped policy holds the doubt; or neither."""
    readings: tuple[str, ...] = ()
    """Ids of the shipped policy's readings that hold the doubt."""
    why: str
    clause: str


class Correspondence(Strict):
    """What is the same in two readings of one text."""

    schema_: Literal["scalegate/second-reading@1"] = Field(alias="schema")
    policy: str
    """Name of both."""
    sha256: str
    """Digest of the second reading as it was committed, before any comparison."""
    levels: tuple[Matched, ...]
    parts: tuple[Matched, ...]
    families: tuple[Family, ...] = ()
    mended: tuple[str, ...] = ()
    """What was changed in the shipped policy because of the comparison."""
    beside: tuple[str, ...] = ()
    """Differences that no gate shows."""


class At(NamedTuple):
    """One gate, asked in one way, with one state of the levels."""

    gate: Gate
    ask: Ask
    level: str
    state: str


class Answer(NamedTuple):
    """What one reading does."""

    effect: str
    strictness: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One gate and situation at which two readings part."""

    at: At
    missing: tuple[str, ...]
    """Parts that are answered with no."""
    met: tuple[str, ...]
    """Parts that are answered with yes, of those that matter there."""
    answers: Mapping[str, Answer]

    @property
    def stricter(self) -> str:
        """The side that does more."""
        return max(SIDES, key=lambda side: self.answers[side].strictness)


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Two readings over all situations."""

    correspondence: Correspondence
    compared: Counter[Gate] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def by_family(self) -> Mapping[str | None, list[Difference]]:
        """Return the differences per family; None has those without one."""
        found: dict[str | None, list[Difference]] = {
            each.id: [] for each in self.correspondence.families
        }
        for difference in self.differences:
            fitting = (e.id for e in self.correspondence.families if fits(e.where, difference))
            found.setdefault(next(fitting, None), []).append(difference)
        return found


def fits(where: Where, found: Difference) -> bool:
    """Return whether a family takes a difference in."""
    rows = found.answers[found.stricter].rows
    return (
        where.stricter in {None, found.stricter}
        and where.milder in {None, *(found.answers[s].effect for s in SIDES if s != found.stricter)}
        and (not where.gates or found.at.gate.value in where.gates)
        and (not where.levels or found.at.level in where.levels)
        and (not where.states or found.at.state in where.states)
        and set(where.met) <= set(found.met)
        and set(where.missing) <= set(found.missing)
        and (not where.rows or all(any(fnmatchcase(r, p) for p in where.rows) for r in rows))
        and (not where.any_row or any(fnmatchcase(r, p) for p in where.any_row for r in rows))
    )


class Key(NamedTuple):
    """A variable of a policy: kind and name."""

    kind: Kind
    name: str


def setting(entry: str) -> tuple[Key, Any, Any]:
    """Read `kind:name`: the variable, its value when met, its value when missing."""
    word, _, rest = entry.partition(":")
    name, _, values = rest.partition("=")
    if word == "safeguard":
        return Key(Kind.SAFEGUARD, name), SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
    if name.startswith("!"):
        return Key(Kind(word), name[1:]), False, True
    if word == "reading" or values:
        met, _, missing = values.partition("|")
        number = word == "fact" and met.replace(".", "", 1).isdecimal()
        both = (Decimal(met), Decimal(missing)) if number else (met, missing)
        return Key(Kind(word), name), *both
    return Key(Kind("specified" if word == "standard" else word), name), True, False


class Reading:
    """One reading, compiled, with what each part sets in it."""

    def __init__(self, path: Path, side: str, correspondence: Correspondence) -> None:
        policy = parse_policy(path.read_text(encoding="utf-8"), file=path.name)
        self.side = side
        self.program = compile_policy(policy)
        self.sets = {
            part.id: [setting(entry) for entry in part.of(side)] for part in correspondence.parts
        }
        self.levels = {level.id: level.of(side) for level in correspondence.levels}
        named = [key for found in self.sets.values() for key, _, _ in found]
        statuses = [name for found in self.levels.values() for name in found]
        wanted = set(variables(policy))
        faults = [
            *(f"{side}: `{key.kind.value}:{key.name}` is in no part" for key in wanted - {*named}),
            *(f"{side}: no `{key.kind.value}:{key.name}`" for key in {*named} - wanted),
            *(
                f"{side}: `{k.kind.value}:{k.name}` twice"
                for k, n in Counter(named).items()
                if n > 1
            ),
            *(
                f"{side}: threshold `{name}` is not named once"
                for name in {each.id for each in policy.thresholds} ^ {*statuses}
            ),
        ]
        if faults:
            raise SystemExit(
                "\n".join([f"{correspondence.policy}: levels and parts", *sorted(faults)])
            )
        self.part_of = {key: part for part, found in self.sets.items() for key, _, _ in found}
        self.kept: dict[tuple[Any, ...], Answer] = {}
        # Gates with the same rows of the same strictness have the same answers.
        self.alike = {
            place: tuple((row.name, row.level) for row in rows)
            for place, rows in self.program.rows.items()
        }

    def statuses(self, level: str, state: str) -> Mapping[str, Status]:
        """Return the statuses with one level (or `all`) in a state, and the others ruled out."""
        reached = {
            name for each, names in self.levels.items() if level in {each, "all"} for name in names
        }
        return {
            each.id: STATES[state] if each.id in reached else RULED_OUT
            for each in self.program.policy.thresholds
        }

    def looked_at(self, at: At) -> tuple[frozenset[str], ...]:
        """Return, per row that may apply there, the parts that it looks at."""
        statuses = self.statuses(at.level, at.state)
        reached = {name for name, status in statuses.items() if status is not RULED_OUT}
        for name in tuple(reached):
            reached.update(self.program.ladder.get(name, ()))
        return tuple(
            frozenset(self._parts_of(row))
            for row in self.program.rows.get((at.gate, at.ask), ())
            if self._may_apply(row, reached, at.state)
        )

    def _may_apply(self, row: Row, reached: set[str], state: str) -> bool:
        found = [*literals_in(row.trigger, self.program.literals)]
        if any(key_of(each)[0] not in {Kind.STATUS, Kind.READING} for each in found):
            return True
        named = [each for each in found if key_of(each)[0] is Kind.STATUS]
        if any(each.kind is Kind.STATUS and Level.RULED_OUT in each.constant for each in named):
            return True
        if state == "alert" or (state == "forecast" and self._is_forecast_idle()):
            named = [each for each in named if each.kind is Kind.FLAG]
        return not found or any(key_of(each)[1] in reached for each in named)

    def _is_forecast_idle(self) -> bool:
        """Say whether a forecast alone moves no level, so that only rows that name it look at it."""
        return self.program.policy.semantics.forecast.rule is StatusRule.NO_EFFECT

    def _parts_of(self, row: Row) -> Iterator[str]:
        for node in (row.trigger, row.require):
            for literal in literals_in(node, self.program.literals):
                kind, name = key_of(literal)
                key = Key(kind, name.removesuffix(MEMBERS) if kind is Kind.SPECIFIED else name)
                if key in self.part_of:
                    yield self.part_of[key]

    def answer(self, at: At, missing: frozenset[str], relevant: frozenset[str]) -> Answer:
        """Decide one gate in one situation."""
        rows = self.alike.get((at.gate, at.ask), ())
        key = rows, at.level, at.state, missing & relevant
        if key not in self.kept:
            situation = self.situation(at, missing)
            outcome = evaluate(self.program, situation, at.gate, at.ask)
            self.kept[key] = (
                Answer(outcome.level.word, int(outcome.level), outcome.determining)
                if outcome.governed
                else Answer(UNGOVERNED, -1, ())
            )
        return self.kept[key]

    def situation(self, at: At, missing: frozenset[str]) -> Situation:
        """Return the situation in which these parts are missing and all others are met."""
        values: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
        for part, found in self.sets.items():
            for key, met, gone in found:
                values[key.kind][key.name] = gone if part in missing else met
        return Situation(
            statuses=self.statuses(at.level, at.state),
            safeguards=values[Kind.SAFEGUARD],
            specified=values[Kind.SPECIFIED],
            specified_members=values[Kind.SPECIFIED],
            substitutes=values[Kind.SUBSTITUTE],
            acts=values[Kind.ACT],
            documents=values[Kind.DOCUMENT],
            facts=values[Kind.FACT],
            discretions=values[Kind.DISCRETION],
            readings=values[Kind.READING],
        )


def variables(policy: Policy) -> Iterator[Key]:
    """Yield every variable of a policy but its thresholds."""
    named: Mapping[Kind, Iterable[Any]] = {
        Kind.SAFEGUARD: policy.safeguards,
        Kind.SPECIFIED: [each for each in policy.standards if each.unspecified],
        Kind.SUBSTITUTE: policy.substitutes,
        Kind.ACT: policy.questions,
        Kind.FACT: policy.facts,
        Kind.DISCRETION: policy.discretions,
        Kind.READING: policy.readings,
    }
    for kind, items in named.items():
        yield from (Key(kind, item.id) for item in items)
    for document in policy.documents:
        yield from (Key(Kind.DOCUMENT, f"{document.id}.{each.value}") for each in document.aspects)


def places(correspondence: Correspondence, gates: Iterable[Gate]) -> Iterator[At]:
    """Yield every ask and state of the levels at these gates."""
    for gate, ask in product(gates, Ask):
        yield At(gate, ask, "none", "crossed")
        yield At(gate, ask, "all", "crossed")
        for level, state in product(correspondence.levels, STATES):
            yield At(gate, ask, level.id, state)


def missing_sets(
    at: At, rows: Iterable[frozenset[str]], switches: frozenset[str]
) -> Iterator[frozenset[str]]:
    """Yield which parts are missing: every combination within a group, or few with all crossed."""
    rows = tuple(rows)
    is_all = at.level == "all"
    every = frozenset[str]().union(*rows)
    seen: set[frozenset[str]] = set()
    for group in [sorted(every - switches)] if is_all else grouped(r - switches for r in rows):
        near = [row for row in rows if is_all or not row - switches or row.intersection(group)]
        used = sorted(switches.intersection(*[frozenset[str]().union(*near)]))
        most = MOST_MISSING if is_all else len(group)
        together: Iterable[tuple[str, ...]] = (
            (*parts, *turned)
            for parts, turned in product(subsets(group, most), subsets(used, len(used)))
        )
        if not is_all and len(group) > LARGE:
            together = subsets([*group, *used], MOST_OF_LARGE)
        for names in together:
            missing = frozenset(names)
            if missing not in seen:
                seen.add(missing)
                yield missing


def subsets(names: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Yield every choice of at most so many names."""
    for size in range(min(most, len(names)) + 1):
        yield from combinations(names, size)


def grouped(rows: Iterable[frozenset[str]]) -> list[list[str]]:
    """Join sets that share a name; nothing at all is one empty group."""
    groups: list[frozenset[str]] = []
    for row in rows:
        touching = [group for group in groups if group & row]
        groups = [each for each in groups if each not in touching]
        groups.append(row.union(*touching))
    return [sorted(group) for group in groups if group] or [[]]


def compared(path: Path, gates: Iterable[Gate] = tuple(Gate)) -> Comparison:
    """Compare one second reading with the shipped policy of its name, at some gates or all."""
    document = parse_yaml(path.read_text(encoding="utf-8"), file=path.name)
    correspondence = validated(Correspondence, document)
    second = SECOND / f"{correspondence.policy}.yaml"
    digest = hashlib.sha256(second.read_bytes()).hexdigest()
    if digest != correspondence.sha256:
        raise SystemExit(
            f"{second.name}: a second reading stays unedited; expected {correspondence.sha256}, got {digest}"
        )
    readings = {
        "first": Reading(FIRST / second.name, "first", correspondence),
        "second": Reading(second, "second", correspondence),
    }
    result = Comparison(correspondence=correspondence)
    switches = frozenset(switches_of(correspondence))
    for at in places(correspondence, gates):
        rows = {side: each.looked_at(at) for side, each in readings.items()}
        relevant = {side: frozenset().union(*found) for side, found in rows.items()}
        for missing in missing_sets(at, (*rows["first"], *rows["second"]), switches):
            answers = {s: each.answer(at, missing, relevant[s]) for s, each in readings.items()}
            result.compared[at.gate] += 1
            if answers["first"].strictness != answers["second"].strictness:
                met = (relevant["first"] | relevant["second"]) - missing
                result.differences.append(
                    Difference(
                        at=at,
                        missing=tuple(sorted(missing)),
                        met=tuple(sorted(met)),
                        answers=answers,
                    )
                )
    return result


def switches_of(correspondence: Correspondence) -> Iterator[str]:
    """Yield the parts that are discretions or readings: they reach across rows."""
    for part in correspondence.parts:
        if any(setting(e)[0].kind in SWITCHES for side in SIDES for e in part.of(side)):
            yield part.id


def faults_of(comparison: Comparison) -> Iterator[str]:
    """Yield differences without a family, families without one, and doubts that nothing holds."""
    policy = parse_policy((FIRST / f"{comparison.correspondence.policy}.yaml").read_text("utf-8"))
    held = {reading.id for reading in policy.readings}
    for each in comparison.correspondence.families:
        if (each.resolved == "reading") != bool(each.readings) or not held.issuperset(
            each.readings
        ):
            yield f"{comparison.correspondence.policy}: family `{each.id}` names no reading of it"
    for family, found in comparison.by_family().items():
        if family is None:
            for line in groups(found):
                yield f"{comparison.correspondence.policy}: no family for {line}"
        elif not found and not _is_mended(comparison, family):
            yield f"{comparison.correspondence.policy}: nothing differs as family `{family}` says"


def _is_mended(comparison: Comparison, family: str) -> bool:
    """Say whether the shipped policy was changed so that nothing differs any more."""
    return any(
        each.id == family and each.resolved == "second"
        for each in comparison.correspondence.families
    )


def groups(found: Iterable[Difference]) -> Iterator[str]:
    """Yield one line per kind of difference: where, what either does, by which rows, an example."""
    kinds: dict[tuple[Any, ...], list[Difference]] = {}
    for each in found:
        key = (each.at.level, each.at.state, *(each.answers[side] for side in SIDES))
        kinds.setdefault(key, []).append(each)
    for (level, state, first, second), members in kinds.items():
        gates = ",".join(sorted({m.at.gate.value for m in members}))
        least = min(members, key=lambda each: len(each.missing))
        yield (
            f"{len(members):6d} {level} {state} at {gates}: {first.effect} {','.join(first.rows)} | "
            f"{second.effect} {','.join(second.rows)} | missing {','.join(least.missing) or '-'}"
        )


RESOLVED = {
    "first": "the shipped encoding is right",
    "second": "the second reading is right; the shipped policy was mended",
    "reading": "recorded as a reading of the shipped policy",
    "open": "open",
}
HEAD = """# Reference: the second readings

This page is written by `tools/compare_second_readings.py`; a test compares them.

Two people who encode one text differ. So some policies were encoded a second time by a reader who had
the text and the [policy language](policy-language.md) and not the first encoding. The second readings
stand in `conformance/second-reading/` as they were committed, before any comparison; their digests are
checked. A correspondence file beside each says which levels and parts are the same in both.

Both are decided by `policy.evaluate` at every gate and for both asks. Situations: one level at a time in
each of five states (not ruled out, crossed, unassessed, alert, forecast), and no level; at each, every
combination of the parts that the rows of either look at together, under every setting of discretions and
readings that these rows name, other parts met; and all levels crossed, with up to two parts missing.
Since effects combine by the strictest, what agrees group by group agrees in every combination. Readings
are held to the same meaning on both sides. Effects are compared, obligations and limits are not. A fact is yes or no here, never unknown. What an exemption does to a status is outside of it.

Counts say how many of these situations part, not how much it matters: one clause read in two ways parts
them in thousands of combinations.

| policy | situations | agree | differ | families | held by a reading | open |
|---|---|---|---|---|---|---|
"""


def page(comparisons: Sequence[Comparison]) -> str:
    """Return the page."""
    lines = [HEAD.rstrip("\n")]
    for each in comparisons:
        total, parted = each.compared.total(), len(each.differences)
        families = each.correspondence.families
        by = Counter(family.resolved for family in families)
        lines.append(
            f"| {each.correspondence.policy} | {total} | {total - parted} | {parted} | {len(families)} | {by['reading']} | {by['open']} |"
        )
    compared_names = {each.correspondence.policy for each in comparisons}
    for path in sorted(SECOND.glob("*.yaml")):
        name = path.name.removesuffix(".yaml")
        if not name.endswith(".bridge") and name not in compared_names:
            lines.append(f"| {name} | not compared yet | | | | | |")
    for each in comparisons:
        lines += section(each)
    return "\n".join(lines) + "\n"


def section(comparison: Comparison) -> Iterator[str]:
    """Yield the lines on one policy."""
    correspondence = comparison.correspondence
    yield from (
        "",
        f"## {correspondence.policy}",
        "",
        "| gate | situations | differ |",
        "|---|---|---|",
    )
    yield from (gate_row(comparison, gate) for gate in Gate)
    by_family = comparison.by_family()
    for family in correspondence.families:
        found = by_family[family.id]
        yield from ("", f"### {family.id}", "", family.cause.strip(), "")
        yield f"- Differ: {len(found)} situations, at {_gates(found)}."
        yield f"- {_example(found)}"
        held = "".join(f" `{name}`" for name in family.readings)
        yield f"- Resolved: {RESOLVED[family.resolved]}{held} ({family.clause}). {family.why.strip()}"
    for title, notes in (
        ("Mended in the shipped policy", correspondence.mended),
        ("Differences that no gate shows", correspondence.beside),
    ):
        if notes:
            yield from ("", f"### {title}", "", *(f"- {note.strip()}" for note in notes))


def gate_row(comparison: Comparison, gate: Gate) -> str:
    """Return the figures of one gate."""
    parted = sum(each.at.gate is gate for each in comparison.differences)
    return f"| `{gate.value}` | {comparison.compared[gate]} | {parted} |"


def _gates(found: Iterable[Difference]) -> str:
    seen = {each.at.gate for each in found}
    return ", ".join(f"`{gate.value}`" for gate in Gate if gate in seen) or "no gate"


def _example(found: Sequence[Difference]) -> str:
    if not found:
        return "No example."
    least = min(found, key=lambda each: len(each.missing))
    at = least.at
    lacks = ", ".join(f"`{each}`" for each in least.missing) or "nothing"
    shipped, second = (least.answers[side].effect for side in SIDES)
    where = "no level reached" if at.level == "none" else f"`{at.level}` {at.state}"
    return f"For example `{at.gate.value}` ({at.ask.value}), {where}, missing {lacks}: shipped `{shipped}`, second reading `{second}`."


def all_compared() -> tuple[Comparison, ...]:
    """Compare every second reading that has a correspondence file."""
    return tuple(compared(path) for path in sorted(SECOND.glob("*.bridge.yaml")))


def main(argv: Sequence[str]) -> int:
    """Write the page, check it, or list the differences."""
    comparisons = all_compared()
    if "--list" in argv:
        for each in comparisons:
            for family, found in each.by_family().items():
                sys.stdout.write(f"== {each.correspondence.policy} {family}: {len(found)}\n")
                sys.stdout.writelines(f"{line}\n" for line in groups(found))
        return 0
    faults = [fault for each in comparisons for fault in faults_of(each)]
    text = page(comparisons)
    if "--check" in argv:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            faults.append(f"{PAGE.name}: run `python tools/compare_second_readings.py`")
    elif not faults:
        PAGE.write_text(text, encoding="utf-8")
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
