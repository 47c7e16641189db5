"""Evidence and policies out of the material of a bundle, by the digests that decisions name.

1. Everything is computed in memory; nothing of the material is written or run.
2. A decision that rests on something withheld is not decided anew: what is missing is named.
3. Documents and tables are read once, whatever the number of decisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalegate.app.record.following import Asked, NotGiven
from scalegate.app.record.kept_material import policy_out_of
from scalegate.app.record.material import (
    WORDS,
    Material,
    evidence_in,
    named_by,
    runs_in,
    tables_in,
)
from scalegate.app.workspace import LoadedPolicy
from scalegate.base.errors import FormatError
from scalegate.ledger.statements import Statement

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record


class Unpacked:
    """Keeps the promises of `following.Source` over the material of a bundle."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._records = dict[str, "Record"]()
        self._logs = dict[str, "EvalLog"]()
        self._bundles = dict[tuple[str, str], "Bundle[EvalLog]"]()
        self._policies = dict[str, LoadedPolicy]()

    def evidence(self, digest: str, asked: Asked, stated: Statement) -> Bundle[EvalLog]:
        """Return the evidence of a digest, at the instant asked about.

        Raises:
            NotGiven: some of it is withheld (rule 2).
            FormatError: this version cannot read it.
        """
        from scalegate.evidence.bundle import bundle_of

        named = named_by(stated)
        tables = named.tables if named else ""
        if (digest, tables) in self._bundles:
            return self._bundles[digest, tables]
        listed = evidence_in(self._content(digest, "the list of the evidence"))
        logs = self._tables(listed["logs"], tables)
        records = [self._record(each) for each in listed["history"]]
        found = bundle_of(records, logs).as_of(asked.at, asked.at)
        if found.digest != digest:
            raise FormatError(
                "the evidence is not what its list says", expected=digest, got=found.digest
            )
        self._bundles[digest, tables] = found
        return found

    def _tables(self, logs: tuple[str, ...], tables: str) -> dict[str, EvalLog]:
        if not logs:
            return {}
        if not tables:
            raise NotGiven("the decision names no tables for its logs")
        listed = tables_in(self._content(tables, "the list of the tables"))
        if listed.keys() != set(logs):
            raise FormatError("the list of the tables is of other logs")
        return {name: self._log(name, listed[name]) for name in logs}

    def _log(self, name: str, digest: str) -> EvalLog:
        from scalegate.evidence.sample_table import read_table

        if digest not in self._logs:
            content = self._content(digest, "the table of samples of a log")
            self._logs[digest] = read_table(content, log_sha256=name)
        return self._logs[digest]

    def _record(self, digest: str) -> Record:
        from scalegate.evidence.carried import read_carried

        if digest not in self._records:
            content = self._content(digest, "a document")
            runs = runs_in(content)
            attached = self._content(runs, "a file of runs") if runs else None
            self._records[digest] = read_carried(content, attached=attached)
        return self._records[digest]

    def policy(self, digest: str, framework: str) -> LoadedPolicy:
        """Return the policy of a digest, indicator sets merged in.

        Raises:
            NotGiven: some of it is withheld (rule 2).
            DocumentFaults: this version cannot read it.
            UnknownName: it is another policy.
        """
        if digest in self._policies:
            return self._policies[digest]
        self._policies[digest] = policy_out_of(self._content, digest, framework)
        return self._policies[digest]

    def _content(self, digest: str, what: str) -> bytes:
        content = self._material.content.get(digest)
        if content is None:
            said = self._material.withheld.get(digest, "")
            why = next((words for reason, words in WORDS.items() if reason == said), "")
            why = f" ({why})" if why else ""
            raise NotGiven(f"{what} with SHA-256 {digest} is not in the bundle{why}")
        return content
