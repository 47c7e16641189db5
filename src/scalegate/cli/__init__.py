"""Verbs in a terminal; the only room that prints or exits.

scalegate status --workspace my-lab
"""

__all__ = ["main"]
