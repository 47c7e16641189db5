"""A policy document as a validated value, and `evaluate`, the one policy function.

>>> from scalegate.policy.parse import parse_policy  # text -> Policy  # doctest: +SKIP
>>> from scalegate.policy.compile import compile_policy  # Policy -> Program  # doctest: +SKIP
>>> from scalegate.policy.evaluate import evaluate  # -> Outcome  # doctest: +SKIP
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
