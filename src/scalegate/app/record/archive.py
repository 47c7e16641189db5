"""Evidence and policies of a workspace, by the digests that decisions name.

1. Everything is read once, files compared with their digests, whatever the number of decisions.
2. The evidence of a decision is what was known at its instant. Where something was imported later
   that says it was known before, what was recorded until the decision is tried as well.
3. A policy is one that was kept when it decided (`kept_material`), else the workspace's or a
   shipped one; an edited one no longer has its digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from scalegate.app.record.following import Asked, NotGiven
from scalegate.app.record.kept_material import (
    kept_content,
    kept_policy,
    kept_tables,
    texts_of,
)
from scalegate.app.record.material import table_list, tables_of
from scalegate.app.workspace import (
    LoadedPolicy,
    Workspace,
    load_policies,
    metadata_keys_of,
    read_log_of,
    read_record,
)
from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import UnknownName
from scalegate.ledger.statements import Statement
from scalegate.ports import LOG_KIND, EvidenceItem, LogFiles

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record


class Archive:
    """Keeps the promises of `following.Source` over a workspace."""

    def __init__(self, workspace: Workspace, kept: LogFiles | None = None) -> None:
        """Read every document of a workspace.

        Args:
            workspace: whose evidence and policies.
            kept: where policies were kept.

        Raises:
            TrustError: a record or a file is missing or was altered.
            DocumentFaults: a kept document cannot be read by this version.
            OutsideError: the store cannot be read.
        """
        self._workspace = workspace
        self._kept = kept
        self.items = workspace.store.history()
        self._records = {
            item.digest: read_record(workspace, item)
            for item in self.items
            if item.kind != LOG_KIND
        }
        self._logs = dict[tuple[str, tuple[str, ...]], "EvalLog"]()
        self._bundles = dict[str, "Bundle[EvalLog]"]()
        self._policies = dict[str, LoadedPolicy]()
        self._texts = dict[str, bytes]()

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
            NotGiven: neither has it.
            DocumentFaults: it is wrong.
        """
        if digest not in self._policies:
            self._policies[digest] = self._policy(digest, framework)
        return self._policies[digest]

    def _policy(self, digest: str, framework: str) -> LoadedPolicy:
        if self._kept is not None:
            with suppress(NotGiven):
                return kept_policy(self._kept, digest, framework)
        try:
            (found,) = load_policies(self._workspace, [framework])
        except UnknownName as cause:
            raise NotGiven(f"{cause!s:.200}") from cause
        if found.effective_digest != digest:
            raise NotGiven(f"the workspace does not give the policy with SHA-256 {digest}")
        return found

    def tables(self, digest: str, bundle: Bundle[EvalLog]) -> tuple[bytes, ...] | None:
        """Return the list of tables that a decision names, and the tables; nothing where gone.

        Raises:
            OutsideError: a file cannot be read.
        """
        kept = kept_tables(self._kept, digest) if self._kept is not None else None
        if kept is not None:
            return kept
        anew = tables_of(bundle)
        listed = table_list(anew)
        return (listed, *anew.values()) if sha256_hex(listed) == digest else None

    def policy_file(self, digest: str) -> bytes:
        """Return the bytes of a file of a policy that `policy` gave."""
        content = kept_content(self._kept, digest) if self._kept is not None else None
        if content is not None:
            return content
        if not self._texts:
            self._texts = texts_of(self._workspace.policies)
        return self._texts[digest]

    def documents(self) -> dict[str, Record]:
        """Return every document of the workspace, by the digest of its canonical form."""
        return {record.digest: record for record in self._records.values()}
