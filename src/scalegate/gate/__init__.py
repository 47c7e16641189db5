"""Turns evidence into a situation, asks the policy function, and explains the answer.

>>> from scalegate.gate.assess import assess  # inputs -> Assessment  # doctest: +SKIP
>>> from scalegate.gate.decide import decide  # + gate question -> Decision  # doctest: +SKIP
>>> from scalegate.gate.why_not import why_not  # -> sets of work  # doctest: +SKIP
"""

__all__ = [
    "acts",
    "assess",
    "clocks",
    "decide",
    "facts",
    "judge",
    "measure",
    "model",
    "safeguards",
    "why",
    "why_not",
]
