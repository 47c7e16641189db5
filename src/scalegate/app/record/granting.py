"""The grace of a permit: what the policies that decided it grant, and no more.

1. Each policy grants what it states, or the default (`policy.grace`). The shortest counts.
2. Whoever issues a permit may grant less, never more.
3. A permit whose grace a policy states, or one longer than the default, names the policy by its
   digest, so that a reader of the record can hold one against the other.
4. What is to happen then is said by each policy that states it, unless the issuer says more.
5. `verify` refuses a permit that grants more than a policy it names does, or than one of those that
   decided it (`following`, rule 6).

Source: law 10 of the design of this program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from scalegate.base.instants import format_duration
from scalegate.ledger.faults import Refused
from scalegate.ledger.permits import Permit, default_grace, grace_for
from scalegate.ledger.statements import Subject
from scalegate.policy.document import Policy
from scalegate.policy.grace import grace_at
from scalegate.policy.vocabulary import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The grace of a permit."""

    length: timedelta | None = None
    """How long; None: the default of the gate."""
    afterwards: str = ""
    """What is to happen then; empty: the default."""
    stated_by: tuple[Subject, ...] = ()
    """The policies that state it, each with its digest."""


NO_MORE = Granted()
"""The default of the gate, stated by nobody."""


def granted_by(
    policies: Iterable[tuple[Policy, str]],
    gate: Gate,
    *,
    asked: timedelta | None = None,
    afterwards: str = "",
) -> Granted:
    """Return the grace that every deciding policy grants (rules 1 to 4).

    Args:
        policies: those that decided, each with its digest.
        gate: the gate of the permit.
        asked: what the issuer wants; None: as much as there is.
        afterwards: what the issuer says is to happen then.

    Raises:
        Refused: more is asked than a policy grants.
    """
    found = [(policy.name, digest, grace_at(policy, gate)) for policy, digest in policies]
    usual = default_grace(gate.value)
    most = min((said.length for *_, said in found), default=usual)
    length = most if asked is None else asked
    if length > most:
        names = [name for name, _, said in found if said.length == most]
        raise Refused(
            f"a grace longer than {' and '.join(names)} grants at `{gate.value}`",
            expected=f"at most {length_text(most)}", got=length_text(length),
        )  # fmt: skip
    words = [f"{name}: {said.afterwards}" for name, _, said in found if said.afterwards]
    return Granted(
        length=None if length == usual else length,
        afterwards=afterwards or "; ".join(words),
        stated_by=tuple(
            Subject(name=name, sha256=digest)
            for name, digest, said in found
            if said.is_stated and said.length == most and (length == most or length > usual)
        ),
    )


def check_granted(permit: Permit, policy: Policy, where: str) -> None:
    """Refuse a permit whose grace is longer than a policy grants (rule 5).

    Raises:
        Refused: it is, or the gate is none of this version's.
    """
    most = grace_at(policy, _gate_of(permit, where)).length
    if grace_for(permit) > most:
        raise Refused(
            f"permit grants a longer grace than {policy.name} at `{permit.gate}`", where=where,
            expected=f"at most {length_text(most)}", got=length_text(grace_for(permit)),
        )  # fmt: skip


def _gate_of(permit: Permit, where: str) -> Gate:
    try:
        return Gate(permit.gate)
    except ValueError as cause:
        raise Refused("permit for a gate that is none", where=where, got=permit.gate) from cause


def length_text(length: timedelta) -> str:
    """Write a grace as a policy does: in the largest unit that divides it, or `none`."""
    return format_duration(length) if length else "none"
