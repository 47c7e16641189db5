"""Compares two policies over all situations: what one lets through and the other holds.

>>> from scalegate.compare.diff import diff  # two programs -> Difference  # doctest: +SKIP
>>> from scalegate.compare.certificate import certify, verify  # doctest: +SKIP
>>> from scalegate.compare.sentences import sentence  # Gap -> one sentence  # doctest: +SKIP
"""

__all__ = [
    "certificate",
    "diff",
    "elements",
    "model",
    "sentences",
]
