"""Make a document of a scan of transcripts, from the summary that Inspect Scout leaves.

1. Of `_summary.json` only counts are read: per scanner `scans`, `results`, `errors`, whether the
   scan is `complete`, and the counts of its validation. What a scanner wrote of a transcript, and
   the transcripts, are not read.
2. Any result is a sign. A scan that failed in part or did not end is inconclusive.
3. Counts of a validation say how the scanner did on labelled transcripts; they become `tried`.

4. Of `_scan.json` only the ids of the transcripts are read. Held against logs, they say how many
   of the logs' samples were among the transcripts; a scan of a part of them is inconclusive.

Source: inspect-scout 0.6.1, scans of real logs and its result summary. Not checked: what the
scanner looks for; without logs, whose transcripts were scanned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scalegate.base.errors import FormatError, UnknownName
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain

SUMMARY = "_summary.json"
"""Name of the file in the folder of a scan that counts what was found."""
SPEC = "_scan.json"
"""Name of the file in the folder of a scan that says what was scanned."""
_MOST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAsked:
    """Which scanner of a scan, and what it bears on."""

    id: str
    """Name of the document."""
    scanner: str
    """Name of the scanner in the summary."""
    subject: str
    """The model whose transcripts were scanned."""
    tested: str | None
    """The checkpoint."""
    indicator: str
    """The line: `set/indicator`."""
    at: datetime
    """When the scan was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a scan reached into logs."""

    logs: tuple[str, ...]
    """SHA-256 of each log."""
    samples: int
    """Samples of the logs."""
    scanned: int
    """How many of them are among the transcripts of the scan."""


def reach_of(text: str, logs: Mapping[str, Sequence[str]]) -> Reach:
    """Return how many samples of some logs a scan had among its transcripts.

    Args:
        text: what `_scan.json` says.
        logs: by digest of a log, the ids of its samples, as Inspect wrote them (`uuid`).

    Raises:
        FormatError: no description of a scan, or a log without samples that have an id.
    """
    spec = _mapping(_parsed(text, SPEC), "", SPEC)
    transcripts = _mapping(spec.get("transcripts"), "transcripts", SPEC)
    ids = _mapping(transcripts.get("transcript_ids"), "transcripts.transcript_ids", SPEC)
    samples = [sample for each in logs.values() for sample in each]
    if not samples or not all(samples):
        raise FormatError(
            "a log without samples, or without their ids, cannot be held against a scan",
            expected="samples with `uuid`, as Inspect has written since 2025",
            hint="leave `--log` out; the document then says that nobody looked",
        )
    return Reach(
        logs=tuple(sorted(logs)), samples=len(samples), scanned=sum(each in ids for each in samples)
    )


def scan_document(text: str, asked: ScanAsked, reach: Reach | None = None) -> dict[str, Any]:
    """Return a `hiding-check` document of one scanner.

    Args:
        text: what `_summary.json` says.
        asked: which scanner, and what the document is about.
        reach: how far it reached into logs; None: nobody looked.

    Raises:
        FormatError: no summary of a scan, or counts that cannot be.
        UnknownName: the summary has no scanner of that name.
    """
    summary = _mapping(_parsed(text), "")
    scanners = _mapping(summary.get("scanners"), "scanners")
    if asked.scanner not in scanners:
        raise UnknownName("scanner", asked.scanner, known=[plain(name) for name in scanners])
    where = f"scanners.{plain(asked.scanner)}"
    found = _mapping(scanners[asked.scanner], where)
    counts = {name: _count(found, name, where) for name in ("scans", "results", "errors")}
    complete = summary.get("complete") is True
    payload: dict[str, Any] = {
        "method": "transcript_scan",
        "indicators": [asked.indicator],
        "found": _found(counts, is_complete=complete and _is_whole(reach)),
        "statement": f"Scan of transcripts by `{plain(asked.scanner, limit=80)}`.",
        "scan": {
            "scanner": asked.scanner,
            **counts,
            "is_complete": complete,
            "summary_sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
    }
    if reach is not None:
        payload["scan"] |= {
            "log_sha256": list(reach.logs),
            "samples": reach.samples,
            "samples_scanned": reach.scanned,
        }
    if asked.tested is not None:
        payload["tested"] = asked.tested
    tried = _tried(found.get("validation"), where)
    if tried is not None:
        payload["tried"] = tried
    instant = format_instant(asked.at)
    return {
        "schema": "scalegate/hiding-check@1",
        "id": asked.id,
        "subject": asked.subject,
        "true_from": instant,
        "known_from": instant,
        "source": {"document": "Summary of a scan by Inspect Scout", "mark": "record"},
        "payload": payload,
    }


def _found(counts: dict[str, int], *, is_complete: bool) -> str:
    if counts["results"]:
        return "sign"
    return "no_sign" if counts["scans"] and not counts["errors"] and is_complete else "inconclusive"


def _is_whole(reach: Reach | None) -> bool:
    return reach is None or reach.scanned == reach.samples


def _parsed(text: str, file: str = SUMMARY) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise _fault("", expected="JSON", got="something else", file=file) from cause


def _mapping(value: Any, where: str, file: str = SUMMARY) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fault(where, expected="a mapping", got=type(value).__name__, file=file)
    return value


def _count(found: dict[str, Any], name: str, where: str) -> int:
    value = found.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise _fault(f"{where}.{name}", expected="a whole number", got=type(value).__name__)
    return value


def _tried(validation: Any, where: str) -> dict[str, int] | None:
    metrics = validation.get("metrics") if isinstance(validation, dict) else None
    if not isinstance(metrics, dict):
        return None
    inside = f"{where}.validation.metrics"
    hits = {name: _count(metrics, name, inside) for name in ("tp", "fp", "tn", "fn")}
    return {
        "hiding": hits["tp"] + hits["fn"],
        "seen": hits["tp"],
        "honest": hits["fp"] + hits["tn"],
        "false_alarms": hits["fp"],
    }


def _fault(where: str, *, expected: str, got: str, file: str = SUMMARY) -> FormatError:
    return FormatError(
        "not the summary of a scan" if file == SUMMARY else "not the description of a scan",
        file=file,
        path=where,
        expected=expected,
        got=got,
        hint="name the folder that Inspect Scout wrote for the scan",
    )
