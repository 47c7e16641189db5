"""Measure a full decision with its why-tree: `python -m benchmarks.gate.decision`.

The promise: under 5 ms. Measured is `gate.decide` on what is known of one deployment (with the
search for the instant at which the answer turns by itself), at the busiest gate of each published
framework and of the generated policy of 200 commitments. What is known is drawn anew each time.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from benchmarks.gate import world
from scalegate.base.canonical import digest_of
from scalegate.base.instants import parse_instant
from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.parse import parse_document
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Level, SafeguardState

PROMISE_SECONDS = 0.005
DECISIONS = 60
SUBJECT = "deployment:bench"
AT = parse_instant("2025-06-01")


Draw = Callable[[random.Random], Situation]


def main() -> int:
    """Measure, print; return 1 where a median is over the promise."""
    table, worst = measured()
    print(table)
    return int(worst > PROMISE_SECONDS)


def measured() -> tuple[str, float]:
    """Return the table, and the worst median that the promise is about, in seconds."""
    lines = [
        "| policy | situations | rows at the gate | nodes of the tree | median | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    medians = []
    for policy, name, draw in _worlds():
        line, median = _measure(policy, name, draw)
        lines.append(line)
        medians.append(median)
    # The last world is there to show the growth: half of 200 rows fire at once.
    return "\n".join(lines), max(medians[:-1])


def _measure(policy: Policy, name: str, draw: Draw) -> tuple[str, float]:
    program = compile_policy(policy)
    gate, ask = max(program.rows, key=lambda at: len(program.rows[at]))
    known = _known(policy, AT)
    seed = random.Random(3)
    times, nodes = [], []
    for _ in range(DECISIONS):
        drawn = replace(known, situation=draw(seed))
        start = time.process_time()
        decision = decide(drawn, gate, ask)
        times.append(time.process_time() - start)
        nodes.append(_count(decision.why))
    median = statistics.median(times)
    late = sorted(times)[int(0.95 * len(times))]
    line = (
        f"| {policy.name} | {name} | {len(program.rows[gate, ask])}"
        f" | {statistics.median(nodes):.0f} | {median * 1e3:.1f} ms | {late * 1e3:.1f} ms |"
    )
    return line, median


def _worlds() -> Iterator[tuple[Policy, str, Draw]]:
    """Yield policies with a name of the situations and a way to draw them."""
    for path in sorted((world.ROOT / "src" / "scalegate" / "frameworks").glob("*.yaml")):
        policy = parse_policy(path.read_text(encoding="utf-8"), file=path.name)
        yield policy, "drawn evenly", partial(_situation, policy)
    generated = world.policy_of(world.rows(random.Random(7)))
    yield generated, "as above", world.situation
    yield generated, "drawn evenly", partial(_situation, generated)


def _known(policy: Policy, at: datetime) -> Assessment:
    checkpoint = {"id": "checkpoint:bench", "role": "shipped", "refuses": True}
    edge = {"kind": "checkpoint_of", "start": "checkpoint:bench", "to": "model:bench"}
    payloads = {
        "model": (
            "model:bench",
            {
                "series": "series:bench",
                "lab": "lab:bench",
                "checkpoints": [checkpoint],
                "edges": [edge],
                "is_root": True,
            },
        ),
        "deployment": (
            SUBJECT,
            {
                "checkpoint": "checkpoint:bench",
                "surfaces": [{"name": "api", "kind": "api"}],
                "audience": "everyone",
                "gates": ["external_general"],
            },
        ),
    }
    records = [
        parse_document(
            json.dumps(
                {
                    "schema": f"scalegate/{kind}@1",
                    "id": f"{kind}-bench",
                    "subject": subject,
                    "true_from": "2025-01-01",
                    "known_from": "2025-01-01",
                    "source": {"document": "Generated", "section": "1", "mark": "primary"},
                    "payload": payload,
                }
            )
        )
        for kind, (subject, payload) in payloads.items()
    ]
    inputs = inputs_of(
        compile_policy(policy), bundle_of(records, {}), policy_digest=digest_of(policy.to_plain())
    )
    return assess(at_instant(inputs, at, at), SUBJECT, at)


def _situation(policy: Policy, draw: random.Random) -> Situation:
    levels, states = list(Level), list(SafeguardState)
    return Situation(
        statuses={item.id: Status(level=draw.choice(levels)) for item in policy.thresholds},
        safeguards={item.id: draw.choice(states) for item in policy.safeguards},
        acts={item.id: draw.random() < 0.5 for item in policy.questions},
        substitutes={item.id: draw.random() < 0.5 for item in policy.substitutes},
    )


def _count(why: object) -> int:
    return 1 + sum(_count(part) for part in getattr(why, "children", ()))


if __name__ == "__main__":
    sys.exit(main())
