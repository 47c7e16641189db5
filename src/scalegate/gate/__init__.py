"""Turns evidence into a situation, asks the policy function, and explains the answer.

>>> from scalegate.gate.determined import ANSWERS
>>> ANSWERS["cannot_rule_out"].word
'not_ruled_out'
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
    "sharpen",
    "why",
    "why_not",
]
