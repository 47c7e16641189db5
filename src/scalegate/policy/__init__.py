"""A policy document as a validated value, and `evaluate`, the one policy function.

>>> from scalegate.policy.conditions import read_condition, to_plain
>>> condition, faults = read_condition({"status": "CBRN-3", "at_least": "crossed"})
>>> faults, to_plain(condition)
((), {'status': 'CBRN-3', 'at_least': 'crossed'})
"""

__all__ = [
    "codes",
    "compile",
    "conditions",
    "direction",
    "document",
    "evaluate",
    "frontier",
    "lint",
    "parse",
    "situation",
    "vocabulary",
]
