"""Digests, instants, citations, canonical bytes, the error tree.

>>> from scalegate.base.instants import format_instant, parse_instant
>>> format_instant(parse_instant("2025-05-22"))
'2025-05-22T00:00:00Z'
"""

__all__ = ["canonical", "citation", "errors", "instants", "plain_text"]
