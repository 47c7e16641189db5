"""Why not: the smallest sets of work that would open a held gate.

1. Work is: assessing or ruling out a threshold, making a safeguard live and sufficient, getting a
   document or an approval that the procedure asks, specifying a standard, putting an interim
   measure in place, showing a fact that nobody has shown.
2. Softer judgements are not work: discretions, judged substitutes, readings, and changing a fact
   that is known. They are listed only when asked for, with the roles that would have to sign.
3. Obligations that must be recorded as met before the act are part of the set.
4. The search is that of `policy.opening`, over all situations in which the gate is shut: every
   smallest set is found, by size, up to a limit that the answer states.
5. Doing exactly one of the sets opens the gate, unless an order from outside holds it too: that
   is said, since no work under the policy lifts an order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scalegate.gate.at_gate import at_gate
from scalegate.gate.model import Assessment, Decision, OpeningWork, Work
from scalegate.gate.owed import unmet_before
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import strictest
from scalegate.policy.opening import Move, Openings, apply_moves, opening_sets
from scalegate.policy.vocabulary import EffectLevel, Kind, Level, SafeguardState, SubstituteKind

Owner = tuple[str, int | None]
"""Who owns a piece of work, and how many days it takes."""


def why_not(
    known: Assessment,
    decision: Decision,
    *,
    by_judgement: bool = False,
    owners: Mapping[str, Owner] | None = None,
) -> OpeningWork:
    """Return the smallest sets of work that open the gate, smallest first.

    Args:
        known: the assessment the decision was made from.
        decision: a decision that is not open; an open one needs no work.
        by_judgement: whether softer judgements are listed too.
        owners: per name of a threshold, safeguard, ...: who owns it and its lead time.
    """
    if decision.is_open or not decision.outcome.governed:
        return OpeningWork.of()
    known = at_gate(known, decision.gate)
    found = Openings(sets=(frozenset(),))
    if decision.outcome.level > EffectLevel.ALLOW_WITH:
        found = opening_sets(
            known.inputs.program,
            known.situation,
            (decision.gate, decision.ask),
            lambda move: is_work(known, move) or (by_judgement and _may_judge(known, move)),
        )
    sets = (
        (
            *(_work(known, move, owners or {}) for move in _in_order(moves)),
            *_beforehand(known, decision, moves, owners or {}),
        )
        for moves in found.sets
    )
    return OpeningWork.of(sorted((works for works in sets if works), key=len), found.complete_up_to)


def _beforehand(
    known: Assessment, decision: Decision, moves: frozenset[Move], owners: Mapping[str, Owner]
) -> Iterator[Work]:
    """Yield what must then be recorded as done before the act."""
    moved = apply_moves(known.situation, moves)
    outcome, _ = strictest(known.inputs.program, moved, decision.gate, decision.ask)
    for name, owed in unmet_before(known, outcome):
        owner, days = owners.get(name, ("", None))
        yield Work(
            move=Move(kind=Kind.ACT, name=f"before:{name}", value=True),
            text=f"record as done beforehand: {'; '.join(owed)}",
            owner=owner,
            lead_days=days,
        )


def _in_order(moves: frozenset[Move]) -> list[Move]:
    return sorted(moves, key=lambda move: (move.kind.value, move.name, str(move.value)))


def is_work(known: Assessment, move: Move) -> bool:
    """Say whether a move is work rather than judgement (rules 1 and 2 of the module)."""
    policy = known.inputs.policy
    match move.kind:
        case Kind.STATUS | Kind.SAFEGUARD | Kind.SPECIFIED | Kind.DOCUMENT | Kind.ACT:
            return move.value is not False
        case Kind.SUBSTITUTE:
            kinds = {item.id: item.kind for item in policy.substitutes}
            return bool(move.value) and kinds[move.name] is SubstituteKind.INTERIM
        case Kind.FACT:
            return known.facts[move.name].value is None
        case _:
            return False


def _may_judge(known: Assessment, move: Move) -> bool:
    if move.kind is Kind.FLAG or (move.kind is Kind.FACT and not is_work(known, move)):
        return False
    return move.value is not False


def _work(known: Assessment, move: Move, owners: Mapping[str, Owner]) -> Work:
    owner, days = owners.get(move.name, ("", None))
    judgement = not is_work(known, move)
    return Work(
        move=move,
        text=_words(known, move),
        owner=owner,
        lead_days=days,
        by_judgement=judgement,
        signed_by=_signers(known.inputs.policy, move) if judgement else (),
        needs_evidence=not judgement and move.kind in _BY_EVIDENCE,
    )


_BY_EVIDENCE = {Kind.STATUS, Kind.SAFEGUARD, Kind.SUBSTITUTE, Kind.FACT}
"""What evidence shows; documents, acts and specifications are made."""


def _words(known: Assessment, move: Move) -> str:
    kind, name = move.kind, move.name
    if kind is Kind.STATUS:
        assessed = f"assess {name}, whatever the answer"
        return assessed if move.value is Level.CROSSED else _rule_out(known, name)
    if kind is Kind.SPECIFIED and name.endswith(".members"):
        return f"make what {name.removesuffix('.members')} specifies live and sufficient"
    if kind is Kind.DOCUMENT:
        document, aspect = name.rsplit(".", 1)
        return f"have document {document} {aspect}"
    native = _native(known.inputs.policy, name) if kind is Kind.SAFEGUARD else name
    return _WORDS[kind].format(name=native, value=_value(move.value))


def _rule_out(known: Assessment, name: str) -> str:
    lines = known.findings[name].indicators
    rows = dict.fromkeys(row for line in lines for row in line.unmet)
    asked = f", with elicitation on record as the policy asks ({', '.join(rows)})" if rows else ""
    return f"rule out {name} by evidence sharp enough{asked}"


_WORDS = {
    Kind.SAFEGUARD: "make {name} live and sufficient",
    Kind.SPECIFIED: "specify standard {name}",
    Kind.SUBSTITUTE: "put substitute {name} in place, approved",
    Kind.ACT: "get {name} answered as the procedure asks",
    Kind.FACT: "show that fact {name} is {value}",
    Kind.READING: "fix reading {name} as {value}",
    Kind.DISCRETION: "invoke discretion {name} with every test shown",
}


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _native(policy: Policy, name: str) -> str:
    for item in policy.safeguards:
        if item.id == name:
            return f"{item.native} ({name})" if item.native != name else name
    return name


def _signers(policy: Policy, move: Move) -> tuple[str, ...]:
    for discretion in policy.discretions:
        if move.kind is Kind.DISCRETION and discretion.id == move.name:
            return discretion.invoked_by
    for reading in policy.readings:
        if move.kind is Kind.READING and reading.id == move.name:
            return reading.fixed_by
    for substitute in policy.substitutes:
        if move.kind is Kind.SUBSTITUTE and substitute.id == move.name:
            return substitute.approvals
    return ()


def what_if(known: Assessment, moves: Mapping[tuple[Kind, str], object]) -> Assessment:
    """Return the assessment as it would be with these values; nothing is recorded."""
    changed = [Move(kind=kind, name=name, value=value) for (kind, name), value in moves.items()]
    supposed = {name for kind, name in moves if kind is Kind.STATUS}
    return replace(
        known,
        situation=apply_moves(known.situation, changed),
        supposed=known.supposed | supposed,
    )


__all__ = ["Owner", "SafeguardState", "is_work", "what_if", "why_not"]
