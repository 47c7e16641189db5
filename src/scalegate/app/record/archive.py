"""Evidence and policies of a workspace, by the digests that decisions name.

1. Everything is read once, files compared with their digests, whatever the number of decisions.
2. The evidence of a decision is what was known at its instant. Where something was imported later
   that says it was known before, what was recorded until the decision is tried as well.
3. A policy is the workspace's or a shipped one; an edited one no longer has its digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from scalegate.app.record.following import Asked, NotGiven
from scalegate.app.workspace import (
    LoadedPolicy,
    Workspace,
    load_policies,
    metadata_keys_of,
    read_log_of,
    read_record,
)
from scalegate.base.errors import UnknownName
from scalegate.ledger.statements import Statement
from scalegate.ports import LOG_KIND, EvidenceItem

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record


class Archive:
    """Keeps the promises of `following.Source` over a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Read every document of a workspace.

        Raises:
            TrustError: a record or a file is missing or was altered.
            DocumentFaults: a kept document cannot be read by this version.
            OutsideError: the store cannot be read.
        """
        self._workspace = workspace
        self.items = workspace.store.history()
        self._records = {
            item.digest: read_record(workspace, item)
            for item in self.items
            if item.kind != LOG_KIND
        }
        self._logs = dict[tuple[str, tuple[str, ...]], "EvalLog"]()
        self._bundles = dict[str, "Bundle[EvalLog]"]()
        self._policies = dict[str, LoadedPolicy]()

    def evidence(self, digest: str, asked: Asked, stated: Statement) -> Bundle[EvalLog]:
        """Return the evidence of a digest, at the instant asked about (rule 2).

        Raises:
            NotGiven: the workspace does not give it.
            DocumentFaults: two documents contradict each other.
            TrustError: a log is gone or was altered.
        """
        del stated
        if digest in self._bundles:
            return self._bundles[digest]
        for items in self._choices(asked):
            found = self._bundle(items, asked.at)
            if found.digest == digest:
                self._bundles[digest] = found
                return found
        raise NotGiven(f"the workspace does not give the evidence with SHA-256 {digest}")

    def _choices(self, asked: Asked) -> Iterator[list[EvidenceItem]]:
        known = [item for item in self.items if item.known_from <= asked.at]
        yield known
        yield [item for item in known if item.recorded_at <= asked.decided_at]

    def _bundle(self, items: list[EvidenceItem], at: datetime) -> Bundle[EvalLog]:
        from scalegate.evidence.bundle import bundle_of

        records = [self._records[item.digest] for item in items if item.kind != LOG_KIND]
        keys = metadata_keys_of(records)
        logs = {
            item.digest: self._log(item, keys)
            for item in items
            if item.kind == LOG_KIND and item.true_from <= at
        }
        return bundle_of(records, logs).as_of(at, at)

    def _log(self, item: EvidenceItem, keys: tuple[str, ...]) -> EvalLog:
        if (item.digest, keys) not in self._logs:
            log = read_log_of(self._workspace, item, metadata_keys=keys)
            self._logs[item.digest, keys] = log
        return self._logs[item.digest, keys]

    def policy(self, digest: str, framework: str) -> LoadedPolicy:
        """Return the policy of a digest (rule 3).

        Raises:
            NotGiven: the workspace does not give it.
            DocumentFaults: it is wrong.
        """
        if framework not in self._policies:
            try:
                (self._policies[framework],) = load_policies(self._workspace, [framework])
            except UnknownName as cause:
                raise NotGiven(f"{cause!s:.200}") from cause
        found = self._policies[framework]
        if found.effective_digest != digest:
            raise NotGiven(f"the workspace does not give the policy with SHA-256 {digest}")
        return found

    def documents(self) -> dict[str, Record]:
        """Return every document of the workspace, by the digest of its canonical form."""
        return {record.digest: record for record in self._records.values()}
