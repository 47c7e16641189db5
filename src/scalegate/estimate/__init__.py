"""From evidence to estimates with honest uncertainty, or a reason why there is none.

>>> from scalegate.estimate.proportion import estimate_proportion
>>> estimate = estimate_proportion(high=[0.0] * 59, low=[0.0] * 59, alpha=0.05)
>>> estimate.upper < 0.05
True
"""

__all__ = [
    "bound",
    "certificate",
    "combine",
    "contrasts",
    "design",
    "grader",
    "horizon",
    "model",
    "n_of_m",
    "power",
    "printed",
    "proportion",
    "proved",
    "proved_uplift",
    "scale",
    "sequential",
    "summary",
    "suspicion",
    "uplift",
    "verdict",
]
