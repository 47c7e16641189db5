"""The published frameworks, read once per process, and the versions of each of the three labs."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy

FRAMEWORKS = Path(__file__).parents[2] / "src" / "scalegate" / "frameworks"
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


@cache
def load(name: str) -> Policy:
    """Return a published framework."""
    return parse_policy((FRAMEWORKS / f"{name}.yaml").read_text(encoding="utf-8"))
