"""Measure one evaluation of 200 commitments with its determining clauses, beside `cedarpy`.

    python -m benchmarks.gate            measure, print, fail where ours is over the promise
    python -m benchmarks.gate --write    the same, and write docs/reference/benchmarks-gate.md

Both engines answer the same situations; decision and firing rows must be equal on every one
before anything is timed. Policies, entities and situations are built beforehand for both. Times
are CPU seconds of this process, per request; rounds of both engines alternate.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

from benchmarks.gate import decision, world
from benchmarks.gate.cedar import cedar_for
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import evaluate, evaluate_encoded
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

PAGE = world.ROOT / "docs" / "reference" / "benchmarks-gate.md"
SITUATIONS = 400
ROUNDS = 15
PROMISE = 1 / 5
AT = (Gate.EXTERNAL_GENERAL, Ask.START)

Times = list[float]


def main() -> int:
    """Compare, measure, print; return 1 where the promise is not kept."""
    draw = random.Random(7)
    rows = world.rows(draw)
    situations = [world.situation(draw) for _ in range(SITUATIONS)]
    program = compile_policy(world.policy_of(rows))
    cedar = cedar_for(rows, situations)
    held = 0
    for number, situation in enumerate(situations):
        outcome = evaluate(program, situation, *AT)
        holds = outcome.level is EffectLevel.HOLD
        firing = frozenset(outcome.determining) if holds else frozenset()
        assert cedar.firing(number) == (not holds, firing), f"situation {number}"
        held += holds
    encoded = [program.encode(situation) for situation in situations]
    runs: dict[str, Callable[[int], object]] = {
        "ours, encode and evaluate": lambda number: evaluate(program, situations[number], *AT),
        "ours, evaluate what is encoded": lambda number: evaluate_encoded(
            program, encoded[number], *AT
        ),
        "cedarpy, parsed policies and entities reused": cedar.ask,
    }
    times = _measure(runs)
    table = _table(times, held)
    print(table)
    if "--write" in sys.argv:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(_page(table), encoding="utf-8")
    ours, _, peer = (statistics.median(found) for found in times.values())
    print()
    # Whole decisions are measured apart; with `--write` they go below this table.
    return max(int(ours > PROMISE * peer), decision.main())


def _measure(runs: dict[str, Callable[[int], object]]) -> dict[str, Times]:
    times: dict[str, Times] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.process_time()
            for number in range(SITUATIONS):
                run(number)
            times[name].append((time.process_time() - start) / SITUATIONS)
    return times


def _table(times: dict[str, Times], held: int) -> str:
    peer = statistics.median(list(times.values())[-1])
    lines = [
        f"{world.ROWS} commitments, {SITUATIONS} situations ({held} held); all decisions equal.",
        "",
        "| engine | least | median | of cedarpy's median |",
        "|---|---|---|---|",
    ]
    for name, found in times.items():
        middle = statistics.median(found)
        share = f"1/{peer / middle:.0f}" if middle < peer else "1"
        lines.append(f"| {name} | {min(found) * 1e6:.0f} µs | {middle * 1e6:.0f} µs | {share} |")
    return "\n".join(lines)


def _page(table: str) -> str:
    interpreter = ".".join(str(part) for part in sys.version_info[:3])
    return (
        "# Benchmark: one decision of the policy function\n\n"
        "Written by `python -m benchmarks.gate --write`. The promise: at most one fifth of"
        f" `cedarpy` ({version('cedarpy')}) with policies and entities parsed once and reused."
        f" CPU time per request, Python {interpreter}.\n\n{table}\n\n"
        "Each evaluation returns the effect, the rows that determine it, limits and obligations."
        " Cedar returns allow or deny with the ids of the policies that fired. Only situations"
        " without unknowns can be compared: where an attribute is missing, Cedar skips the rule"
        " that names it, and a gate written so would open; here unknown is the worst value.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
