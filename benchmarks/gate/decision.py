"""Measure a whole decision with its why-tree: on a published case, and on 200 commitments.

    python -m benchmarks.gate.decision           measure, print, fail where over the promise
    python -m benchmarks.gate.decision --write   the same, and write its section of the page

A decision is everything that `gate.decide` returns from an assessment: effect, readings, orders,
obligations, advice, unarmed clauses, the head of the adverse register, and the tree down to lines,
evidence and citations. The assessment, which holds the estimates, is measured apart: it is made
once per subject and instant. CPU time of this process.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.gate import world
from scalegate.adapters.documents import read_case
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.parse import parse_document
from scalegate.gate.assess import assess, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Why
from scalegate.policy.compile import compile_policy
from scalegate.policy.parse import parse_indicator_set, parse_policy, with_indicators
from scalegate.policy.vocabulary import Gate

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "benchmarks-gate.md"
HEADING = "## A whole decision with its why-tree"
PROMISE = 5e-3
REPEATS = 60
SITUATIONS = 60
AT = datetime(2026, 1, 1, tzinfo=UTC)

Times = list[float]


def main() -> int:
    """Measure, print; return 1 where the promise is not kept."""
    card, assessing = _opus()
    generated = _generated()
    rows = {
        "Claude Opus 4, RSP 2.2, `external_general`": (
            _measured(lambda _: decide(card, Gate.EXTERNAL_GENERAL), REPEATS),
            _size(decide(card, Gate.EXTERNAL_GENERAL).why),
        ),
        f"{world.ROWS} commitments, {SITUATIONS} situations": (
            _measured(lambda number: decide(generated[number], Gate.EXTERNAL_GENERAL), SITUATIONS),
            max(_size(decide(each, Gate.EXTERNAL_GENERAL).why) for each in generated),
        ),
    }
    table = _table(rows, assessing)
    print(table)
    if "--write" in sys.argv:
        _write(table)
    return int(any(statistics.median(times) > PROMISE for times, _ in rows.values()))


def _opus() -> tuple[Assessment, tuple[float, float]]:
    """Return the assessment of the published case, and the first and a later time it took."""
    case = read_case(ROOT / "examples" / "opus-4")
    path = ROOT / "src" / "scalegate" / "frameworks" / "anthropic-rsp@2.2.yaml"
    policy = parse_policy(path.read_text(encoding="utf-8"))
    sets = [parse_indicator_set(text, policy) for text in case.indicators.values()]
    bundle: Bundle[EvalLog] = bundle_of(case.records, {})
    inputs = inputs_of(
        compile_policy(with_indicators(policy, sets)),
        bundle.as_of(case.file.as_of, case.file.known_at or case.file.as_of),
        policy_digest="0" * 64,
        indicator_sets=[each.id for each in sets],
    )
    subject = case.file.gates[0].of or case.file.subject

    def once() -> float:
        start = time.process_time()
        assess(inputs, subject, case.file.as_of)
        return time.process_time() - start

    first = once()
    later = statistics.median(once() for _ in range(10))
    return assess(inputs, subject, case.file.as_of), (first, later)


def _generated() -> list[Assessment]:
    """Return assessments of the generated policy, each in a random situation."""
    draw = random.Random(7)
    program = compile_policy(world.policy_of(world.rows(draw)))
    plain = {
        "schema": "scalegate/model@1",
        "id": "m",
        "subject": "model:m",
        "true_from": "2025-01-01",
        "known_from": "2025-01-01",
        "source": {"document": "Generated", "mark": "synthetic"},
        "payload": {"series": "series:s"},
    }
    inputs = inputs_of(
        program, bundle_of([parse_document(json.dumps(plain))], {}), policy_digest="0" * 64
    )
    known = assess(inputs, "model:m", AT)
    return [replace(known, situation=world.situation(draw)) for _ in range(SITUATIONS)]


def _measured(run: Callable[[int], object], count: int) -> Times:
    times: Times = []
    for _ in range(3):
        for number in range(count):
            start = time.process_time()
            run(number)
            times.append(time.process_time() - start)
    return times


def _size(why: Why) -> int:
    return 1 + sum(_size(child) for child in why.children)


def _table(rows: dict[str, tuple[Times, int]], assessing: tuple[float, float]) -> str:
    lines = ["| decision | nodes of the tree | median | p95 |", "|---|---|---|---|"]
    for name, (times, nodes) in rows.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        middle = statistics.median(times)
        lines.append(f"| {name} | {nodes} | {middle * 1e3:.2f} ms | {p95 * 1e3:.2f} ms |")
    first, later = (1e3 * each for each in assessing)
    apart = (
        f"The assessment of the published case, estimates included: {first:.0f} ms the first time"
        f" in a process (SciPy is imported then), {later:.1f} ms after that."
    )
    return "\n".join([*lines, "", apart])


def _write(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = page.partition(HEADING)[0].rstrip()
    section = (
        f"{HEADING}\n\nWritten by `python -m benchmarks.gate.decision --write`. The promise: a"
        " median under 5 ms. CPU time of one process.\n\n"
    )
    PAGE.write_text(f"{kept}\n\n{section}{table}\n".lstrip(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
