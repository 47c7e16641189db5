"""What on record rests on what: from one document, log or safeguard to everything behind it.

1. A document rests on the documents that it names: the grounds of an act, what an act reverses,
   the evidence of a judgement, of a bound, of a fact or of a safeguard's sufficiency, the document
   or logs that a mapping selects, the incident of an order, the act that closed an incident.
2. Evidence and safeguards that an incident impugns rest on the incident.
3. A document named by its digest is the same as by its id; a log has its digest for a name, and a
   safeguard `safeguard:NAME`.
4. Everything that rests on something rests on what that rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scalegate.base.errors import UnknownName
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.records import Act, FactEntry, Incident, Order
from scalegate.evidence.documents.registry import ModelEntry
from scalegate.evidence.documents.results import Judgement
from scalegate.evidence.documents.safeguards import SafeguardStatus
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record

SAFEGUARD = "safeguard:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """One thing that rests on another."""

    name: str
    """Id of the document, digest of the log, or `safeguard:NAME`."""
    on: str
    """What it rests on directly."""
    how: str
    """By what, in words."""
    depth: int
    """How many steps away from what was asked about; 1 is the nearest."""


def named_in(bundle: Bundle[EvalLog], ref: str) -> str:
    """Return the name by which a reference is known: an id, a log's digest, a safeguard.

    Args:
        bundle: what is on record.
        ref: an id, `safeguard:NAME`, or the first eight or more characters of a digest.

    Raises:
        UnknownName: nothing on record has this name, or more than one thing has.
    """
    ids = {record.id for record in bundle.history}
    safeguards = {name for record in bundle.history for name in _safeguards_of(record)}
    if ref in ids or ref in safeguards:
        return ref
    by_digest = {record.id for record in bundle.history if _starts(record.digest, ref)}
    by_digest |= {digest for digest in bundle.logs if _starts(digest, ref)}
    if len(by_digest) == 1:
        return by_digest.pop()
    raise UnknownName("evidence", ref, known=by_digest or ids | safeguards)


def _starts(digest: str, ref: str) -> bool:
    return len(ref) >= 8 and digest.startswith(ref.lower())


def _safeguards_of(record: Record) -> Iterator[str]:
    payload = record.payload
    if isinstance(payload, SafeguardStatus):
        yield f"{SAFEGUARD}{payload.safeguard}"
    elif isinstance(payload, Incident):
        yield from (f"{SAFEGUARD}{name}" for name in payload.safeguards)


def rests_on(bundle: Bundle[EvalLog], name: str) -> tuple[Rest, ...]:
    """Return everything that rests on a named thing, the nearest first."""
    edges: dict[str, list[tuple[str, str]]] = {}
    canonical = {record.digest: record.id for record in bundle.records}
    for start, on, how in _edges(bundle):
        edges.setdefault(canonical.get(on, on), []).append((canonical.get(start, start), how))
    found: dict[str, Rest] = {}
    nearest = [name]
    while nearest:
        depth = 1 + max((found[on].depth for on in nearest if on in found), default=0)
        steps = [(on, start, how) for on in nearest for start, how in sorted(edges.get(on, ()))]
        for on, start, how in steps:
            if start != name:
                found.setdefault(start, Rest(name=start, on=on, how=how, depth=depth))
        nearest = [start for start, rest in found.items() if rest.depth == depth]
    return tuple(found.values())


def _edges(bundle: Bundle[EvalLog]) -> Iterator[tuple[str, str, str]]:
    """Yield what rests on what, and by what."""
    for record in bundle.records:
        payload = record.payload
        if isinstance(payload, Incident):
            yield from ((name, record.id, "in doubt by incident") for name in payload.evidence)
            yield from (
                (f"{SAFEGUARD}{name}", record.id, "breached by incident")
                for name in payload.safeguards
            )
        if isinstance(payload, Binding):
            yield from ((record.id, log, "binds it") for log in _logs(bundle, payload))
        yield from ((record.id, on, how) for on, how in _named_by(record))


def _logs(bundle: Bundle[EvalLog], binding: Binding) -> Iterator[str]:
    task = binding.selects.task
    for digest, log in bundle.logs.items():
        of_task = task is not None and task.name == log.header.task
        if of_task or binding.selects.log_sha256 == digest:
            yield digest


def _named_by(record: Record) -> Iterator[tuple[str, str]]:
    payload = record.payload
    if isinstance(payload, Act):
        yield from ((name, "among its grounds") for name in payload.grounds)
        yield from ((name, "turns it") for name in (payload.reverses,) if name)
    elif isinstance(payload, Judgement):
        yield from ((name, "judged from it") for name in payload.evidence)
    elif isinstance(payload, SafeguardStatus):
        shown = payload.sufficiency.evidence if payload.sufficiency else ()
        yield from ((name, "shown sufficient by it") for name in shown)
    elif isinstance(payload, ModelEntry):
        edges = (name for edge in payload.edges for name in edge.evidence)
        yield from ((name, "bounded by its showing") for name in edges)
    elif isinstance(payload, FactEntry):
        yield from ((name, "shown by it") for name in payload.shown_by)
    else:
        yield from _named_by_others(payload)


def _named_by_others(payload: object) -> Iterator[tuple[str, str]]:
    if isinstance(payload, Binding):
        yield from ((name, "binds it") for name in (payload.selects.document,) if name)
    elif isinstance(payload, Order):
        yield from ((name, "ordered after it") for name in (payload.incident,) if name)
    elif isinstance(payload, Incident):
        yield from ((name, "closed by it") for name in (payload.closed_by,) if name)
