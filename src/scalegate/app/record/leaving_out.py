"""What a sender can leave out of a bundle; apart, so that a command line can name it cheaply."""

from __future__ import annotations

from enum import StrEnum


class Without(StrEnum):
    """What a sender can leave out. It stays visible as withheld."""

    LOGS = "logs"
    """The tables of samples."""
    DOCUMENTS = "documents"
    """The evidence documents, and files of runs."""
    POLICIES = "policies"
    """The policies and their indicator sets."""
