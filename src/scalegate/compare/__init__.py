"""Compares two policies over all situations: what one lets through and the other holds.

>>> from scalegate.compare.model import Change
>>> Change.LOOSENED.value
'loosened'
"""

__all__ = [
    "certificate",
    "diff",
    "elements",
    "model",
    "sentences",
]
