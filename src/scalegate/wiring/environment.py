"""The clock, chance, and the variables of the environment."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import UTC, datetime

from scalegate.app.settings import Settings
from scalegate.ports import Clock

WORKSPACE_VARIABLE = "SCALEGATE_WORKSPACE"
STORE_VARIABLE = "SCALEGATE_STORE_URL"
PASSPHRASE_VARIABLE = "SCALEGATE_PASSPHRASE"  # noqa: S105 - a name, not a secret
PIN_VARIABLE = "SCALEGATE_PIN"
MEMORY_VARIABLE = "SCALEGATE_MEMORY"
DEBUG_VARIABLE = "SCALEGATE_DEBUG"
RECORD_VARIABLE = "SCALEGATE_RECORD_RUNS"


class SystemClock:
    """Keeps the promises of `ports.Clock` with the clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


def system_clock() -> Clock:
    """Return the clock of this machine."""
    return SystemClock()


def new_secret() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(32)


def records_runs() -> bool:
    """Say whether the hook for Inspect records each log (`SCALEGATE_RECORD_RUNS=1`)."""
    return os.environ.get(RECORD_VARIABLE) == "1"


def is_debugging() -> bool:
    """Say whether the traceback of an internal error is wanted (`SCALEGATE_DEBUG=1`)."""
    return os.environ.get(DEBUG_VARIABLE) == "1"


def passphrase() -> bytes | None:
    """Return what opens sealed private key files (`SCALEGATE_PASSPHRASE`), if it is given."""
    text = os.environ.get(PASSPHRASE_VARIABLE)
    return text.encode() if text else None


def pin() -> str | None:
    """Return the PIN of a token (`SCALEGATE_PIN`), if it is given."""
    return os.environ.get(PIN_VARIABLE)


def with_environment(settings: Settings) -> Settings:
    """Return the settings, with the store that the environment names in place of theirs."""
    url = os.environ.get(STORE_VARIABLE)
    return replace(settings, store_url=url) if url else settings
