"""Begin a record: keys for every role, the first trust document, an empty log with it as entry 0.

For a lab that tries the record out on one machine. A lab that means it makes each key where its
holder is, and only collects the public halves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scalegate.app.record.appending import LogWriter, log_key
from scalegate.app.record.roles import USUAL_ROLES, TrustTerms, begin_trust, fill
from scalegate.ledger.trust import Trust
from scalegate.ports import Clock, LogFiles, Signer

LASTS = timedelta(days=365)
"""How long a first trust document lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A record that was begun."""

    trust: Trust
    """The first trust document."""
    content: bytes
    """Its envelope: what a verifier gets by a way that it trusts."""


def names_of_keys() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the keys that each usual role gets, by role; the log's own among them."""
    named = {
        rule.name: tuple(
            f"{rule.name}-{at}" if rule.keys > 1 else rule.name for at in range(1, rule.keys + 1)
        )
        for rule in USUAL_ROLES
    }
    return {**named, "log": ("log",)}


def begin_record(
    files: LogFiles,
    signer_of: Callable[[str], Signer],
    *,
    origin: str,
    clock: Clock,
    witnesses: str = "quorum none\n",
) -> Begun:
    """Make the first trust document of these keys, and a log that begins with it.

    Args:
        files: where the log is to be; there must be none.
        signer_of: gives the signer of a key by its name (`names_of_keys`).
        origin: the log's name, a URL without scheme.
        clock: says when the document expires.
        witnesses: a C2SP tlog-policy file: how many must cosign.

    Raises:
        UsageError: there is a log already.
        MalformedRecord: the origin or the witness policy is not in its form.
        OutsideError: a key or the files cannot be used.
    """
    named = names_of_keys()
    keys = {role: [signer_of(name).key for name in names] for role, names in named.items()}
    log = signer_of("log")
    terms = TrustTerms(
        version=1,
        previous="",
        expires=_whole_day(clock.now() + LASTS),
        roles=fill(USUAL_ROLES, keys),
        log_keys=(log_key(log, origin),),
        witnesses=witnesses,
    )
    content, trust = begin_trust(terms, _roots(signer_of, named["root"]))
    writer = LogWriter(files, [log], origin=origin, clock=clock)
    writer.create()
    writer.append([content])
    return Begun(trust=trust, content=content)


def _roots(signer_of: Callable[[str], Signer], names: Sequence[str]) -> list[Signer]:
    rule = next(rule for rule in USUAL_ROLES if rule.name == "root")
    return [signer_of(name) for name in names[: rule.threshold]]


def _whole_day(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
