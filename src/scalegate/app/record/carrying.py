"""Gather the material that the decisions of a log were computed from, for a bundle.

1. For each decision that is shown: the lists that it names, and the files that they name, out of a
   workspace. Only what has the digest is taken.
2. What the sender leaves out, what the workspace no longer has and what is too large is withheld,
   with the reason.
3. A list names digests only, and travels with whatever is withheld below it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scalegate.app.record.archive import Archive
from scalegate.app.record.following import NotGiven, asked_by
from scalegate.app.record.leaving_out import Without
from scalegate.app.record.material import (
    Named,
    Part,
    Reason,
    evidence_list,
    named_by,
    policy_list,
)
from scalegate.app.record.reading import read_entries
from scalegate.app.workspace import LoadedPolicy, Workspace
from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError
from scalegate.ledger.checkpoints import parse_checkpoint
from scalegate.ledger.statements import Statement
from scalegate.ports import Attachment, LogFiles

MOST_BYTES = 16 << 20
"""A larger file is withheld."""


_LEFT_OUT = {
    Without.LOGS: {Part.TABLE},
    Without.DOCUMENTS: {Part.DOCUMENT, Part.RUNS},
    Without.POLICIES: {Part.POLICY},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """What travels, and what does not."""

    content: Mapping[str, bytes]
    """Files by digest."""
    withheld: Mapping[str, str]
    """Reasons by digest."""
    parts: Mapping[str, Part]
    """What each of them is."""

    def count(self, part: Part) -> int:
        """Return how many files of a sort travel."""
        return sum(self.parts[digest] is part for digest in self.content)


def gather_material(
    decisions: Collection[Statement],
    workspace: Workspace,
    *,
    kept: LogFiles | None = None,
    without: Collection[Without] = (),
) -> Cargo:
    """Return the material of decisions, as far as a workspace has it (rules 1 to 3).

    Args:
        decisions: statements of decisions.
        workspace: whose evidence and policies.
        kept: where policies were kept when they decided.
        without: what to leave out.

    Raises:
        TrustError: kept evidence was altered.
        DocumentFaults: a kept document or policy cannot be read by this version.
        OutsideError: the workspace cannot be read.
    """
    gathering = _Gathering(workspace, kept, {part for each in without for part in _LEFT_OUT[each]})
    for stated in decisions:
        named = named_by(stated)
        if named is not None:
            gathering.add(named, stated)
    content, withheld = gathering.content, gathering.withheld
    return Cargo(
        content=content,
        withheld={name: why for name, why in withheld.items() if name not in content},
        parts=gathering.parts,
    )


class _Gathering:
    def __init__(
        self, workspace: Workspace, kept: LogFiles | None, left_out: Collection[Part]
    ) -> None:
        self._workspace = workspace
        self._archive = Archive(workspace, kept)
        self._documents = self._archive.documents()
        self._left_out = left_out
        self.content = dict[str, bytes]()
        self.withheld = dict[str, str]()
        self.parts = dict[str, Part]()

    def add(self, named: Named, stated: Statement) -> None:
        """Take the material of one decision."""
        try:
            asked = asked_by(stated.predicate)
        except FormatError:  # nobody can decide it anew, so nothing travels for it
            for digest in named.lists:
                self._withhold(digest, Part.LIST, Reason.NOT_KEPT)
            return
        try:
            self._take_policy(self._archive.policy(named.policy, asked.framework))
        except NotGiven:
            self._withhold(named.policy, Part.LIST, Reason.NOT_KEPT)
        try:
            bundle = self._archive.evidence(named.evidence, asked, stated)
        except NotGiven:
            self._withhold(named.evidence, Part.LIST, Reason.NOT_KEPT)
            if named.tables:
                self._withhold(named.tables, Part.LIST, Reason.NOT_KEPT)
            return
        self._take(evidence_list(bundle), Part.LIST)
        for digest in sorted({record.digest for record in bundle.history}):
            self._take_document(digest)
        if named.tables:
            self._take_tables(named.tables, self._archive.tables(named.tables, bundle))

    def _take_policy(self, loaded: LoadedPolicy) -> None:
        self._take(policy_list(loaded), Part.LIST)
        for digest in (loaded.digest, *(each.digest for each in loaded.sets)):
            self._take(self._archive.policy_file(digest), Part.POLICY)

    def _take_document(self, digest: str) -> None:
        from scalegate.evidence.carried import runs_of

        record = self._documents[digest]
        self._take(record.canonical, Part.DOCUMENT)
        runs = runs_of(record)
        if runs is not None and digest in self.content:  # else nothing leads to it
            kept = Attachment(name=runs.path, digest=runs.sha256, size_bytes=0)
            path = self._workspace.store.locate_attachment(kept)
            content = self._workspace.reader.read_head(path, at_most_bytes=MOST_BYTES + 1)
            self._take(content, Part.RUNS, digest=runs.sha256)

    def _take_tables(self, digest: str, found: tuple[bytes, ...] | None) -> None:
        if found is None:  # read otherwise than when it was decided
            self._withhold(digest, Part.LIST, Reason.NOT_KEPT)
            return
        self._take(found[0], Part.LIST)
        for content in found[1:]:
            self._take(content, Part.TABLE)

    def _take(self, content: bytes, part: Part, *, digest: str = "") -> None:
        digest = digest or sha256_hex(content)
        if part in self._left_out:
            self._withhold(digest, part, Reason.LEFT_OUT)
        elif len(content) > MOST_BYTES:
            self._withhold(digest, part, Reason.TOO_LARGE)
        else:
            self.parts[digest] = part
            self.content[digest] = content

    def _withhold(self, digest: str, part: Part, reason: Reason) -> None:
        self.parts[digest] = part
        self.withheld[digest] = reason.value


def decisions_in(files: LogFiles, checkpoint: bytes) -> tuple[Statement, ...]:
    """Return the decisions that a log shows, in order; nothing of them is verified here."""
    size = parse_checkpoint(checkpoint).head.size
    found = (entry.statement for entry in read_entries(files, size))
    return tuple(each for each in found if each is not None and named_by(each) is not None)
