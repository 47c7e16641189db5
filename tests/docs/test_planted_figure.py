"""The figure on planted models is what its tool draws, and shows what its page says."""

import pytest

from tools.draw_planted_figure import (
    FIGURE,
    TRAINED,
    drawn,
    drawn_trained,
    measure,
    measure_trained,
)


def test_the_figure_is_drawn_from_the_planted_models() -> None:
    points = measure()
    assert FIGURE.read_text(encoding="utf-8") == drawn(points)
    shares = [share for _, share, _ in points]
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] > 0.99
    assert all(cleared == 0 for _, _, cleared in points)
    page = (FIGURE.parents[1] / "explanation" / "planted-models.md").read_text(encoding="utf-8")
    sizes = {size: share for size, share, _ in points}
    assert f"{sizes[10]:.2f} of evals with 10 items".lstrip("0") in page
    assert f"{sizes[100]:.2f} of those with 100".lstrip("0") in page


@pytest.mark.slow
def test_the_figure_of_trained_models_is_drawn_from_the_stored_responses() -> None:
    curves = measure_trained()
    assert TRAINED.read_text(encoding="utf-8") == drawn_trained(curves)
    claimed, with_all_arms, unevidenced = curves.values()
    assert claimed == sorted(claimed)
    assert max(with_all_arms) <= 0.02
    assert max(unevidenced) == 0.0
