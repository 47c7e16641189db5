"""Measure comparisons: generated policies beside the solvers, and the published versions.

    python -m benchmarks.diff            measure, print, fail where ours is over a promise
    python -m benchmarks.diff --write    the same, and write docs/reference/benchmarks-diff.md

All engines must find the same situations before a time counts. Times are CPU seconds of this
process, the fastest of `ROUNDS`; rounds of the engines alternate. Ours begins with two compiled
policies, the peers with two lists of rules: writing a question for its solver is part of its time.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from itertools import combinations, pairwise
from pathlib import Path

from benchmarks.diff import peers, world
from scalegate.app.comparing import ComparisonResult, compare_versions
from scalegate.compare.certificate import certify, verify
from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Gap
from scalegate.compare.rivals import under_each
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.space import Region
from scalegate.wiring import policy_source
from tests.strategies.frameworks import CHAINS

ROOT = Path(__file__).parents[2]
PAGE = "docs/reference/benchmarks-diff.md"
SIZES = ((40, 60), (100, 200), (240, 600))
ROUNDS = 3
LARGEST_MS, PAIR_MS, MATRIX_S = 200.0, 100.0, 5.0
"""The promises: 240 facts and 600 rules; one pair of neighbouring versions; all pairs of a lab."""

Found = dict[Change, set[world.Situation]]
Engine = Callable[[peers.Encoded], set[world.Situation]]


def main() -> int:
    """Measure, print; return 1 where a promise is not kept."""
    engines, largest = _engines()
    pairs, slowest, matrix = _versions()
    table = "\n".join([*engines, "", *pairs])
    print(table)
    if "--write" in sys.argv:
        (ROOT / PAGE).write_text(_page(table), encoding="utf-8")
    kept = largest <= LARGEST_MS and slowest <= PAIR_MS and matrix <= MATRIX_S
    print(f"\npromises kept: {'yes' if kept else 'no'}")
    return int(not kept)


def _engines() -> tuple[list[str], float]:
    lines = [
        "| facts | rules | situations | ours | python-sat | clingo | z3 |",
        "|---|---|---|---|---|---|---|",
    ]
    largest = 0.0
    for count, rules in SIZES:
        draw = random.Random(count)
        facts = world.facts_of(count)
        old = world.drawn(draw, facts, rules)
        new = world.revised(draw, old, facts)
        programs = (
            compile_policy(world.policy_of(old, facts, "1")),
            compile_policy(world.policy_of(new, facts, "2")),
        )
        runs: dict[str, Callable[[], Found]] = {"ours": partial(_ours, *programs)}
        for name in ("python_sat", "clingo", "z3"):
            engine: Engine = getattr(peers, f"by_{name}")
            runs[name] = partial(_theirs, engine, facts, old, new)
        ours, *times, found = _timed(runs)
        assert isinstance(found, int)
        largest = float(ours)
        shown = " | ".join(f"{float(each):.0f} ms ({float(each) / largest:.1f}x)" for each in times)
        lines.append(f"| {count} | {rules} | {found} | {largest:.1f} ms | {shown} |")
    return lines, largest


def _timed(runs: dict[str, Callable[[], Found]]) -> tuple[float | int, ...]:
    """Return the fastest time of each, and how many situations all of them find."""
    best = dict.fromkeys(runs, float("inf"))
    answers: dict[str, Found] = {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            started = time.process_time()
            answers[name] = run()
            best[name] = min(best[name], (time.process_time() - started) * 1000)
    first, *others = answers.values()
    assert all(each == first for each in others), "the engines do not agree"
    return (*best.values(), sum(map(len, first.values())))


def _theirs(engine: Engine, facts: dict[str, int], old: world.Rules, new: world.Rules) -> Found:
    return {
        Change.LOOSENED: engine(peers.Encoded(facts, old, new)),
        Change.TIGHTENED: engine(peers.Encoded(facts, new, old)),
    }


def _ours(old: Program, new: Program) -> Found:
    found = diff(old, new)
    (answered,) = {each.answer: each for each in found.comparisons}.values()
    return {
        Change.LOOSENED: {_situation(gap) for gap in answered.loosened},
        Change.TIGHTENED: {_situation(gap) for gap in answered.tightened},
    }


def _situation(gap: Gap) -> world.Situation:
    return frozenset(
        (each.name, min(_badness(each.name, cell) for cell in each.alike))
        for each in gap.deviations
    )


def _badness(name: str, cell: object) -> int:
    """Return how bad a value is; unknown is the worst."""
    if name[0] == "F":
        return 1
    level = 0
    if isinstance(cell, Region):
        level = sum(cell.inside >= each for each in range(1, world.LEVELS + 1))
    elif cell is None:
        level = world.LEVELS if name[0] == "C" else 0
    return level if name[0] == "C" else world.LEVELS - level


def _versions() -> tuple[list[str], float, float]:
    over: list[str] = []
    lines = [
        "| from | to | diff | under every reading | certificate | check of it |",
        "|---|---|---|---|---|---|",
    ]
    slowest = matrix = 0.0
    totals = []
    for chain in CHAINS:
        results = {
            pair: compare_versions(*pair, policy_source()) for pair in combinations(chain, 2)
        }
        whole = sum(_best(result)[0] for result in results.values()) / 1000
        matrix = max(matrix, whole)
        totals.append(
            f"| {chain[0].partition('@')[0]} | {len(chain)} | {len(results)} | {whole:.2f} s |"
        )
        for pair in pairwise(chain):
            alone, every, made, checked = _best(results[pair], is_whole=True)
            slowest = max(slowest, alone)
            over += [f"{pair[0]} to {pair[1]}"] if alone > PAIR_MS else []
            readings = len(results[pair].readings.rivals) + 1
            lines.append(
                f"| {pair[0]} | {pair[1]} | {alone:.0f} ms | {every:.0f} ms ({readings}) |"
                f" {made:.0f} ms | {checked:.0f} ms |"
            )
    head = ["| lab | versions | pairs | all of them |", "|---|---|---|---|"]
    kept = f"Above {PAIR_MS:.0f} ms: {', '.join(over) or 'none'}."
    return [*lines, "", kept, "", *head, *totals], slowest, matrix


def _best(result: ComparisonResult, *, is_whole: bool = False) -> tuple[float, ...]:
    """Return milliseconds: one comparison; all readings; a certificate of one; its check."""
    programs, bridge = (result.old, result.new), result.readings.bridge
    alone = bridge and bridge.model_copy(update={"rivals": ()})
    found = [_fastest(lambda: diff(*programs, bridge))]
    if is_whole:
        held = certify(*programs, alone)
        found += [
            _fastest(lambda: under_each(*programs, bridge)),
            _fastest(lambda: certify(*programs, alone)),
            _fastest(lambda: verify(held, *programs, alone)),
        ]
    return tuple(found)


def _fastest(run: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        run()
        best = min(best, (time.process_time() - started) * 1000)
    return best


def _page(table: str) -> str:
    interpreter = ".".join(str(part) for part in sys.version_info[:3])
    engines = ", ".join(
        f"`{name}` {version(name)}" for name in ("python-sat", "clingo", "z3-solver")
    )
    return _PAGE.format(
        largest=LARGEST_MS,
        pair=PAIR_MS,
        matrix=MATRIX_S,
        rounds=ROUNDS,
        python=interpreter,
        engines=engines,
        table=table,
    )


_PAGE = """\
# Benchmark: comparing two policies

Written by `python -m benchmarks.diff --write` (`make bench`). The promises: 240 facts and 600 rules
in {largest:.0f} ms without a solver, neighbouring versions of a framework in {pair:.0f} ms each
after they are loaded, all pairs of versions of a lab in {matrix:.0f} s. CPU time of one process,
the fastest of {rounds}, Python {python}. Beside ours: {engines}.

{table}

In the first table every engine lists all minimal situations that either policy alone holds, and all
must agree before a time counts; in brackets, how much longer it takes than ours. Ours also says
which commitment each belongs to, which theirs do not. The generated policies use every fact in one
direction. The peers are used as one would without knowing more: python-sat and z3 find a situation,
make it minimal and rule it out until nothing is left; clingo enumerates minimal models.

*Under every reading* is the comparison under the bridge and each of its rivals (in brackets, how
many readings), as `scalegate diff` shows it. The certificate and its check are of the bridge alone;
a rival takes as long again.
"""

if __name__ == "__main__":
    sys.exit(main())
