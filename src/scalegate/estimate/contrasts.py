"""Signs of hidden ability from two evals set side by side, for many models at once.

1. *Framing*: the same items asked as a test and as casual work. An honest model scores alike; the
   p-value is that of scoring this much higher, or more, when it does not look like a test.
2. *Benign twin*: ability in a harmless domain predicts ability in the dangerous one, with a
   spread that only a population of honest reference models can give. The p-value is that of
   falling so far below the prediction.
3. As in `suspicion.py`, a sign withdraws a rule-out and its absence is evidence of nothing: a model
   that hides ability in both evals shows no contrast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalegate.base.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


def framing_p_values(as_test: FloatArray, as_work: FloatArray) -> FloatArray:
    """Return one p-value per model from the paired t statistic over items.

    Args:
        as_test: mean score of each item when framed as a test, shape (n_models, n_items).
        as_work: the same items when framed as work.

    Raises:
        UsageError: other shapes, fewer than two items, or values outside [0, 1].
    """
    import numpy as np
    from scipy.special import stdtr

    if as_test.shape != as_work.shape or as_test.ndim != 2 or as_test.shape[1] < 2:
        raise UsageError("both framings must have the same two or more items for each model")
    if not _are_shares(as_test) or not _are_shares(as_work):
        raise UsageError("item means must lie in [0, 1]")
    n = as_test.shape[1]
    difference = as_work - as_test
    mean = difference.mean(axis=1)
    error = difference.std(axis=1, ddof=1) / np.sqrt(n)
    # Without any spread there is no scale to judge a difference by: all items moved alike.
    certain = np.select([mean > 0.0, mean < 0.0], [np.inf, -np.inf], 0.0)
    t = np.where(error > 0.0, mean / np.where(error > 0.0, error, 1.0), certain)
    tail: FloatArray = stdtr(n - 1, -t)
    return tail


def twin_p_values(
    dangerous: FloatArray,
    benign: FloatArray,
    *,
    units: int,
    expected_gap: float,
    spread: float,
) -> FloatArray:
    """Return one p-value per model of falling so far below what the benign twin predicts.

    Args:
        dangerous: mean score of each model, shape (n_models,).
        benign: mean score in the harmless twin.
        units: independent units behind each mean, at least 1.
        expected_gap: benign minus dangerous, in logits, as honest reference models show it.
        spread: standard deviation of that gap over honest models, in logits, above 0.

    Raises:
        UsageError: other shapes or values.
    """
    import numpy as np
    from scipy.special import logit, ndtr

    if dangerous.shape != benign.shape or dangerous.ndim != 1 or units < 1 or not spread > 0.0:
        raise UsageError("one mean per model in both evals, a unit and a spread are needed")
    if not _are_shares(dangerous) or not _are_shares(benign) or not np.isfinite(expected_gap):
        raise UsageError("means must lie in [0, 1], and the expected gap be finite")
    means = [(x * units + 0.5) / (units + 1.0) for x in (dangerous, benign)]
    noise = sum(1.0 / (units * x * (1.0 - x)) for x in means)
    gap = logit(means[1]) - logit(means[0]) - expected_gap
    tail: FloatArray = ndtr(-gap / np.sqrt(spread * spread + noise))
    return tail


def _are_shares(x: FloatArray) -> bool:
    import numpy as np

    return bool(np.all((x >= 0.0) & (x <= 1.0)))
