"""Spoiled logs are read or refused, never half read, and never crash the reader.

The short run here belongs to every test run. The long run takes the seconds that
`SCALEGATE_FUZZ_SECONDS` names (`make fuzz SECONDS=60`); a failure names its seed, and
`test_a_spoiled_log_is_read_or_refused` with that seed shows it again.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Sized
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalegate.adapters.inspect_log import ReadLimits, read_header, read_log, read_scores
from scalegate.base.errors import FormatError
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.validity import cautious_units, check_log
from tests.fuzz.mutations import mutant

LIMITS = ReadLimits(member_bytes=8 << 20, total_bytes=64 << 20, json_bytes=8 << 20)


def read_or_refuse(seed: int, folder: Path) -> bool:
    """Read one mutant in every way; return whether it was read."""
    path = folder / "mutant.eval"
    path.write_bytes(mutant(random.Random(seed), folder))
    for cheap in (read_header, read_scores):
        try:
            cheap(path, limits=LIMITS)
        except FormatError as fault:
            assert_fault(fault)
    try:
        log = read_log(path, limits=LIMITS, metadata_keys=("label_confidence",))
    except FormatError as fault:
        assert_fault(fault)
        return False
    assert_whole(log)
    return True


def assert_fault(fault: FormatError) -> None:
    """A fault names the file, what was expected and what was found, in harmless text."""
    assert fault.file == "mutant.eval"
    assert fault.what
    assert fault.expected
    assert fault.got
    assert str(fault).isprintable(), str(fault)


def assert_whole(log: EvalLog) -> None:
    """What was read is complete and finite, and can be checked and bounded."""
    table = log.samples
    rows = len(table)
    columns: list[Sized] = [
        table.epochs,
        table.uuids,
        table.errors,
        table.limits,
        table.stop_reasons,
        table.refused,
        table.output_models,
        table.fallbacks,
        table.invalidated,
        table.retries,
        table.total_seconds,
        table.tokens_in,
        table.metadata[0].values,
    ]
    assert all(len(column) == rows for column in columns)
    for column in table.scores:
        assert len(column.values) == len(column.unscored) == len(column.notes) == rows
        assert all(math.isfinite(value) for value in column.values)
    for name in table.score_names[:3] or ("none",):
        check_log(log, scorer=name)
        if (log.header.planned_total or 0) < 100_000:
            units = cautious_units(log, name)
            assert all(low <= high for low, high in zip(units.low, units.high, strict=True))


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_spoiled_log_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    read_or_refuse(seed, tmp_path_factory.getbasetemp())


def test_the_mutants_reach_both_ends(tmp_path: Path) -> None:
    read = sum(read_or_refuse(seed, tmp_path) for seed in range(120))
    assert 20 < read < 100, "mutants that are all refused, or all read, test little"


@pytest.mark.slow
def test_spoiled_logs_are_read_or_refused_for_as_long_as_asked(tmp_path: Path) -> None:
    seconds = float(os.environ.get("SCALEGATE_FUZZ_SECONDS", "60"))
    end = time.monotonic() + seconds
    seed = time.monotonic_ns()
    while time.monotonic() < end:
        seed += 1
        try:
            read_or_refuse(seed, tmp_path)
        except Exception as cause:
            raise AssertionError(f"mutant with seed {seed}") from cause
