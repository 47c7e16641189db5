"""Decide recorded decisions anew from a workspace, and say whether each follows.

1. A decision is decided anew only where the workspace gives policy and evidence of the digests
   that the decision names. Else it could not be recomputed, which is no failure.
2. It follows if effect, obligations, determining rows, openness, inconclusiveness and the recorded
   plans that its evidence answers are the same.
3. It is read at the instant it speaks of, as far as the workspace knew then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scalegate.app.deciding import Instants, decide_all, prepare
from scalegate.app.record.deciding import Seen, decision_statement
from scalegate.app.record.reading import LogReport
from scalegate.app.workspace import Workspace
from scalegate.base.errors import FormatError, ScalegateError, TrustError
from scalegate.base.instants import parse_instant
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Predicate, Statement
from scalegate.policy.vocabulary import Ask, Gate

COMPARED = ("effect", "isOpen", "inconclusive", "obligations", "determining")
LISTED = ("plans",)
"""Compared too; a decision of an earlier version does not have them, which means none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Whether a recorded decision was computed anew with the same outcome."""

    index: int
    """Where it stands in the log, from 0."""
    missing: str
    """Why it could not be recomputed; empty where it follows."""


def follow(report: LogReport, workspace: Workspace) -> tuple[Followed, ...]:
    """Decide every shown decision of a checked log anew (rules 1 to 3).

    Raises:
        Refused: one was recomputed from what it names, and comes out differently.
        TrustError: evidence of the workspace no longer has its digest.

    Does not check: that the words given as reasons are true; the explanation, whose wording may
    differ between versions of the engine.
    """
    return tuple(
        Followed(index=index, missing=_missing(index, each.statement, workspace))
        for index, each in report.vouched
        if each.statement.kind is Predicate.GATE_DECISION
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a statement says that it answers."""

    at: datetime
    framework: str
    gate: Gate
    ask: Ask


def _missing(index: int, stated: Statement, workspace: Workspace) -> str:
    try:
        anew = _anew(stated, _asked(stated.predicate), workspace)
    except TrustError:  # kept evidence was altered: tampering is no gap
        raise
    except ScalegateError as cause:
        return f"it cannot be decided here: {cause!s:.200}"
    if len(anew.subjects) != len(stated.subjects):
        return "it names other things than a decision of this version"
    for what, old, new in zip(("evidence", "policy"), stated.subjects, anew.subjects, strict=True):
        if (old.name, old.sha256) != (new.name, new.sha256):
            return f"the workspace does not give the {what} with SHA-256 {old.sha256}"
    for field in (*COMPARED, *LISTED):
        got, expected = anew.predicate[field], stated.predicate.get(field)
        if field in LISTED and expected is None:
            expected = []
        if got != expected:
            raise Refused(
                f"decision does not follow: another `{field}` for gate"
                f" `{anew.predicate['gate']}` under {anew.predicate['framework']}",
                where=f"step 9, decision at entry {index}",
                expected=f"{expected!s:.200}", got=f"{got!s:.200}",
            )  # fmt: skip
    return ""


def _asked(said: Mapping[str, Any]) -> _Asked:
    """Return the question, or refuse one that no decision of this version answers.

    Only the statement's own words are forgiven; a fault of the engine is one, and is not taken for
    a decision that could not be recomputed.
    """
    try:
        return _Asked(
            at=parse_instant(said["asOf"], path="asOf"),
            framework=str(said["framework"]),
            gate=Gate(said["gate"]),
            ask=Ask(said["ask"]),
        )
    except (KeyError, ValueError) as cause:
        raise FormatError("not the question of a decision", got=f"{cause!s:.120}") from cause


def _anew(stated: Statement, asked: _Asked, workspace: Workspace) -> Statement:
    instants = Instants(true_at=asked.at, known_at=asked.at)
    prepared = prepare(workspace, instants, [asked.framework])
    subject = stated.subjects[0].name
    (decided,) = decide_all(prepared, subject, (asked.gate,), ask=asked.ask)
    (decision,) = decided.decisions
    return decision_statement(decision, decided_at=asked.at, seen=Seen(size=0, root=b""))
