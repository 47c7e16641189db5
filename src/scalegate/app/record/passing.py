"""Say quickly whether a permit lets something pass, reading of a log only what could refuse it.

1. The checkpoint is the log's own, with the witnesses that the newest trust document asks for.
2. Every entry is hashed, and the root is the one signed: no entry is left out, none is added.
3. Of entries, those are read and verified that could refuse: trust documents, withdrawals that name
   the permit, its decision or its manifest, and decisions about its subject that come after it.
4. Such an entry that is not shown, or that does not hold, refuses: nobody can say that it does not
   withdraw the permit. That is stricter than `reading.verify_log`, which reports it.
5. The permit itself is checked by `ledger.permits`.

Does not check: signatures of other entries, and tiles; `ledger verify` does. Nothing is kept from
one call to the next, so the time grows with the log: docs/reference/benchmarks-permit.md.
"""

from __future__ import annotations

from hashlib import sha256

from scalegate.app.record.appending import read_checkpoint_bytes, statement_path
from scalegate.app.record.reading import follow_trust, read_entry_bundle
from scalegate.base.errors import TrustError
from scalegate.ledger.checkpoints import TreeHead, parse_checkpoint
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import Refused
from scalegate.ledger.leaves import Leaf, parse_leaf, verify_leaf
from scalegate.ledger.permits import Asked, Permit, may_contradict, read_permit, verify_permit
from scalegate.ledger.statements import Predicate, parse_statement
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import Trust, Vouched, vouch
from scalegate.ledger.view import open_view
from scalegate.ports import LogFiles


def _end_of(kind: Predicate) -> bytes:
    """Return how a leaf of a kind ends: its form is canonical, and `type` is its last field."""
    return f'"type":"{kind.uri}"}}'.encode()


_TRUST, _DECISION = _end_of(Predicate.TRUST), _end_of(Predicate.GATE_DECISION)
_READ = (_TRUST, _DECISION, _end_of(Predicate.WITHDRAWAL))


def verify_passing(files: LogFiles, trust: Trust, content: bytes, asked: Asked) -> Permit:
    """Return the permit, if it lets this through (rules 1 to 5).

    Args:
        files: the log, as the verifier has it.
        trust: the first trust document.
        content: the permit's envelope.
        asked: what is about to happen.

    Raises:
        UsageError: there is no log.
        TrustError: a rule does not hold.
    """
    permit = read_permit(parse_statement(parse_envelope(content).payload))  # verified at the end
    checkpoint = read_checkpoint_bytes(files)
    entries = _entries(files, parse_checkpoint(checkpoint).head)
    chain = _trusts(files, trust, entries)
    newest = chain[-1][1]
    view = open_view(newest, checkpoint)
    envelope = sha256(content).hexdigest()
    later: list[tuple[int, Vouched]] = []
    for index, entry in entries:
        if entry.endswith(_DECISION) and index < permit.log_size:
            continue  # the issuer had seen it
        leaf = parse_leaf(entry)
        if may_contradict(permit, envelope, index, leaf):
            then = next(each for since, each in reversed(chain) if since <= index)
            later.append((index, vouch(then, _shown(files, index, leaf))))
    return verify_permit(newest, content, asked, view=view, later=later)


def _entries(files: LogFiles, head: TreeHead) -> list[tuple[int, bytes]]:
    """Return the entries that may have to be read, after hashing all (rule 2)."""
    tree, found = Tree(), list[tuple[int, bytes]]()
    for bundle in range(-(-head.size // WIDTH)):
        for at, entry in enumerate(read_entry_bundle(files, bundle, head.size)):
            tree.append(entry)
            if entry.endswith(_READ):
                found.append((bundle * WIDTH + at, entry))
    if tree.size != head.size or tree.root() != head.root:
        raise Refused(
            "the entries are not the tree that was signed",
            expected=head.root.hex(), got=tree.root().hex(),
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
