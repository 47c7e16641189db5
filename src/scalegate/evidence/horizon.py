"""Read files of time-horizon runs: one JSON object per line, as METR publishes them.

1. Only the lines of the named model count; the others are checked for being JSON objects only.
2. Success is `score_binarized`, 0 or 1. The printed score is not used.
3. A run whose `fatal_error_from` is set was stopped, by a limit (`usageLimits`) or an error. Its
   failure is no evidence of incapability either way, so it is marked, never dropped.
4. A fault names the line; all faults are collected.

Source: METR/eval-analysis-public, `data/external/all_runs.jsonl` of 27 February 2025 (MIT).
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain
from scalegate.evidence.documents.results import HorizonFile, HorizonRun

MAX_LINE_CHARACTERS = 100_000
MAX_RUNS = 1_000_000


def parse_horizon_file(text: str, named: HorizonFile) -> tuple[HorizonRun, ...]:
    """Read the runs of one model from a file of runs.

    Raises:
        DocumentFaults: a line that is no JSON object, a run without task, family, minutes or
            binary score, numbers out of range, or a file without the model.

    Does not check: the file's digest (adapters do); that human minutes are right.
    """
    runs: list[HorizonRun] = []
    faults: list[FormatError] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or len(faults) > 100:
            continue
        try:
            entry = _entry(line)
            if entry.get("alias") == named.alias:
                runs.append(_run(entry))
        except FormatError as fault:
            faults.append(
                FormatError(
                    fault.what,
                    file=named.path,
                    line=number,
                    path=fault.path,
                    expected=fault.expected,
                    got=fault.got,
                )
            )
    if not runs and not faults:
        faults.append(
            FormatError(
                "no run of this model",
                file=named.path,
                expected=f"`alias` `{plain(named.alias, limit=60)}` on some line",
            )
        )
    if faults:
        raise DocumentFaults(faults)
    return tuple(runs)


def _entry(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE_CHARACTERS:
        raise FormatError("line too long", expected=f"at most {MAX_LINE_CHARACTERS} characters")
    try:
        entry = json.loads(line, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise FormatError("not a JSON object", got=f"`{plain(line, limit=40)}`") from None
    if not isinstance(entry, dict):
        raise FormatError("not a JSON object", got=f"`{plain(line, limit=40)}`")
    return entry


def _no_constant(word: str) -> object:
    raise ValueError(word)


def _run(entry: dict[str, Any]) -> HorizonRun:
    task, family = _text(entry, "task_id"), _text(entry, "task_family")
    minutes = _number(entry, "human_minutes")
    if minutes <= 0:
        raise FormatError(
            "out of range", path="human_minutes", expected="more than 0", got=f"{minutes}"
        )
    success = entry.get("score_binarized")
    if isinstance(success, bool) or success not in (0, 1):
        raise FormatError(
            "not a binary score",
            path="score_binarized",
            expected="0 or 1",
            got=f"`{plain(success, limit=40)}`",
        )
    weight = _number(entry, "equal_task_weight") if "equal_task_weight" in entry else None
    if weight is not None and weight < 0:
        raise FormatError("out of range", path="equal_task_weight", expected="0 or more")
    return HorizonRun(
        task=task,
        family=family,
        human_minutes=minutes,
        success=bool(success),
        weight=weight,
        stopped_by_limit=entry.get("fatal_error_from") not in (None, ""),
    )


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise FormatError("not a name", path=key, expected="text of at most 200 characters")
    return value


def _number(entry: dict[str, Any], key: str) -> Decimal:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise FormatError(
            "not a number", path=key, expected="a number", got=f"`{plain(value, limit=40)}`"
        )
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > 30:
        raise FormatError("number out of bounds", path=key, got=f"`{plain(value, limit=40)}`")
    return exact
