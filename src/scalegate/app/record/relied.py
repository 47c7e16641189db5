"""Which recorded decisions relied on a piece of evidence, a safeguard or an incident.

1. For every decision that a log shows: what it was computed from is taken out of the workspace by
   its digests, and the question of `affected` is put, at the decision's own instant.
2. A decision relied on it if a row that stands at its gate names what rests on it, or if its
   answer would have been another one without it.
3. What was not on record then had no part in it. What cannot be had any more is named, and is not
   taken for a decision that did not rely on it.

Does not check: signatures and hashes of the log (`ledger verify` does).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scalegate.app.record.archive import Archive
from scalegate.app.record.following import prepared_for
from scalegate.app.record.material import named_by
from scalegate.app.record.reading import read_entries
from scalegate.app.workspace import Workspace
from scalegate.base.errors import ScalegateError, TrustError, UnknownName
from scalegate.evidence.relies import named_in, rests_on
from scalegate.gate.affected import affected
from scalegate.gate.assess import assess
from scalegate.ledger.checkpoints import parse_checkpoint
from scalegate.ledger.statements import Statement
from scalegate.ports import LogFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Relied:
    """One recorded decision that relied on it, or of which that cannot be said."""

    index: int
    """Where it stands in the log, from 0."""
    subject: str
    """What was decided on."""
    framework: str
    """Under which policy."""
    gate: str
    """At which gate."""
    decided_at: str
    """When, by its signer's word."""
    effect: str
    """What was decided."""
    rows: tuple[str, ...] = ()
    """The commitments that name what rests on it."""
    effect_without: str = ""
    """What would have been decided without it; empty where nothing could be read without it."""
    changes: bool = False
    """Whether that would have been another decision."""
    missing: str = ""
    """Why it cannot be said; empty where it was found to rely on it."""

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "entry": self.index,
            "subject": self.subject,
            "framework": self.framework,
            "gate": self.gate,
            "decided_at": self.decided_at,
            "effect": self.effect,
            "rows": list(self.rows),
            "effect_without": self.effect_without or None,
            "changes": self.changes,
            "missing": self.missing,
        }


def relied_on(
    files: LogFiles, checkpoint: bytes, workspace: Workspace, ref: str
) -> tuple[Relied, ...]:
    """Return the recorded decisions that relied on `ref`, and those of which it cannot be said.

    Args:
        files: the log.
        checkpoint: its checkpoint; entries after it are left out.
        workspace: where what the decisions name is kept.
        ref: id of a document, start of a digest, or `safeguard:NAME`.

    Raises:
        TrustError: kept evidence was altered.
        Refused, MalformedRecord: the log cannot be read.
    """
    size = parse_checkpoint(checkpoint).head.size
    archive = Archive(workspace)
    return tuple(
        found
        for entry in read_entries(files, size)
        if entry.statement is not None and named_by(entry.statement) is not None
        for found in _relied(entry.index, entry.statement, archive, ref)
    )


def _relied(index: int, stated: Statement, archive: Archive, ref: str) -> Iterator[Relied]:
    try:
        prepared, asked = prepared_for(stated, archive)
    except TrustError:  # kept evidence was altered: tampering is no gap
        raise
    except ScalegateError as cause:
        yield _row(index, stated, missing=f"{cause!s:.200}")
        return
    try:
        name = named_in(prepared.bundle, ref)
    except UnknownName:  # it was not on record then
        return
    try:
        known = assess(prepared.inputs[0], stated.subjects[0].name, asked.at)
    except ScalegateError as cause:
        yield _row(index, stated, missing=f"it cannot be decided here: {cause!s:.200}")
        return
    resting = rests_on(prepared.bundle, name)
    found = affected(known, name, resting, [(asked.gate, asked.ask)])
    for gate in found.gates:
        then = gate.without
        yield _row(
            index,
            stated,
            rows=gate.rows,
            effect_without="" if then is None else then.level.word,
            changes=gate.changes,
        )


def _row(index: int, stated: Statement, **more: Any) -> Relied:
    said = stated.predicate
    return Relied(
        index=index,
        subject=stated.subjects[0].name if stated.subjects else "",
        framework=f"{said.get('framework', '')!s:.80}",
        gate=f"{said.get('gate', '')!s:.40}",
        decided_at=f"{said.get('decidedAt', '')!s:.40}",
        effect=f"{said.get('effect', '')!s:.40}",
        **more,
    )
