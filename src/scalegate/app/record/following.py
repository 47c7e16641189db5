"""Decide recorded decisions anew from what they name, and say whether each follows.

1. A decision is decided anew only from policy and evidence of the digests that it names: out of a
   bundle's material, or out of a workspace. Else it could not be recomputed, which is no failure.
2. It is read at the instant it speaks of, as far as was known then.
3. By the same build of the engine (version, source, numerical libraries, machine), the statement
   made anew has the same bytes, explanation and all; what only its signer can say (when, why,
   dissent, the log seen) is taken from it, and the digest of the tables, which are read by it.
4. By another build, effect, obligations, determining rows, openness, inconclusiveness and the
   recorded plans that its evidence answers are the same. The explanation may be another, since
   another build may round or word it otherwise; the answer says whether it is.
5. What differs is refused.
6. The grace of a permit is held against the policies that decided the question together, and those
   that it names (`granting`, rule 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from scalegate import __version__
from scalegate.app.deciding import Instants, Prepared, decide_all, inputs_from
from scalegate.app.record.deciding import BUILD, PROVED, Seen, decision_statement
from scalegate.app.record.granting import check_granted
from scalegate.app.record.material import TABLES
from scalegate.app.record.reading import LogReport
from scalegate.base.canonical import digest_of
from scalegate.base.errors import FormatError, ScalegateError, TrustError, UsageError
from scalegate.base.instants import parse_instant
from scalegate.ledger.faults import Refused
from scalegate.ledger.permits import Permit, read_permit
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.policy.vocabulary import Ask, Gate

if TYPE_CHECKING:
    from scalegate.app.workspace import LoadedPolicy
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog

COMPARED = ("effect", "isOpen", "inconclusive", "obligations", "determining")
OWN = ("conditions", "dissent", "log", "reasons", "waivers", BUILD, TABLES)
"""What is taken from the statement and not made anew."""
LISTED = ("plans",)
"""Compared too; a decision of an earlier version does not have them, which means none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a statement says that it answers."""

    at: datetime
    """Of when it speaks."""
    decided_at: datetime
    """When it was decided, by its signer's word."""
    framework: str
    """Under which policy."""
    gate: Gate
    """At which gate."""
    ask: Ask
    """To start or to continue."""
    is_proved: bool = False
    """Whether it was asked to rule out by proved bounds alone."""


class NotGiven(UsageError):
    """What a decision names is not at hand: it could not be recomputed."""


class Source(Protocol):
    """Gives what decisions name, by digest.

    Promises:
        1. What is given has the digest that was asked for.
        2. What is not there is `NotGiven`; what was altered is a `TrustError`.
    """

    def evidence(self, digest: str, asked: Asked, stated: Statement) -> Bundle[EvalLog]:
        """Return the evidence of a digest, at the instant asked about.

        Raises:
            NotGiven: it is not there.
            FormatError: this version cannot read it.
            TrustError: it was altered.
        """
        ...

    def policy(self, digest: str, framework: str) -> LoadedPolicy:
        """Return the policy of a digest, indicator sets merged in.

        Raises:
            NotGiven: it is not there.
            FormatError: this version cannot read it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Whether a recorded decision was computed anew with the same outcome."""

    index: int
    """Where it stands in the log, from 0."""
    what: str = "decision"
    """`decision`, or `permit`: then it is its grace that was held against the policies."""
    missing: str = ""
    """Why it could not be recomputed; empty where it follows."""
    engine: str = ""
    """The other version or build that decided it: only the outcome must be the same (rule 4)."""
    is_same: bool = False
    """Whether the statement made anew is the same, explanation and all; `engine` and `build` apart
    where another build made it."""


def follow(report: LogReport, source: Source, *, build: str = "") -> tuple[Followed, ...]:
    """Decide every shown decision of a checked log anew, and hold permits to it (rules 1 to 6).

    Args:
        report: the checked log.
        source: what gives policy and evidence.
        build: digest of this build of the engine.

    Raises:
        Refused: one was recomputed from what it names, and comes out differently.
        TrustError: what it names was altered.

    Does not check: that the words given as reasons are true.
    """
    decisions = _Decisions(report)
    found: list[Followed] = []
    for index, each in report.vouched:
        if each.statement.kind is Predicate.GATE_DECISION:
            found.append(_followed(index, each.statement, source, build))
        if each.statement.kind is Predicate.PERMIT:
            found.append(_grace_followed(index, read_permit(each.statement), decisions, source))
    return tuple(found)


class _Decisions:
    """Recorded decisions: by envelope, and by the question to which they were recorded together."""

    def __init__(self, report: LogReport) -> None:
        self._questions: dict[str, str] = {}
        self._policies: dict[str, list[Subject]] = {}
        for _, each in report.vouched:
            stated = each.statement
            if stated.kind is Predicate.GATE_DECISION and len(stated.subjects) == 2:
                said = stated.predicate
                asked = [stated.subjects[0].name, said.get("gate"), said.get("log")]
                question = digest_of(asked)
                self._questions[each.envelope] = question
                self._policies.setdefault(question, []).append(stated.subjects[1])

    def policies(self, envelope: str) -> list[Subject]:
        """Return the policies that decided with a decision; none where it is not shown."""
        return self._policies.get(self._questions.get(envelope, ""), [])


