"""Law 9 of the design: over random worlds, and over a published case in fresh interpreters."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given

from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.parse import parse_document
from scalegate.gate.assess import assess, inputs_of
from scalegate.policy.compile import compile_policy
from tests.laws.gate_worlds import FEWER, assess_in, decisions, text_of
from tests.strategies import lab
from tests.strategies.worlds import World, worlds

ROOT = Path(__file__).parents[2]
PROGRAM = """
import hashlib
from scalegate.gate.decide import decide
from scalegate.policy.vocabulary import Gate
from tests.e2e.published import case_assessment
from tests.laws.gate_worlds import text_of
texts = [text_of(decide(case_assessment("opus-4"), gate)) for gate in Gate]
print(hashlib.sha256("".join(texts).encode()).hexdigest())
"""


class TestSameInputsGiveTheSameBytes:
    """Same inputs (the register's head among them), same bytes: decisions and records are
    reproducible from the bundle.
    """

    @FEWER
    @given(worlds())
    def test_decided_twice(self, world: World) -> None:
        first = [text_of(item) for item in decisions(assess_in(world), turns=True)]
        second = [text_of(item) for item in decisions(assess_in(world), turns=True)]
        assert first == second

    @FEWER
    @given(worlds())
    def test_rebuilt_from_the_written_bundle(self, world: World) -> None:
        written = [_written(record.to_mapping()) for record in world.records]
        bundle = bundle_of(map(parse_document, written), world.logs).as_of(lab.AT, lab.AT)
        found = inputs_of(compile_policy(world.policy), bundle, policy_digest=lab.DIGESTS["0"])
        again = assess(found, lab.DEPLOYMENT, lab.AT)
        for one, other in zip(decisions(assess_in(world)), decisions(again), strict=True):
            assert text_of(one) == text_of(other)

    def test_in_interpreters_that_hash_differently(self) -> None:
        texts = set()
        for seed in ("1", "2"):
            environment = {**os.environ, "PYTHONHASHSEED": seed}
            environment["PYTHONPATH"] = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
            ran = subprocess.run(
                [sys.executable, "-c", PROGRAM],
                capture_output=True,
                text=True,
                env=environment,
                cwd=ROOT,
            )
            assert ran.returncode == 0, ran.stderr
            texts.add(ran.stdout)
        assert len(texts) == 1


def _written(mapping: lab.Plain) -> str:
    """Write a record as JSON, exact numbers digit for digit."""
    text = json.dumps(mapping, default=lambda value: f"<{value}>")
    return re.sub(r'"<(-?[0-9.Ee+-]+)>"', r"\1", text)
