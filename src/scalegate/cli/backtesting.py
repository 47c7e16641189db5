"""Past decisions of a lab under another policy: read, as data, as lines (`backtest`, `diff`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scalegate.app.labs import BacktestedGate
    from scalegate.ports import PolicySource
    from scalegate.report.difference import PastView

ASSUMPTION = "the lab is taken at its word; procedure is taken at its best"
CLAUSES = 3
"""So many clauses of one decision are shown."""


def decided_anew(history: str, policy: str, source: PolicySource) -> tuple[BacktestedGate, ...]:
    """Decide the cases of a lab's history under another policy.

    Args:
        history: a lab.
        policy: the policy that decides anew.
        source: where that is; the policies that decided then are the shipped ones.

    Raises:
        UnknownName: there is no such history, or no such policy.
        DocumentFaults: a case, a policy or the crosswalk is wrong.
    """
    from scalegate.app.case_answers import shelf_of
    from scalegate.app.labs import backtest
    from scalegate.base.errors import UnknownName
    from scalegate.wiring import case_source

    cases = case_source()
    labs = sorted({name.split("/")[0] for name in cases.names()})
    if history not in labs:
        raise UnknownName("history", history, known=labs)
    filed = [cases.read(name) for name in cases.names() if name.startswith(f"{history}/")]
    return backtest(source, shelf_of(source), filed, policy=policy)


def as_data(found: Sequence[BacktestedGate], policy: str) -> dict[str, Any]:
    """Return every decision as plain data."""
    return {"policy": policy, "decisions": [_backtested(each) for each in found]}


def panel(found: Sequence[BacktestedGate], policy: str) -> PastView:
    """Return the decisions that would differ, for a page."""
    from scalegate.report.difference import PastDecision, PastView

    changed = [each for each in found if each.change != "same"]
    return PastView(
        summary=_summary(found, changed, policy),
        assumption=ASSUMPTION,
        changed=tuple(
            PastDecision(
                day=each.day,
                case=each.case,
                gate=each.gate.value,
                then=f"{each.then} under {each.framework}",
                here=f"{each.now} ({each.change})",
                because=each.because,
                unknown=each.unknown,
            )
            for each in changed
        ),
    )


def _summary(
    found: Sequence[BacktestedGate], changed: Sequence[BacktestedGate], policy: str
) -> str:
    return f"of {len(found)} past decisions, {len(changed)} would differ under {policy}"


def text_lines(found: Sequence[BacktestedGate], policy: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their indent: how many would differ, and which."""
    changed = [each for each in found if each.change != "same"]
    yield 0, _summary(found, changed, policy)
    for each in changed:
        then, now = f"{each.then} under {each.framework}", f"{each.now} here ({each.change})"
        yield 2, f"{each.day}  {each.case}  at {each.gate.value}: {then}, {now}"
        if each.because:
            yield 6, f"by {', '.join(each.because[:CLAUSES])}"
        if each.unknown:
            yield 6, f"nothing is known of: {', '.join(each.unknown[:CLAUSES])}"
    yield 0, ASSUMPTION


def _backtested(each: BacktestedGate) -> dict[str, object]:
    return {
        "case": each.case,
        "day": each.day,
        "framework": each.framework,
        "gate": each.gate.value,
        "then": each.then,
        "now": each.now,
        "change": each.change,
        "because": list(each.because),
        "unknown": list(each.unknown),
    }
