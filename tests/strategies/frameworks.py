"""The versions of each of the three labs."""

from __future__ import annotations

from itertools import pairwise

CHAINS = (
    tuple(
        f"anthropic-rsp@{version}"
        for version in ("1.0", "2.0", "2.1", "2.2", "3.0", "3.1", "3.2", "3.3", "3.4")
    ),
    ("openai-pf@beta", "openai-pf@2"),
    ("gdm-fsf@1.0", "gdm-fsf@2.0", "gdm-fsf@3.0", "gdm-fsf@3.1"),
)
"""Oldest version first."""
NEIGHBOURS = tuple(pair for chain in CHAINS for pair in pairwise(chain))
"""Each version with the next one."""
