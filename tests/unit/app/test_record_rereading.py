"""A table of samples is that of its log, or the difference is named by its sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scalegate.app.record.material import Material, Part, table_list
from scalegate.app.record.rereading import compare_tables
from scalegate.base.canonical import sha256_hex
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.sample_table import table_bytes
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Predicate, Statement, Subject
from tests.strategies import lab

DIGEST = "e" * 64
LOG = replace(
    lab.eval_log([lab.Run(item=f"q{at}", score=float(at % 2)) for at in range(5)]),
    digest_sha256=DIGEST,
)


def carried(table: bytes) -> tuple[Material, Statement]:
    listed = table_list({DIGEST: table})
    content = {sha256_hex(table): table, sha256_hex(listed): listed}
    parts = {sha256_hex(table): Part.TABLE, sha256_hex(listed): Part.LIST}
    stated = Statement(
        predicate_type=Predicate.GATE_DECISION.uri,
        subjects=(Subject(name="it", sha256="a" * 64), Subject(name="p", sha256="b" * 64)),
        predicate={"tables": sha256_hex(listed)},
    )
    return Material(parts, content), stated


def compared(said: EvalLog | bytes, own: EvalLog | None = LOG) -> Any:
    material, stated = carried(said if isinstance(said, bytes) else table_bytes(said))
    (seen,) = compare_tables(material, [stated], lambda _, __: own)
    return seen


def with_samples(**changes: Any) -> EvalLog:
    return replace(LOG, samples=replace(LOG.samples, **changes))


def scored(at: int, value: float) -> EvalLog:
    (column,) = LOG.samples.scores
    values = (*column.values[:at], value, *column.values[at + 1 :])
    return with_samples(scores=(replace(column, values=values),))


def test_the_same_table_is_the_logs_own() -> None:
    seen = compared(LOG)
    assert (seen.missing, seen.samples, seen.is_other_version) == ("", 5, False)
    assert compared(LOG, None).missing == "the log is not at hand"


def test_another_version_may_write_it_otherwise_and_say_the_same() -> None:
    content = table_bytes(LOG).replace(b'"epochs"', b'"later":[1],"epochs"', 1)
    assert compared(content).is_other_version


@pytest.mark.parametrize(
    ("said", "place", "got"),
    [
        (scored(3, 0.5), "sample `q3`, epoch 1, match.values", "`0.5`"),
        (with_samples(ids=("q0", "q1", "x", "q3", "q4")), "sample `q2`, epoch 1", "no such sample"),
        (with_samples(ids=("q0", "q1", "q1", "q3", "q4")), "sample `q2`", "no such sample"),
        (with_samples(ids=("q1", "q0", "q2", "q3", "q4")), "sample `q0`", "`1.0`"),
        (with_samples(errors=("", "", "", "", "x")), "sample `q4`, epoch 1, errors", "`x`"),
        (replace(LOG, header=replace(LOG.header, task="other")), "header, task", "`other`"),
        (replace(LOG, byte_size=LOG.byte_size + 1), "byte_size", ""),
    ],
)
def test_a_difference_is_named(said: EvalLog, place: str, got: str) -> None:
    with pytest.raises(Refused, match="not that of its log") as caught:
        compared(said)
    assert place in str(caught.value.where)
    assert got in str(caught.value.got)


def test_many_differences_are_counted() -> None:
    with pytest.raises(Refused, match="more differences"):
        compared(with_samples(retries=(7, 7, 7, 7, 7)))
