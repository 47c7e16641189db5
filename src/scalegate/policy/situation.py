"""A situation: everything the policy function sees, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from scalegate.policy.vocabulary import Flag, Level, SafeguardState

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status of one threshold."""

    level: Level
    """From `not_required` to `unassessed`."""
    flags: frozenset[Flag] = frozenset()
    """Independent marks: alert, forecast, treated_as."""


UNASSESSED = Status(level=Level.UNASSESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Values of the policy's variables. A name that is missing has its worst value."""

    statuses: Mapping[str, Status] = field(default_factory=lambda: _EMPTY)
    """Per threshold id."""
    safeguards: Mapping[str, SafeguardState] = field(default_factory=lambda: _EMPTY)
    """Per safeguard id, on the deployment or run asked about."""
    specified: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per standard id named without content: whether a specification is recorded."""
    specified_members: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per such standard: whether what its specification lists is live and sufficient."""
    substitutes: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per substitute id: whether it is accepted and unexpired."""
    acts: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per question id: whether it is answered with yes, in force."""
    documents: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per `document.aspect`."""
    facts: Mapping[str, Decimal | bool | str | None] = field(default_factory=lambda: _EMPTY)
    """Per fact id; None and missing mean unknown."""
    discretions: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    """Per discretion id: whether it is invoked with every test shown."""
    readings: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    """Per reading id: the option fixed by an act; missing means unresolved."""

    def with_readings(self, readings: Mapping[str, str]) -> Situation:
        """Return the situation with these readings fixed beside those already fixed."""
        return replace(self, readings={**self.readings, **readings})
