"""Say quickly whether a permit lets something pass, reading of a log only what could refuse it.

1. The checkpoint is the log's own, with the witnesses that the newest trust document asks for.
2. The entries hash to the root that is signed: none is left out, none is added. Those of complete
   bundles that a verifier remembers (`memory`) and that stand before the permit are not read again;
   a log that does not go on from the one remembered is refused.
3. Of entries, those are read and verified that could refuse: trust documents, withdrawals that name
   the permit, its decision or its manifest, and decisions about its subject that come after it.
4. Such an entry that is not shown, or that does not hold, refuses: nobody can say that it does not
   withdraw the permit. That is stricter than `reading.verify_log`, which reports it.
5. The permit itself is checked by `ledger.permits`.
6. What runs already may go on by grace (`ledger.grace`): all of the above holds as of the permit's
   last instant, or the log cannot be reached at all, and the permit's signature counts.

Does not check: signatures of other entries, and tiles; `ledger verify` does. Without a memory the
time grows with the log: docs/reference/benchmarks-permit.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from scalegate.app.record.appending import read_checkpoint_bytes, statement_path
from scalegate.app.record.memory import Growing, LogMemory, check_follows
from scalegate.app.record.reading import follow_trust, read_entry_bundle
from scalegate.base.errors import TrustError
from scalegate.ledger.checkpoints import TreeHead, parse_checkpoint
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import Refused
from scalegate.ledger.grace import Grace, go_on, last_instant
from scalegate.ledger.leaves import Leaf, parse_leaf, verify_leaf
from scalegate.ledger.permits import (
    Asked,
    Permit,
    PermitEnded,
    check_binding,
    may_contradict,
    read_permit,
    verify_permit,
)
from scalegate.ledger.statements import Predicate, parse_statement
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.trust import Trust, Vouched, vouch
from scalegate.ledger.view import View, open_view
from scalegate.ports import LogFiles


def _end_of(kind: Predicate) -> bytes:
    """Return how a leaf of a kind ends: its form is canonical, and `type` is its last field."""
    return f'"type":"{kind.uri}"}}'.encode()


_TRUST, _DECISION = _end_of(Predicate.TRUST), _end_of(Predicate.GATE_DECISION)
_KEPT = (_TRUST, _end_of(Predicate.WITHDRAWAL))
_READ = (*_KEPT, _DECISION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A log, as far as a permit needs it: its head is the log's own, its root was recomputed."""

    files: LogFiles
    chain: list[tuple[int, Trust]]
    """Each trust document with the index from which it is in force, oldest first."""
    view: View
    entries: list[tuple[int, bytes]]
    """Trust documents, withdrawals, and decisions from where the permit stands, by place."""
    memory: LogMemory
    """What to remember of it, whether the permit holds or not."""


