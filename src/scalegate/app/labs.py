"""Compare labs side by side, and decide a lab's past cases under another policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from scalegate.app.bridging import refuse_rings
from scalegate.app.case_answers import Shelf, at_its_word, case_inputs
from scalegate.app.crosswalks import crosswalk
from scalegate.app.workspace import policies_of
from scalegate.base.errors import UsageError
from scalegate.compare.common_elements import Element, elements_of, is_later
from scalegate.compare.profile import Figure, Item, Profile, profile
from scalegate.compare.shared import (
    UNGOVERNED,
    LabAnswers,
    Parting,
    answers_of,
    partings,
)
from scalegate.compare.transfer import transfer
from scalegate.evidence.bundle import bundle_of
from scalegate.gate.assess import assess
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.evaluate import strictest
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from scalegate.ports import FiledCase, PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class LabComparison:
    """Policies side by side."""

    profiles: tuple[Profile, ...]
    """In the order asked."""
    answers: tuple[LabAnswers, ...]
    """The same, over shared situations."""
    partings: Mapping[tuple[str, str], tuple[Parting, ...]]
    """Per pair: where the first holds and the second lets through."""
    elements: Mapping[str, tuple[Element, ...]]
    """Per policy: METR's nine elements."""
    later: frozenset[str]
    """Policies that came into force after METR's edition."""
    without: tuple[str, ...]
    """Policies that no table of shared words is about; they are left out of `partings`."""

    def to_mapping(self) -> dict[str, Any]:
        """Return the comparison as plain data for `--json`."""
        return {
            "policies": [_profile(each) for each in self.profiles],
            "pairs": [
                {"holds": one, "lets_through": two, "where": [_parting(each) for each in found]}
                for (one, two), found in self.partings.items()
            ],
            "common_elements": {
                name: [_element(each) for each in found] for name, found in self.elements.items()
            },
            "after_the_table_of_metr": sorted(self.later),
            "without_a_table": list(self.without),
        }


def compare_labs(source: PolicySource, names: Sequence[str]) -> LabComparison:
    """Compare policies side by side on the shared words.

    Raises:
        UsageError: fewer than two are named.
        UnknownName: a policy that the source does not have.
        DocumentFaults: a policy or the crosswalk is wrong; versions that supersede each other in a
            ring.
    """
    if len(set(names)) < 2:
        said = f", not `{names[0]}` alone" if names else ""
        hint = "`scalegate frameworks list`"
        raise UsageError(f"name two policies or more{said}", hint=hint)
    refuse_rings(source, tuple(names))
    shared = crosswalk(source, names)
    loaded = {each.name: each.policy for each in policies_of(source, names)}
    programs = [compile_policy(loaded[name]) for name in dict.fromkeys(names)]
    found = tuple(answers_of(program, shared.analogies) for program in programs)
    return LabComparison(
        profiles=tuple(profile(program) for program in programs),
        answers=found,
        partings={
            (one.framework, two.framework): partings(one, two)
            for one, two in permutations(found, 2)
            if not {one.framework, two.framework}.intersection(shared.without)
        },
        elements={program.policy.name: elements_of(program.policy) for program in programs},
        later=frozenset(each.policy.name for each in programs if is_later(each.policy)),
        without=shared.without,
    )


def _profile(each: Profile) -> dict[str, Any]:
    return {
        "framework": each.framework,
        "lab": each.lab,
        "figures": [_figure(figure) for figure in each.figures],
        "bindingness": [_figure(figure) for figure in each.bindingness],
    }


def _figure(each: Figure) -> dict[str, Any]:
    return {
        "key": each.key,
        "title": each.title,
        "count": len(each.items),
        "of": each.of,
        "items": [_item(item) for item in each.items],
    }


def _item(item: Item) -> dict[str, str]:
    found = {"id": item.id, "text": item.text, "cite": item.cite}
    return {**found, "modality": item.modality} if item.modality else found