def _grace_followed(index: int, permit: Permit, decisions: _Decisions, source: Source) -> Followed:
    together = decisions.policies(permit.decision)
    if not together:
        return Followed(index=index, what="permit", missing="its decision is not shown")
    try:
        for each in dict.fromkeys((*permit.stated_by, *together)):
            policy = source.policy(each.sha256, each.name).policy
            check_granted(permit, policy, f"step 9, permit at entry {index}")
    except TrustError:
        raise
    except ScalegateError as cause:
        return Followed(index=index, what="permit", missing=f"{cause!s:.200}")
    return Followed(index=index, what="permit", is_same=True)


def _followed(index: int, stated: Statement, source: Source, build: str) -> Followed:
    try:
        anew = _anew(stated, source)
    except TrustError:  # kept evidence was altered: tampering is no gap
        raise
    except NotGiven as cause:
        return Followed(index=index, missing=str(cause))
    except ScalegateError as cause:
        return Followed(index=index, missing=f"it cannot be decided here: {cause!s:.200}")
    if anew.subjects != stated.subjects:  # digests are those asked for, so it is a name
        names = [", ".join(subject.name for subject in each.subjects) for each in (stated, anew)]
        raise Refused(
            "decision does not follow: another subject", where=f"step 9, decision at entry {index}",
            expected=f"{names[0]:.200}", got=f"{names[1]:.200}",
        )  # fmt: skip
    engine = f"{stated.predicate.get('engine')!s:.40}"
    other = "" if engine == __version__ else engine
    if not other and stated.predicate.get(BUILD, "") != build:
        other = f"{engine}, another build"
    for field in (*COMPARED, *LISTED) if other else anew.predicate:
        _same(field, anew, stated, index)
    rest = {name: each for name, each in stated.predicate.items() if name in anew.predicate}
    apart = {"engine": "", BUILD: ""}
    is_same = {**anew.predicate, **apart} == {**rest, **apart}
    return Followed(index=index, engine=other, is_same=is_same)


def _same(field: str, anew: Statement, stated: Statement, index: int) -> None:
    got = anew.predicate[field]
    expected = stated.predicate.get(field, [] if field in LISTED else None)
    if got != expected:
        raise Refused(
            f"decision does not follow: another `{field}` for gate"
            f" `{anew.predicate['gate']}` under {anew.predicate['framework']}",
            where=f"step 9, decision at entry {index}",
            expected=f"{expected!s:.200}", got=f"{got!s:.200}, by engine {__version__}",
        )  # fmt: skip


def asked_by(said: Mapping[str, Any]) -> Asked:
    """Return the question that a decision answers.

    Only the statement's own words are forgiven; a fault of the engine is one, and is not taken for
    a decision that could not be recomputed.

    Raises:
        FormatError: no decision of this version answers it.
    """
    fields = ("asOf", "decidedAt", "framework", "gate", "ask")
    if any(not isinstance(said.get(name), str) for name in fields):
        raise FormatError("not the question of a decision", expected=", ".join(fields))
    try:
        return Asked(
            at=parse_instant(said["asOf"], path="asOf"),
            decided_at=parse_instant(said["decidedAt"], path="decidedAt"),
            framework=said["framework"],
            gate=Gate(said["gate"]),
            ask=Ask(said["ask"]),
            is_proved=_is_proved(said),
        )
    except ValueError as cause:
        raise FormatError("not the question of a decision", got=f"{cause!s:.120}") from cause


def _is_proved(said: Mapping[str, Any]) -> bool:
    if "bounds" not in said:
        return False
    if said["bounds"] != PROVED:
        raise FormatError("not the question of a decision", path="bounds", expected=f"`{PROVED}`")
    return True


def prepared_for(stated: Statement, source: Source) -> tuple[Prepared, Asked]:
    """Return what a decision was computed from, ready to be decided anew.

    Raises:
        NotGiven: what it names is not at hand.
        FormatError: no decision of this version, or this version cannot read what it names.
        TrustError: what it names was altered.
    """
    asked = asked_by(stated.predicate)
    if len(stated.subjects) != 2:
        raise NotGiven("it names other things than a decision of ours")
    evidence, policy = (each.sha256 for each in stated.subjects)
    bundle = source.evidence(evidence, asked, stated)
    loaded = source.policy(policy, asked.framework)
    instants = Instants(true_at=asked.at, known_at=asked.at)
    inputs = (inputs_from(loaded, bundle, instants, is_proved=asked.is_proved),)
    return Prepared(instants=instants, inputs=inputs, bundle=bundle), asked


def _anew(stated: Statement, source: Source) -> Statement:
    said = stated.predicate
    prepared, asked = prepared_for(stated, source)
    (decided,) = decide_all(prepared, stated.subjects[0].name, (asked.gate,), ask=asked.ask)
    (decision,) = decided.decisions
    anew = decision_statement(
        decision,
        decided_at=asked.decided_at,
        seen=Seen(size=0, root=b""),
    )
    # What only the signer can say; and the tables, which `Source` gave by the digest that is named.
    own = {name: said.get(name) for name in OWN}
    return Statement(
        predicate_type=anew.predicate_type,
        subjects=anew.subjects,
        predicate={**anew.predicate, **own},
    )