def look(files: LogFiles, trust: Trust, content: bytes, memory: LogMemory | None = None) -> Looked:
    """Read of a log what a permit needs (rules 1 and 2).

    Args:
        files: the log, as the verifier has it.
        trust: the first trust document.
        content: the permit's envelope; it says how far the log went when it was issued.
        memory: what the verifier remembers of the log.

    Raises:
        UsageError: there is no log.
        RollbackRefused: the log does not go on from the one remembered.
        TrustError: a rule does not hold.
    """
    since = read_permit(parse_statement(parse_envelope(content).payload)).log_size
    checkpoint = read_checkpoint_bytes(files)
    head = parse_checkpoint(checkpoint).head
    if memory is not None:
        check_follows(memory, trust.digest, head)
    growing = Growing(memory)
    begin = min(since // WIDTH, growing.bundles)
    before = [each for each in memory.kept if each[0] < begin * WIDTH] if memory else []
    entries = [*before, *_entries(files, head, (begin, growing))]
    chain = _trusts(files, trust, entries)
    return Looked(
        files=files,
        chain=chain,
        view=open_view(chain[-1][1], checkpoint),
        entries=entries,
        memory=growing.remembered(
            trust.digest, head, (each for each in entries if each[1].endswith(_KEPT))
        ),
    )


def verify_in(looked: Looked, content: bytes, asked: Asked) -> Permit:
    """Return the permit, if it lets this through under a log that was looked at (rules 3 to 5).

    Raises:
        TrustError: a rule does not hold.
    """
    permit = read_permit(parse_statement(parse_envelope(content).payload))  # verified at the end
    envelope = sha256(content).hexdigest()
    named = [each.encode() for each in (envelope, permit.decision, permit.manifest)]
    later: list[tuple[int, Vouched]] = []
    for index, entry in looked.entries:
        if entry.endswith(_DECISION):
            if index < permit.log_size:
                continue  # the issuer had seen it
        elif not any(each in entry for each in named):
            continue  # a withdrawal of something else, or a trust document
        leaf = parse_leaf(entry)
        if may_contradict(permit, envelope, index, leaf):
            then = next(each for since, each in reversed(looked.chain) if since <= index)
            later.append((index, vouch(then, _shown(looked.files, index, leaf))))
    newest = looked.chain[-1][1]
    return verify_permit(newest, content, asked, view=looked.view, later=later)


def go_on_in(looked: Looked, content: bytes, asked: Asked, fault: PermitEnded) -> Grace:
    """Return until when what runs may go on under a log that was looked at (rule 6).

    Args:
        looked: the log.
        content: the envelope of the permit under which it last passed.
        asked: what is to go on.
        fault: what `verify_in` said.

    Raises:
        TrustError: another rule does not hold, or the grace has ended.
    """
    permit = read_permit(parse_statement(parse_envelope(content).payload))
    then = replace(asked, ask=permit.ask, at=last_instant(permit))
    return go_on(verify_in(looked, content, then), asked, fault)


def go_on_without_log(trust: Trust, content: bytes, asked: Asked, fault: Exception) -> Grace:
    """Return until when what runs may go on while the log cannot be reached (rule 6).

    Args:
        trust: the first trust document: nobody can say what follows from it.
        content: the envelope of the permit under which it last passed.
        asked: what is to go on.
        fault: why the log cannot be reached.

    Raises:
        TrustError: the permit is not signed by a role that may, is for something else, or the grace
            has ended.
    """
    permit = read_permit(vouch(trust, content).statement)
    check_binding(permit, replace(asked, ask=permit.ask, at=last_instant(permit)))
    return go_on(permit, asked, f"the log cannot be reached: {fault!s:.200}")


def _entries(
    files: LogFiles, head: TreeHead, known: tuple[int, Growing]
) -> list[tuple[int, bytes]]:
    """Return the entries that may have to be read, after hashing all from a bundle on (rule 2)."""
    begin, growing = known
    found = list[tuple[int, bytes]]()
    for bundle in range(begin, -(-head.size // WIDTH)):
        content = read_entry_bundle(files, bundle, head.size)
        growing.take(bundle, content)
        for at, entry in enumerate(content):
            if entry.endswith(_READ):
                found.append((bundle * WIDTH + at, entry))
    root = growing.root()
    if root != head.root:
        raise Refused(
            "the entries are not the tree that was signed",
            expected=head.root.hex(), got=root.hex(),
        )  # fmt: skip
    return found


def _trusts(
    files: LogFiles, first: Trust, entries: list[tuple[int, bytes]]
) -> list[tuple[int, Trust]]:
    """Return each trust document with the index from which it is in force, oldest first."""
    chain = [(0, first)]
    for index, entry in entries:
        if entry.endswith(_TRUST):
            following = follow_trust(chain[-1][1], _shown(files, index, parse_leaf(entry)))
            chain.append((index, following))
    return chain


def _shown(files: LogFiles, index: int, leaf: Leaf) -> bytes:
    """Return the envelope of an entry that could refuse (rule 4)."""
    content = files.read(statement_path(leaf.envelope))
    if content is None:
        raise Refused("an entry that could refuse the permit is not shown", where=f"entry {index}")
    try:
        verify_leaf(leaf, content)
    except TrustError as cause:
        raise Refused(
            "an entry that could refuse the permit does not hold", where=f"entry {index}",
            got=f"{cause!s:.200}",
        ) from cause  # fmt: skip
    return content
