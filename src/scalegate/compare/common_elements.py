"""METR's nine common elements of frontier policies, recomputed from encoded policies.

1. An element is *there* if the encoding has at least one clause of its kind; clauses are listed.
2. METR's own table (edition of December 2025) is beside it. Where the two differ, the difference
   says which clause we count, or that we found none, and whether a later version was read.

Does not check: that METR means by an element what we count. They read texts, we count clauses.

Source: METR, Common Elements of Frontier AI Safety Policies, December 2025
(https://metr.org/common-elements); its table of presence as transcribed on 2026-09-27.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scalegate.compare.profile import Item
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import RELEASES, EffectLevel, Family, Gate

_FILTERS = frozenset({Family.DEPLOYMENT_FILTERS, Family.ACCESS_CONTROLS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element, in one policy."""

    name: str
    """METR's name of it."""
    clauses: tuple[Item, ...]
    """What we count; empty: not there."""
    metr: bool | None
    """Whether METR's table has it for the lab; None: the lab is not in the table."""

    @property
    def is_there(self) -> bool:
        """Whether the encoding has it."""
        return bool(self.clauses)

    @property
    def differs(self) -> bool:
        """Whether METR's table says otherwise."""
        return self.metr is not None and self.metr != self.is_there


def _weight_security(policy: Policy) -> Iterable[Item]:
    return _safeguards(policy, frozenset({Family.WEIGHT_SECURITY}))


def _deployment(policy: Policy) -> Iterable[Item]:
    return _safeguards(policy, _FILTERS)


def _safeguards(policy: Policy, families: frozenset[Family]) -> Iterable[Item]:
    for each in policy.safeguards:
        if each.family in families:
            yield Item(id=each.id, text=each.native, cite=str(each.cite))


def _thresholds(policy: Policy) -> Iterable[Item]:
    for each in policy.thresholds:
        yield Item(id=each.id, text=each.native, cite=str(each.cite))


def _halting_deployment(policy: Policy) -> Iterable[Item]:
    return _holding(policy, RELEASES)


def _halting_development(policy: Policy) -> Iterable[Item]:
    return _holding(policy, frozenset({Gate.TRAIN}))


def _holding(policy: Policy, gates: frozenset[Gate]) -> Iterable[Item]:
    for each in policy.commitments:
        if each.otherwise.level >= EffectLevel.HOLD and gates & set(each.at):
            text = f"{each.modality.word}: {each.statement}"
            yield Item(id=each.id, text=text, cite=str(each.cite))


def _elicitation(policy: Policy) -> Iterable[Item]:
    for each in policy.elicitation:
        yield Item(id=each.id, text=each.statement, cite=str(each.cite))


def _timing(policy: Policy) -> Iterable[Item]:
    for each in policy.cadence:
        yield Item(id=each.id, text=each.statement, cite=str(each.cite))
    for duty in policy.duties:
        if duty.every is not None:
            yield Item(id=duty.id, text=duty.statement, cite=str(duty.cite))


def _accountability(policy: Policy) -> Iterable[Item]:
    for each in policy.roles:
        yield Item(id=each.id, text=f"{each.native} ({each.neutral})", cite=str(each.cite))


def _updating(policy: Policy) -> Iterable[Item]:
    if policy.amendment is not None:
        found = policy.amendment
        yield Item(id="amendment", text=found.statement, cite=str(found.cite))


COUNTED: Mapping[str, Callable[[Policy], Iterable[Item]]] = {
    "Capability thresholds": _thresholds,
    "Model weight security": _weight_security,
    "Model deployment mitigations": _deployment,
    "Conditions for halting deployment plans": _halting_deployment,
    "Conditions for halting development plans": _halting_development,
    "Full capability elicitation during evaluations": _elicitation,
    "Timing and frequency of evaluations": _timing,
    "Accountability": _accountability,
    "Updating policies over time": _updating,
}
"""Each element and what counts as it."""

METR_LABS = frozenset(
    {
        "Anthropic", "OpenAI", "Google DeepMind", "Magic", "Naver", "Meta", "G42", "Cohere",
        "Microsoft", "Amazon", "xAI", "NVIDIA",
    }
)  # fmt: skip
"""The labs of METR's table, December 2025."""
METR_WITHOUT: Mapping[str, frozenset[str]] = {
    "Model deployment mitigations": frozenset(),
    "Accountability": frozenset(),
    "Updating policies over time": frozenset(),
    "Model weight security": frozenset({"Naver"}),
    "Capability thresholds": frozenset({"Naver", "Cohere", "NVIDIA"}),
    "Conditions for halting deployment plans": frozenset({"Magic", "Cohere", "NVIDIA"}),
    "Timing and frequency of evaluations": frozenset({"Cohere", "xAI", "NVIDIA"}),
    "Conditions for halting development plans": frozenset({"Naver", "Cohere", "Amazon", "xAI"}),
    "Full capability elicitation during evaluations": frozenset(
        {"Magic", "Naver", "Cohere", "xAI", "NVIDIA"}
    ),
}
"""Labs without an element, by METR's table, December 2025."""
METR_DAY = "2025-12-09"
"""Day of that edition: a policy in force only later was not read by METR."""


def elements_of(policy: Policy) -> tuple[Element, ...]:
    """Return the nine elements of a policy, each with METR's word on the lab."""
    return tuple(
        Element(
            name=name,
            clauses=tuple(counted(policy)),
            metr=_metr(policy.lab, name),
        )
        for name, counted in COUNTED.items()
    )


def _metr(lab: str, element: str) -> bool | None:
    names = {name.casefold(): name for name in METR_LABS}
    known = names.get(lab.casefold())
    return None if known is None else known not in METR_WITHOUT[element]


def is_later(policy: Policy) -> bool:
    """Say whether a policy came into force after METR's edition."""
    return policy.effective_on > METR_DAY
