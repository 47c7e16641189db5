"""One exit code per call, the first that applies of 2, 1, 12, 10, 11, 13, 15, 0."""

from __future__ import annotations

import errno
import io
from datetime import UTC, datetime
from itertools import chain, combinations, permutations

import pytest

from scalegate.app.deciding import exit_code
from scalegate.base.errors import (
    DigestMismatch,
    DocumentFaults,
    FormatError,
    OutsideError,
    ScalegateError,
    TrustError,
    UnknownName,
    UsageError,
)
from scalegate.cli.faults import code_of_fault
from scalegate.cli.main import main
from scalegate.gate.model import Decision, OrderInForce, Why
from scalegate.policy.evaluate import Outcome
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

PRECEDENCE = (2, 1, 12, 10, 11, 13, 15, 0)


def decision(
    level: EffectLevel,
    *,
    governed: bool = True,
    inconclusive: bool = False,
    on_reading: bool = False,
    before: tuple[str, ...] = (),
    orders: tuple[OrderInForce, ...] = (),
) -> Decision:
    outcome = Outcome(
        gate=Gate.INTERNAL,
        ask=Ask.START,
        governed=governed and not orders,
        level=level,
        limits={},
        obligations=before,
        before=before,
        determining=(),
        softened_by=(),
    )
    return Decision(
        framework="lab@1",
        policy_digest="0" * 64,
        subject="model:m",
        gate=Gate.INTERNAL,
        ask=Ask.START,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        governed=governed,
        level=level,
        limits={},
        obligations=before,
        before=before,
        inconclusive=inconclusive,
        outcome=outcome,
        why=Why(text="t", holds=None),
        depends_on_reading=on_reading,
        orders=orders,
    )


OPEN = decision(EffectLevel.ALLOW)
OPEN_WITH = decision(EffectLevel.ALLOW_WITH)
NOT_YET = decision(EffectLevel.ALLOW_WITH, before=("a notice",))
RESTRICTED = decision(EffectLevel.RESTRICT)
HELD = decision(EffectLevel.HOLD)
WITHDRAWN = decision(EffectLevel.WITHDRAW)
UNKNOWN = decision(EffectLevel.HOLD, inconclusive=True)
UNKNOWN_RESTRICT = decision(EffectLevel.RESTRICT, inconclusive=True)
ON_READING = decision(EffectLevel.HOLD, on_reading=True)
ON_READING_UNKNOWN = decision(EffectLevel.HOLD, on_reading=True, inconclusive=True)
UNGOVERNED = decision(EffectLevel.ALLOW, governed=False)

SINGLE = {
    "open": (OPEN, 0),
    "open with obligations": (OPEN_WITH, 0),
    "something owed beforehand": (NOT_YET, 10),
    "restricted": (RESTRICTED, 10),
    "held": (HELD, 10),
    "withdrawn": (WITHDRAWN, 10),
    "held for want of evidence": (UNKNOWN, 11),
    "restricted for want of evidence": (UNKNOWN_RESTRICT, 11),
    "held under one reading only": (ON_READING, 13),
    "inconclusive under one reading only": (ON_READING_UNKNOWN, 13),
    "not governed": (UNGOVERNED, 15),
}


@pytest.mark.parametrize("name", SINGLE)
def test_each_kind_of_answer_has_its_code(name: str) -> None:
    one, code = SINGLE[name]
    assert exit_code([one]) == code
    assert exit_code([one, one]) == code


def test_every_combination_of_answers_gives_the_first_code_that_applies() -> None:
    """All subsets of up to four kinds, in every order of up to three."""
    kinds = list(SINGLE.values())
    sizes = (combinations(kinds, size) for size in range(1, 5))
    for chosen in chain.from_iterable(sizes):
        expected = next(code for code in PRECEDENCE if code in {code for _, code in chosen})
        orders = permutations(chosen) if len(chosen) <= 3 else [chosen]
        for order in orders:
            assert exit_code(one for one, _ in order) == expected


def test_all_kinds_at_once_are_a_known_hold() -> None:
    assert exit_code(one for one, _ in SINGLE.values()) == 10


def test_nothing_evaluated_is_never_zero() -> None:
    assert exit_code([]) not in (0, 13)


def test_opening_more_gates_never_hides_a_hold() -> None:
    for one, code in SINGLE.values():
        assert exit_code([OPEN, OPEN_WITH, one, OPEN]) == code


def test_an_order_at_a_gate_that_depends_on_a_reading_holds_under_every_reading() -> None:
    order = OrderInForce(
        id="o",
        authority="court",
        kind="court",
        level=EffectLevel.HOLD,
        limits={},
        statement="stop",
        review_on=None,
    )
    held = decision(EffectLevel.HOLD, on_reading=True, orders=(order,))
    assert exit_code([held]) == 10


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (FormatError("bad"), 2),
        (DocumentFaults([FormatError("bad"), FormatError("worse")]), 2),
        (UsageError("no"), 2),
        (UnknownName("gate", "x", known=["y"]), 2),
        (OutsideError("disk"), 1),
        (RuntimeError("ours"), 1),
        (TrustError("altered"), 12),
        (DigestMismatch("file", expected="a", got="b"), 12),
    ],
)
def test_each_error_has_its_code_with_and_without_json(
    fault: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of_fault(fault, is_json=False) == code
    assert capsys.readouterr().out == ""
    assert code_of_fault(fault, is_json=True) == code
    assert f'"exit_code": {code}' in capsys.readouterr().out


def test_no_error_of_ours_can_pass_for_an_open_gate() -> None:
    def below(kind: type[ScalegateError]) -> list[type[ScalegateError]]:
        return [kind, *chain.from_iterable(below(each) for each in kind.__subclasses__())]

    assert all(kind.exit_code in (1, 2, 12) for kind in below(ScalegateError))


class _Unwritable(io.TextIOWrapper):
    def __init__(self, error: OSError) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device"),
    ],
)
def test_an_answer_that_cannot_be_written_is_no_answer(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", _Unwritable(error))
    assert main(["explain", "SG0101"]) == 1
    assert main(["explain", "nope", "--json"]) == 2
    first, *_ = capsys.readouterr().err.splitlines()
    assert said in first
    assert "fault of this program" not in first
