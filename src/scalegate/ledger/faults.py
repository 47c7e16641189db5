"""What a verifier refuses, by what is wrong. Each is a `TrustError` (exit 12)."""

from __future__ import annotations

from typing import Self

from scalegate.base.errors import TrustError


class Refused(TrustError):
    """Something signed or proved does not hold: what, expected, got."""

    def __init__(self, what: str, *, expected: str = "", got: str = "", where: str = "") -> None:
        self.what = what
        self.expected = expected
        self.got = got
        self.where = where
        parts = [what]
        if where:
            parts.append(f"in {where}")
        if expected:
            parts.append(f"expected {expected}")
        if got:
            parts.append(f"got {got}")
        super().__init__("; ".join(parts))

    def in_file(self, name: str) -> Self:
        """Return the same refusal, naming the file that it is about."""
        where = f"`{name}`, {self.where}" if self.where else f"`{name}`"
        return type(self)(self.what, expected=self.expected, got=self.got, where=where)


class ProofRefused(Refused):
    """A Merkle proof does not lead to the root it should."""


class SignatureRefused(Refused):
    """A signature is missing, or does not verify, or is by the wrong key."""


class RollbackRefused(Refused):
    """An older, shorter or different history is offered in place of the one already seen."""


class RoleRefused(Refused):
    """The keys that signed do not fill the role that was needed."""


class MalformedRecord(Refused):
    """Signed bytes are not in the one form that is accepted."""