def _parting(each: Parting) -> dict[str, Any]:
    return {
        "domain": each.situation.domain,
        "tier": each.situation.tier,
        "missing": each.situation.lacks,
        "gate": each.gate.value,
        "holds": {"effect": each.holds.effect, "rows": list(each.holds.rows)},
        "lets_through": {
            "effect": each.lets_through.effect,
            "rows": list(each.lets_through.rows),
            "has_a_threshold": each.is_named,
        },
    }


def _element(each: Element) -> dict[str, Any]:
    return {
        "element": each.name,
        "is_there": each.is_there,
        "metr": each.metr,
        "differs": each.differs,
        "clauses": [_item(item) for item in each.clauses],
    }


# --- backtest -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestedGate:
    """One past decision, under the policy of its day and under another."""

    case: str
    """`lab/case`."""
    day: str
    """The day it was decided."""
    framework: str
    """The policy of its day."""
    gate: Gate
    """The gate."""
    then: str
    """Effect under the policy of its day, the lab taken at its word."""
    now: str
    """Effect under the other."""
    because: tuple[str, ...]
    """The rows that fix the stricter answer."""
    unknown: tuple[str, ...]
    """Thresholds of the other policy of which the case says nothing."""

    @property
    def change(self) -> str:
        """`same`, `stricter` or `looser`, seen from the other policy."""
        then, now = (_strictness(each) for each in (self.then, self.now))
        if _held(then) == _held(now):
            return "same"
        return "stricter" if now > then else "looser"


def _strictness(effect: str) -> int:
    return -1 if effect == UNGOVERNED else int(EffectLevel[effect.upper()])


def _held(strictness: int) -> bool:
    return strictness >= int(EffectLevel.RESTRICT)


def backtest(
    source: PolicySource, shelf: Shelf, cases: Iterable[FiledCase], *, policy: str
) -> tuple[BacktestedGate, ...]:
    """Decide past cases under another policy, in the order of their days.

    Raises:
        UnknownName: a policy that there is not.
        DocumentFaults: a policy or the crosswalk is wrong; versions that supersede each other in a
            ring.
    """
    refuse_rings(source, (policy,))
    (loaded,) = policies_of(source, [policy])
    other = compile_policy(loaded.policy)
    found: list[BacktestedGate] = []
    for filed in sorted(cases, key=lambda each: (each.case.file.as_of, each.name)):
        for name in filed.case.file.frameworks:
            if name != policy and shelf.policy(name)[0].lab == _lab_of(filed, shelf):
                found.extend(_gates(source, shelf, filed, (name, other)))
    return tuple(found)


def _lab_of(filed: FiledCase, shelf: Shelf) -> str:
    """Return the lab whose own policy comes first in the case."""
    return shelf.policy(filed.case.file.frameworks[0])[0].lab


def _gates(
    source: PolicySource, shelf: Shelf, filed: FiledCase, policies: tuple[str, Program]
) -> Iterator[BacktestedGate]:
    name, other = policies
    case = filed.case
    bundle = bundle_of(case.records, {log.digest_sha256: log for log in filed.logs.values()})
    inputs = case_inputs(case, bundle, name, shelf)
    rows: tuple[Analogy, ...] = crosswalk(source, [name, other.policy.name]).analogies
    for asked in case.file.gates:
        known = assess(inputs, asked.of or case.file.subject, case.file.as_of)
        own = at_its_word(known)
        moved = transfer(inputs.program, other, own, rows)
        gate, ask = Gate(asked.gate), Ask(asked.ask)
        then, then_rows = _effect(inputs.program, own, gate, ask)
        now, now_rows = _effect(other, moved.situation, gate, ask)
        yield BacktestedGate(
            case=filed.name,
            day=case.file.as_of.date().isoformat(),
            framework=name,
            gate=gate,
            then=then,
            now=now,
            because=now_rows if _strictness(now) >= _strictness(then) else then_rows,
            unknown=moved.unknown,
        )


def _effect(
    program: Program, situation: Situation, gate: Gate, ask: Ask
) -> tuple[str, tuple[str, ...]]:
    outcome, _ = strictest(program, situation, gate, ask)
    if not outcome.governed:
        return UNGOVERNED, ()
    return outcome.level.word, outcome.determining
