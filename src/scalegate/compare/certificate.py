"""A certificate of a comparison, and its check, which searches nothing.

A certificate names both policies by digest, every question, and per question every minimal hold
point of either policy with the other policy's answer: the commitment that reaches the cut there
too, or none. Questions with the same rows share one table.

`verify` trusts nothing of that. With the evaluator alone it checks:

1. The digests are those of the two policies and of the bridge, and the questions are all there are.
2. At each listed point its policy reaches the cut; with any one value a step better it does not.
3. Where a commitment of the other policy is named, that commitment alone reaches the cut; where
   none is named, the other policy does not.
4. No hold point is missing: every box in which a policy reaches the cut (`frontier.BoxWriter`)
   has each of its mildest corners at or above a listed point.

From 2 and 4 it follows that the list is exactly the minimal hold points, so an item that was
removed or added is refused.

5. Where the certificate holds a solver's proof that no loosened (or tightened) situation is
   missing, each step of it follows from the policies and the list by unit propagation (`proof`).

A question that a solver answered has the solver's list with such proofs instead (`solved_table`).

Does not check: sentences, elements, and how far an item reaches; they are no part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ValidationError

from scalegate.base.canonical import digest_of
from scalegate.base.errors import DigestMismatch, FormatError, TrustError
from scalegate.compare import solved_table
from scalegate.compare.bridge import Bridge
from scalegate.compare.crossing import crossing_of, programs_of
from scalegate.compare.hold_table import HoldTableCheck, Known, Table, proved, written
from scalegate.compare.model import Engine
from scalegate.compare.pair import Pair, Question
from scalegate.compare.solved_table import SolvedTable
from scalegate.compare.solver import BY_POINTS, Means, SolverKit
from scalegate.policy.compile import Program
from scalegate.policy.document import Part
from scalegate.policy.vocabulary import EffectLevel

SCHEMA = "scalegate/diff-certificate@1"


class Asked(Part):
    """One question with the table that answers it."""

    gate: str
    ask: str
    strength: str
    cut: str
    table: int
    """Place of the table; -1 where there is none."""
    solved: int = -1
    """Place of the table of a solver, where it answered. Where there is neither, the question was
    too large to answer."""


class Certificate(Part):
    """What a reader needs to check a comparison without searching."""

    schema_: Literal["scalegate/diff-certificate@1"] = "scalegate/diff-certificate@1"
    """The format and its version."""
    old: str
    """Name of the older policy."""
    new: str
    """Name of the newer policy."""
    old_digest: str
    """Digest of its canonical form."""
    new_digest: str
    """Digest of its canonical form."""
    bridge: str = ""
    """Name of the bridge between them; empty where parts were matched by id."""
    bridge_digest: str = ""
    """Digest of its canonical form, as the comparison used it."""
    questions: tuple[Asked, ...]
    """Every question."""
    tables: tuple[Table, ...]
    """The answers."""
    solved: tuple[SolvedTable, ...] = ()
    """The answers of a solver."""
    rivals: tuple[Certificate, ...] = ()
    """The same under each rival of the bridge, in their order."""

    def to_mapping(self) -> dict[str, Any]:
        """Return the certificate as plain data."""
        return self.model_dump(mode="json")

    @classmethod
    def from_mapping(cls, plain: object) -> Certificate:
        """Read a certificate from plain data.

        Raises:
            FormatError: it has not the shape of one.

        Does not check: anything it says; `verify` does.
        """
        try:
            return cls.model_validate(plain)
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(map(str, first["loc"]))
            raise FormatError(
                "not a certificate of a comparison", path=path, expected=f"`{SCHEMA}`"
            ) from error


def certify(
    old: Program,
    new: Program,
    bridge: Bridge | None = None,
    kit: SolverKit | None = None,
    *,
    means: Means = BY_POINTS,
) -> Certificate:
    """Return the certificate of a comparison, under a bridge where there is one.

    Args:
        old: the older policy.
        new: the newer policy.
        bridge: which of their parts are the same.
        kit: a solver, where its proofs are wanted beside hold points too.
        means: with what it was searched.

    Raises:
        TrustError: the solver finds a situation that the list lacks.
        SolverStopped: the solver reached its limit.
    """
    crossing = crossing_of(old.policy, new.policy, bridge)
    pair = Pair.of(*programs_of(crossing, old, new), means=means)
    rivals = [bridge.under(rival) for rival in bridge.rivals] if bridge is not None else []
    writer = _Writer(pair, kit)
    questions = tuple(writer.asked(question) for question in pair.questions())
    return Certificate(
        old=old.policy.name,
        new=new.policy.name,
        old_digest=digest_of(old.policy.to_plain()),
        new_digest=digest_of(new.policy.to_plain()),
        bridge=bridge.name if bridge is not None else "",
        bridge_digest=bridge.digest if bridge is not None else "",
        questions=questions,
        tables=tuple(writer.tables),
        solved=tuple(writer.solved),
        rivals=tuple(certify(old, new, rival, kit, means=means) for rival in rivals),
    )


class _Writer:
    """Writes the answers of a pair, each once."""

    def __init__(self, pair: Pair, kit: SolverKit | None) -> None:
        self.pair = pair
        self.kit = kit
        self.tables: list[Table] = []
        self.solved: list[SolvedTable] = []
        self._places: dict[int, int] = {}

    def asked(self, question: Question) -> Asked:
        """Return a question with the place of its answer."""
        means = self.pair.means
        if means.engine is not Engine.SAT or question.cut is EffectLevel.ALLOW:
            place = self._table(question)
            if place >= 0 or means.kit is None:
                return _asked(question, place)
        place = self._solved(question)
        return _asked(question, -1 if place >= 0 else self._table(question), place)

    def _table(self, question: Question) -> int:
        answer = self.pair.searched(question, is_whole=True)
        if answer.order is None:
            return -1
        if answer.number not in self._places:
            self._places[answer.number] = len(self.tables)
            table, asked = written(answer, answer.order), (self.pair, question)
            self.tables.append(
                table if self.kit is None else proved(table, asked, answer, self.kit)
            )
        return self._places[answer.number]

    def _solved(self, question: Question) -> int:
        answer, kit = self.pair.searched(question), self.pair.means.kit
        if answer.order is None or answer.engine is not Engine.SAT or kit is None:
            return -1
        if answer.number not in self._places:
            self._places[answer.number] = len(self.solved)
            self.solved.append(solved_table.written(self.pair, question, answer, kit))
        return self._places[answer.number]


def verify(
    certificate: Certificate, old: Program, new: Program, bridge: Bridge | None = None
) -> Certificate:
    """Return the certificate if it holds for these two policies and this bridge.

    Raises:
        DigestMismatch: it is about another policy or another bridge.
        TrustError: an item is wrong, missing, or too many.
    """
    _same_documents(certificate, (old, new), bridge)
    rivals = [bridge.under(rival) for rival in bridge.rivals] if bridge is not None else []
    if len(rivals) != len(certificate.rivals):
        raise TrustError("the certificate does not answer exactly the rivals of the bridge")
    for held, rival in zip(certificate.rivals, rivals, strict=True):
        verify(held, old, new, rival)
    crossing = crossing_of(old.policy, new.policy, bridge)
    pair = Pair.of(*programs_of(crossing, old, new))
    listed = list(pair.questions())
    _same_questions(certificate, listed)
    checked: set[object] = set()
    known = Known(pair)
    for question, item in zip(listed, certificate.questions, strict=True):
        key = (item.table, item.solved, pair.key(question))
        if key in checked:
            continue
        checked.add(key)
        if item.solved < 0 or item.table >= 0:
            HoldTableCheck(pair, question, known).table(certificate.tables, item.table)
        if item.solved >= 0:
            solved_table.check(pair, question, certificate.solved[item.solved])
    return certificate


def _same_questions(certificate: Certificate, listed: Sequence[Question]) -> None:
    asked = [_asked(question, -1) for question in listed]
    blank = {"table": -1, "solved": -1}
    if asked != [item.model_copy(update=blank) for item in certificate.questions]:
        raise TrustError("the certificate does not answer exactly the questions there are")
    for named, tables in (
        ({item.table for item in certificate.questions}, certificate.tables),
        ({item.solved for item in certificate.questions}, certificate.solved),
    ):
        if named - {-1} != set(range(len(tables))):
            raise TrustError("the certificate has a table that answers no question, or lacks one")


def _same_documents(
    certificate: Certificate, programs: tuple[Program, Program], bridge: Bridge | None
) -> None:
    digests = (certificate.old_digest, certificate.new_digest)
    for program, digest in zip(programs, digests, strict=True):
        if (found := digest_of(program.policy.to_plain())) != digest:
            raise DigestMismatch(f"policy `{program.policy.name}`", expected=digest, got=found)
    given = bridge.digest if bridge is not None else ""
    if given != certificate.bridge_digest:
        named = certificate.bridge or "none"
        raise DigestMismatch(
            f"bridge `{named}`",
            expected=certificate.bridge_digest or "none",
            got=given or "none",
        )


def _asked(question: Question, table: int, solved: int = -1) -> Asked:
    return Asked(
        gate=question.at[0].value,
        ask=question.at[1].value,
        strength=question.strength.value,
        cut=question.cut.word,
        table=table,
        solved=solved,
    )
