"""Facts that range over the register: what is so of other models, or of the one a model is from.

1. Of another model, what was found of it under the same policy at the same instant counts:
   statuses and flags. What is unknown of it may fulfil the condition.
2. *Other models* are those of the same lab; one whose lab is not said is of every lab.
3. Effective compute is compared by FLOP where both give it, else by the ratios to a common root.
   Where one that counts cannot be compared, the value is unknown: it may be the least.
4. Of the models that count the least has the smallest effective compute, so the greatest multiple
   is given. Where none counts the register gives nothing: that a lab has no such model is for a
   document to say, since a register may be incomplete.
5. A run has the effective compute that it plans, or has used if that is more.
6. *Holds* is true where it is shown of one, false where each was assessed and it is shown of none,
   else unknown.

Source: design, "The one idea"; Anthropic RSP 2.2, 6.2 and note 13; OpenAI PF 2, note 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scalegate.evidence.documents.registry import RunEntry
from scalegate.evidence.register import Register
from scalegate.gate.judge import findings
from scalegate.gate.measure import measure_all
from scalegate.gate.model import Inputs, Subject
from scalegate.gate.refer import resolve_subject
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Fact, Over
from scalegate.policy.evaluate import condition_holds, condition_may_hold
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Level

_DERIVED = frozenset({"distilled", "fine_tuned", "quantised"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """What the register gives for a fact."""

    value: Decimal | bool | None = None
    """The value; None: nothing, or not known."""
    text: str = ""
    """How it came about; empty where the register gives nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compute:
    flop: Decimal | None = None
    root: str | None = None
    ratio: Decimal | None = None


def over_register(inputs: Inputs, subject: Subject, fact: Fact, at: datetime) -> Ranged:
    """Return what the register gives for a fact (rules 1 to 6 of the module)."""
    over = fact.over
    if over is None:
        return Ranged()
    others = _others(inputs.register, subject, over)
    if over.gives == "holds":
        return _holds(inputs, over, others, at)
    counting = [ref for ref in others if _may(inputs, over, ref, at)]
    return _multiple(inputs.register, subject, counting)


def run_ratio(register: Register, run: str, model_ratio: Decimal | None) -> Decimal | None:
    """Return a run's effective compute relative to its root, its model's where that is more.

    None where it is planned in another unit: what cannot be compared is not known.
    """
    entry = register.runs[run]
    if entry.unit == "flop":
        return None
    given = (model_ratio, entry.planned_effective_compute, entry.consumed_effective_compute)
    return max((amount for amount in given if amount is not None), default=None)


def _others(register: Register, subject: Subject, over: Over) -> tuple[str, ...]:
    if over.among == "parent":
        return tuple(_parents(register, subject))
    own = {subject.model, register.runs[subject.run].model if subject.run else None}
    return tuple(
        sorted(
            ref
            for ref, entry in register.models.items()
            if ref not in own and (None in (entry.lab, subject.lab) or entry.lab == subject.lab)
        )
    )


def _parents(register: Register, subject: Subject) -> Iterator[str]:
    checkpoints = [subject.checkpoint] if subject.checkpoint else []
    if not checkpoints and subject.model:
        own = register.models[subject.model].checkpoints
        checkpoints = [each.id for each in own if each.role == "shipped"]
    for name in checkpoints:
        edge = register.parent_of.get(name)
        if edge is not None and edge.variant in _DERIVED:
            parent = register.model_of[edge.to]
            yield edge.to if parent == subject.model else parent


def _situation(inputs: Inputs, ref: str, at: datetime) -> Situation:
    subject = resolve_subject(inputs.register, ref)
    found = findings(inputs, subject, measure_all(inputs, subject), at)
    return Situation(statuses={name: item.status for name, item in found.items()})


def _may(inputs: Inputs, over: Over, ref: str, at: datetime) -> bool:
    return condition_may_hold(inputs.policy, over.where, _situation(inputs, ref, at))


def _holds(inputs: Inputs, over: Over, others: Iterable[str], at: datetime) -> Ranged:
    named = {
        (atom.name.rpartition(".")[0] if atom.word == "flag" else atom.name)
        for atom, _ in atoms_of(over.where)
    }
    shown, unknown, none = [], [], []
    for ref in others:
        situation = _situation(inputs, ref, at)
        levels = {situation.statuses[name].level for name in named}
        if condition_holds(inputs.policy, over.where, situation):
            shown.append(ref)
        elif Level.UNASSESSED in levels:
            unknown.append(ref)
        else:
            none.append(ref)
    if shown:
        return Ranged(value=True, text=f"shown of {', '.join(shown)}")
    if unknown:
        return Ranged(text=f"{', '.join(unknown)} not assessed")
    return Ranged(value=False, text=f"not so of {', '.join(none)}") if none else Ranged()


def _multiple(register: Register, subject: Subject, others: Iterable[str]) -> Ranged:
    own = _compute_of(register, subject.run or subject.model)
    found: list[tuple[Decimal, str]] = []
    for ref in others:
        ratio = _ratio(own, _compute_of(register, ref))
        if ratio is None:
            return Ranged(text=f"cannot be compared with {ref}")
        found.append((ratio, ref))
    if not found:
        return Ranged()
    ratio, least = max(found)
    return Ranged(value=ratio, text=f"{_short(ratio)} times {least}")


def _ratio(own: _Compute, other: _Compute) -> Decimal | None:
    if own.flop is not None and other.flop is not None:
        return own.flop / other.flop
    if own.root is None or own.root != other.root or None in (own.ratio, other.ratio):
        return None
    return own.ratio / other.ratio if own.ratio is not None and other.ratio else None


def _compute_of(register: Register, ref: str | None) -> _Compute:
    if ref is None:
        return _Compute()
    run = register.runs.get(ref)
    growth = register.growth(ref)
    root, ratio = (growth.root, growth.effective_compute_ratio) if growth else (None, None)
    if run is not None:
        flop = _most(run) if run.unit == "flop" else None
        return _Compute(flop=flop, root=root, ratio=run_ratio(register, ref, ratio))
    flop = register.models[ref].effective_compute_flop
    return _Compute(flop=flop, root=root, ratio=ratio)


def _most(run: RunEntry) -> Decimal | None:
    amounts = (run.planned_effective_compute, run.consumed_effective_compute)
    return max((amount for amount in amounts if amount is not None), default=None)


def _short(value: Decimal) -> str:
    return f"{value:.3g}"
