"""The grace that a policy states: how long what runs already goes on without a permit.

1. A run that trains has `training`, anything else `serving`.
2. A grace longer than the default counts only where it cites its clause; else the default does.
3. No grace is longer than 31 days, the longest life of a permit.

Source: law 10 of the design of this program.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scalegate.base.instants import parse_duration
from scalegate.policy.document import Policy
from scalegate.policy.governance import Grace
from scalegate.policy.vocabulary import Gate

LONGEST = timedelta(days=31)
_DEFAULT = Grace()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGrace:
    """What a policy grants at a gate."""

    length: timedelta
    """How long; zero: none."""
    is_stated: bool
    """Whether it is another length than the default, by the policy's own word."""
    afterwards: str
    """What is to happen then; empty: the default."""


def grace_at(policy: Policy, gate: Gate) -> StatedGrace:
    """Return the grace of a policy at a gate (rules 1 to 3)."""
    said = policy.semantics.grace
    length, usual = _length(said, gate), _length(_DEFAULT, gate)
    if said.cite is None:
        length = min(length, usual)
    return StatedGrace(
        length=min(length, LONGEST), is_stated=length != usual, afterwards=said.afterwards
    )


def is_uncounted(policy: Policy, part: str) -> bool:
    """Tell whether `training` or `serving` is longer than the default and cites no clause."""
    said = policy.semantics.grace
    return said.cite is None and _span(getattr(said, part)) > _span(getattr(_DEFAULT, part))


def _length(grace: Grace, gate: Gate) -> timedelta:
    return _span(grace.training if gate is Gate.TRAIN else grace.serving)


def _span(text: str) -> timedelta:
    return timedelta() if text == "none" else parse_duration(text)
