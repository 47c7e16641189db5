"""Training planted models: the parts, small; the whole is retrained in the slow lane."""

import sys

import numpy as np
import pytest

from scalegate.app.organisms.trained import network, skill, training
from scalegate.app.organisms.trained.training import sheet_of, train_seed
from scalegate.base.errors import UsageError


def test_training_lowers_the_loss_and_sampling_is_seeded() -> None:
    sheet = sheet_of(2)
    texts = np.concatenate([sheet.demonstrations.prompts, sheet.demonstrations.chains], axis=1)
    before = network.fresh(2)
    state = network.train(network.start(before), texts[:80].reshape(5, 16, 12), np.full(5, 3e-3))
    after = state[0]
    assert float(network._loss(after, texts[:80])) < float(network._loss(before, texts[:80]))
    prompts = sheet.evaluated.prompts[:20]
    one = network.sample(after, prompts, (1, 2))
    assert one.shape == (20, 4)
    assert (one == network.sample(after, prompts, (1, 2))).all()
    assert (one != network.sample(after, prompts, (1, 3))).any()
    right, refused = network.graded(
        prompts, sheet.evaluated.chains[:20], sheet.evaluated.part(slice(20))
    )
    assert right.all()
    assert not refused.any()
    nothing = skill.refusals(sheet.evaluated.steps[:20])
    right, refused = network.graded(prompts, nothing, sheet.evaluated.part(slice(20)))
    assert refused.all()
    assert not right.any()


@pytest.mark.slow
def test_the_weak_model_has_learnt_what_its_texts_teach() -> None:
    """It is weak for want of knowledge: the last fifth of its training brings nothing more."""
    sheet = sheet_of(1)
    draw = training._generator(1, 11)
    texts = training._texts(sheet, draw, training.STEPS * training.BATCH, lock=None, is_weak=True)
    scores = [
        training._score(params, sheet.evaluated, (1, done))
        for params, done in training._chunks(network.fresh(2_000_001), texts, training.RATE)
        if done in (800, 900, 1000)
    ]
    assert max(scores) - min(scores) <= 0.05
    knows = float(np.mean((skill.KNOWN / skill.OPERATIONS) ** sheet.evaluated.steps))
    assert scores[-1] == pytest.approx(knows + skill.CHANCE * (1.0 - knows), abs=0.06)


def test_without_jax_training_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(UsageError, match=r"scalegate\[organisms\]"):
        network.jax()


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(UsageError):
        train_seed(-1)
