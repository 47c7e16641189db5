"""A situation written as changes to a base has the answer of the whole situation."""

from __future__ import annotations

import random

import pytest

from scalegate.compare.crossing import crossing_of, programs_of
from scalegate.compare.model import Side
from scalegate.compare.pair import Pair
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import evaluate, evaluate_encoded
from scalegate.policy.parse import parse_policy
from scalegate.wiring import find_frameworks


@pytest.mark.parametrize(
    ("old", "new"),
    [("anthropic-rsp@2.1", "anthropic-rsp@2.2"), ("gdm-fsf@3.0", "gdm-fsf@3.1")],
)
def test_changes_to_a_base_answer_as_the_whole_situation_does(old: str, new: str) -> None:
    texts = [
        (find_frameworks() / f"{name}.yaml").read_text(encoding="utf-8") for name in (old, new)
    ]
    first, second = (compile_policy(parse_policy(text)) for text in texts)
    crossing = crossing_of(first.policy, second.policy, None)
    joint = Pair.of(*programs_of(crossing, first, second)).joint
    draw = random.Random(5)
    answers = set()
    for _ in range(60):
        places = {
            at: draw.randrange(len(variable.cells)) for at, variable in enumerate(joint.variables)
        }
        base = joint.base(places)
        some = draw.sample(sorted(places), k=draw.randrange(0, 6))
        changes = {at: draw.randrange(len(joint.variables[at].cells)) for at in some}
        for side in Side:
            program = joint.spaces[side].program
            encoded = joint.encoded(side, base, changes)
            known = joint.situation(side, places)
            for situation in (
                joint.changed(side, known, changes),
                joint.situation(side, {**places, **changes}),
            ):
                for at in program.rows:
                    whole = evaluate(program, situation, *at)
                    assert evaluate_encoded(program, encoded, *at) == whole
                    answers.add(whole.determining)
    assert len(answers) > 1
