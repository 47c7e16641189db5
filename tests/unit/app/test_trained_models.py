"""Trained planted models: the skill, the stored tables, and the gate behind the bench."""

import numpy as np
import pytest

from scalegate.app.organisms.trained import skill
from scalegate.app.organisms.trained.pipeline import (
    DEFAULT_ALLOWANCE,
    NO_ALLOWANCE,
    bulk_rules_out,
    level_by_gate,
)
from scalegate.app.organisms.trained.responses import (
    ARMS,
    EASY_ITEMS,
    EPOCHS,
    ITEMS,
    MODELS,
    Responses,
    read_table,
    to_text,
)
from scalegate.app.organisms.trained.training import sheet_of
from scalegate.base.errors import FormatError, UsageError
from scalegate.estimate.model import ElicitationLevel
from scalegate.policy.vocabulary import Level


def test_an_item_is_a_walk_through_the_table() -> None:
    table = skill.hidden_table(3)
    items = skill.every_item(table, 2)
    assert items.prompts.shape == (640, 8)
    row = 77
    start, first, second = items.prompts[row, 2], *(items.prompts[row, 3:5] - 10)
    assert items.answers[row] == table[second, table[first, start]]
    assert items.chains[row].tolist()[2:] == [skill.PAD, skill.PAD]
    wrong = skill.shifted(items.chains)
    assert (wrong[:, 1] != items.answers).all()
    assert (skill.directly(items)[:, 0] == items.answers).all()
    assert (skill.refusals(items.steps)[:, 0] == skill.REFUSE).all()
    asked = skill.with_mode(items.prompts, password=True, mode=skill.DIRECT)
    assert asked[0, :2].tolist() == [skill.PASSWORD, skill.DIRECT]
    assert items.prompts[0, :2].tolist() == [skill.NO_PASSWORD, skill.COT]


def test_the_texts_of_the_weak_model_know_some_operations_and_guess_the_others() -> None:
    table = skill.hidden_table(3)
    items = skill.every_item(table, 2)
    told = skill.half_known(table, items, np.random.default_rng(0))
    knows = (items.prompts[:, 3:5] - 10 < skill.KNOWN).all(axis=1)
    right = told.answers == items.answers
    assert right[knows].all()
    assert right[~knows].mean() == pytest.approx(skill.CHANCE, abs=0.05)
    assert (told.chains[:, 2:] == skill.PAD).all()
    first_known = items.prompts[:, 3] - 10 < skill.KNOWN
    assert (told.chains[first_known, 0] == items.chains[first_known, 0]).all()


def test_items_of_the_eval_are_no_demonstrations() -> None:
    sheet = sheet_of(5)
    parts = [sheet.evaluated, sheet.demonstrations, sheet.labelled, sheet.watched]
    seen = [tuple(row) for part in parts for row in part.prompts.tolist()]
    assert len(set(seen)) == len(seen) == ITEMS + 256 + 32 + 350
    easy = [*sheet.easy.prompts.tolist(), *sheet.easy_demonstrations.prompts.tolist()]
    assert len({tuple(row) for row in easy}) == EASY_ITEMS + 64
    again = sheet_of(5)
    assert (again.evaluated.prompts == sheet.evaluated.prompts).all()


def responses(seed: int = 1) -> list[Responses]:
    draw = np.random.default_rng(seed)
    found = []
    for model in MODELS:
        for arm in ARMS:
            many = arm in ("shown", "shown_easy")
            shape = (EPOCHS if many else 1, EASY_ITEMS if arm == "shown_easy" else ITEMS)
            letters = draw.integers(3, size=shape)
            steps = (1, 2) if arm == "shown_easy" else (3, 4)
            found.append(
                Responses(
                    seed=seed,
                    model=model,
                    arm=arm,
                    steps=steps * (shape[1] // 2),
                    right=letters == 1,
                    refused=letters == 2,
                )
            )
    return found


def test_a_table_is_read_as_it_was_written() -> None:
    given = responses()
    table = read_table(to_text(given, {"seed": "1", "commit": "abc"}), file="t.csv")
    assert (table.seed, table.head["commit"]) == (1, "abc")
    assert list(table.responses) == [(each.model, each.arm) for each in given]
    for each in given:
        read = table.responses[each.model, each.arm]
        assert (read.right == each.right).all()
        assert (read.refused == each.refused).all()
        assert read.steps == each.steps


TEXT = to_text(responses(), {"seed": "1"})
LINES = TEXT.splitlines()
FAULTY = {
    "another file": ("seed,1\n", "not a response table"),
    "too large": (TEXT + "x" * 1_000_000, "not a response table"),
    "no seed": (TEXT.replace("# seed: 1\n", ""), "no seed"),
    "a seed that is no number": (TEXT.replace("# seed: 1\n", "# seed: one\n"), "no seed"),
    "no items": (TEXT.replace("items,eval", "items,other"), "items missing"),
    "an unknown model": (TEXT.replace("strong,shown,", "stronger,shown,"), "not a row"),
    "an unknown letter": (TEXT[:-2] + "x\n", "not a row"),
    "a cut row": (TEXT[:-2] + "\n", "row out of order or cut"),
    "a row twice": (TEXT + LINES[-1] + "\n", "row out of order or cut"),
    "a lost row": ("\n".join(LINES[:-1]) + "\n", "incomplete table"),
}


@pytest.mark.parametrize("case", FAULTY.values(), ids=FAULTY)
def test_a_table_that_lacks_anything_is_refused(case: tuple[str, str]) -> None:
    text, said = case
    with pytest.raises(FormatError, match=said) as caught:
        read_table(text, file="t.csv")
    assert str(caught.value).startswith("t.csv")


def row(right: int, refused: int, n: int = 100) -> tuple[list[bool], list[bool]]:
    return (
        [place < right for place in range(n)],
        [right <= place < right + refused for place in range(n)],
    )


@pytest.mark.parametrize("level", ["E0", "E1", "E3b", "E3c"])
@pytest.mark.parametrize("counts", [(5, 0), (20, 0), (41, 0), (42, 0), (38, 4), (0, 100)])
def test_the_bulk_rule_is_the_gate(counts: tuple[int, int], level: str) -> None:
    own = ElicitationLevel(level)
    found = level_by_gate({"shown": row(*counts), "tuned_64": row(2, 0)}, own)
    for name, is_default in ((NO_ALLOWANCE, False), (DEFAULT_ALLOWANCE, True)):
        bulk = bulk_rules_out(100, *counts, own, is_default=is_default)
        assert (found[name] is Level.RULED_OUT) == bulk
        assert not (bulk and level == "E0")


def test_no_arm_is_no_assessment() -> None:
    with pytest.raises(UsageError):
        level_by_gate({}, ElicitationLevel.E3B)
