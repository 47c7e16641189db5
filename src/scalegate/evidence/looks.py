"""Count the looks at growing data: results that were complete before more were gathered.

1. A log that started after an earlier one had ended, and that adds items or epochs which no
   earlier one had planned, is a further look: whoever started it could have seen the results.
2. Completing what was planned (a retry, a shard of one list) is none; nor are logs that ran at the
   same time.
3. The size of a look is how many distinct items there were at it, over all logs until then.
4. A log that does not say when it started counts as started when it ended; one that says neither,
   as gathered after all others.

*Not seen here:* results that were looked at and never imported, and a log that was left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from scalegate.evidence.eval_log import EvalLog


def looks_at(logs: Iterable[EvalLog]) -> tuple[int, ...]:
    """Return the size of each look, the last one included: at least one look."""
    seen = sorted(logs, key=_when)
    sizes: list[int] = []
    items: frozenset[str] = frozenset()
    for place, log in enumerate(seen):
        if place and _grows(log, seen[:place]):
            sizes.append(len(items))
        items |= _items(log)
    return (*sizes, len(items))


def _grows(log: EvalLog, before: Iterable[EvalLog]) -> bool:
    earlier = [each for each in before if _ended_before(each, log)]
    if not earlier:
        return False
    promised = frozenset().union(*(_items(each) for each in earlier))
    epochs = max(each.header.planned_epochs for each in earlier)
    return bool(_items(log) - promised) or log.header.planned_epochs > epochs


def _ended_before(earlier: EvalLog, later: EvalLog) -> bool:
    ended, started = earlier.header.completed_at, _start(later)
    began = _start(earlier)
    if ended is None or started is None or began is None:
        return True
    return ended <= started and began < started


def _when(log: EvalLog) -> tuple[str, str]:
    start = _start(log)
    return "" if start is None else start.isoformat(), log.digest_sha256


def _start(log: EvalLog) -> datetime | None:
    return log.header.started_at or log.header.created_at or log.header.completed_at


def _items(log: EvalLog) -> frozenset[str]:
    return frozenset(log.header.planned_ids) | frozenset(log.samples.ids)
