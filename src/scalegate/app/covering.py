"""Show how much of a published text is encoded, from the table beside the policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalegate.app.workspace import LoadedPolicy, policies_of
from scalegate.base.errors import DocumentFaults, FormatError, UnknownName
from scalegate.ports import PolicySource, PolicyText

if TYPE_CHECKING:
    from scalegate.policy.coverage import Coverage, CoverageRow

ORDER = ("must", "will", "would", "intend", "aim", "may", "present")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageResult:
    """A coverage table that fits its policy."""

    policy: LoadedPolicy
    """The policy that the table is about."""
    table: Coverage
    """The table."""
    digest: str
    """SHA-256 of the table's file."""
    file: str
    """Its name."""

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Rows by modality and by what became of them."""
        found: dict[str, dict[str, int]] = {}
        for word in ORDER:
            rows = [row for row in self.table.rows if row.modality == word]
            if rows:
                found[word] = dict(Counter(row.outcome for row in rows))
        return found

    @property
    def binding(self) -> tuple[CoverageRow, ...]:
        """The rows that bind the lab."""
        return tuple(row for row in self.table.rows if row.binding)

    def to_mapping(self) -> dict[str, Any]:
        """Return the result as plain data for `--json`."""
        table = self.table
        answered = sum(1 for row in self.binding if row.is_answered)
        return {
            "framework": self.policy.name,
            "policy_digest": self.policy.digest,
            "table_digest": self.digest,
            "table_file": self.file,
            "text": table.text.model_dump(mode="json", exclude_none=True),
            "counts": self.counts,
            "sentences": len(table.rows),
            "binding": len(self.binding),
            "binding_encoded": sum(1 for row in self.binding if row.outcome == "encoded"),
            "binding_answered": answered,
            "rows": [row.model_dump(mode="json", exclude_none=True) for row in table.rows],
            "unnamed": [item.model_dump(mode="json") for item in table.unnamed],
            "notes": list(table.notes),
        }


def coverage_of(
    source: PolicySource, name: str, *, own: PolicyText | None = None
) -> CoverageResult:
    """Return the coverage table of a policy: the shipped one, or the reader's own.

    Raises:
        UnknownName: no policy has the name, or no table is about it.
        DocumentFaults: every fault of the policy or of the table.
        OutsideError: a file cannot be read.
    """
    from scalegate.policy.coverage import parse_coverage

    policy = policies_of(source, [name])[0]
    text = own if own is not None else _shipped(source, name)
    table = parse_coverage(text.text, policy.policy, file=text.file)
    return CoverageResult(policy=policy, table=table, digest=text.digest, file=text.file)


def _shipped(source: PolicySource, name: str) -> PolicyText:
    found = {Path(each.file).stem: each for each in source.tables("coverage")}
    if name not in found:
        raise UnknownName("coverage table", name, known=found)
    return replace(found[name], file=f"coverage/{found[name].file}")


def check_text(result: CoverageResult, text: PolicyText) -> None:
    """Compare a table with the published text, sentence by sentence.

    Raises:
        DocumentFaults: every sentence that one has and the other has not, and a digest of a text
            that was read whole and is another now.
    """
    from scalegate.policy.coverage import text_faults
    from scalegate.policy.normative import normative_sentences

    table = result.table
    found = normative_sentences(text.text, with_present=True)
    faults = [FormatError(each, file=result.file) for each in text_faults(table, found)]
    if table.text.sha256 not in {None, text.digest}:
        expected = f"the text with sha256 `{table.text.sha256}`"
        faults.append(
            FormatError("another text", file=text.file, expected=expected, got=f"`{text.digest}`")
        )
    if faults:
        raise DocumentFaults(faults)
