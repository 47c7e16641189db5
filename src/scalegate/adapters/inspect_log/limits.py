"""How much a log may ask of the machine that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from scalegate.base.errors import FormatError

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Bounds on a log; what exceeds one is refused with the bound and the amount, never cut."""

    member_bytes: int = 512 * _MIB
    """Largest uncompressed member (one sample, the summaries, the header)."""
    total_bytes: int = 64 * 1024 * _MIB
    """Largest sum of uncompressed members."""
    json_bytes: int = 1024 * _MIB
    """Largest log in the `.json` format, which has to be held in memory."""
    tolerant_bytes: int = 256 * _MIB
    """Largest JSON text that holds what strict JSON lacks (NaN), read by the slower parser."""
    ratio: int = 1000
    """Largest ratio of uncompressed to compressed bytes of a member, once it is large."""
    ratio_from_bytes: int = 8 * _MIB
    """Size from which the ratio counts."""
    directory_bytes: int = 512 * _MIB
    """Largest directory of a zip archive."""
    members: int = 5_000_000
    """Largest number of zip members."""

    def require(self, what: str, amount: int, bound: int, *, setting: str, path: str = "") -> None:
        """Refuse an amount above its bound.

        Raises:
            FormatError: the amount is above the bound.
        """
        if amount > bound:
            raise FormatError(
                f"{what} is too large to read",
                path=path,
                expected=f"at most {bound} bytes",
                got=f"{amount} bytes",
                hint=f"raise the read limit `{setting}` if the log is meant to be this large",
            )


DEFAULT_LIMITS = ReadLimits()
"""The bounds used when a caller states none."""
