"""The jobs that are measured, each in a process of its own: ours and the peer's.

A job imports first (reported apart), then works, and prints one JSON line: CPU seconds of the
work (user and system, all threads), peak memory of the process, and a digest of what it found.
The digest is taken after the clock stops. `ours` and `peer` of one job must print the same digest.
"""

from __future__ import annotations

import hashlib
import json
import math
import resource
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Fact = tuple[Any, ...]


def cpu_seconds() -> float:
    """Return the CPU time of this process, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_megabytes() -> float:
    """Return the largest resident size of this process so far.

    `ru_maxrss` of a child begins at what its parent held, so Linux's own counter comes first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _number(value: Any) -> Any:
    known = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, bool | int | float):
        return None if math.isnan(value) else float(value)
    return None


def ours_full(path: str, *, digest: str | None = None) -> Callable[[], Iterable[Fact]]:
    """Read every sample, hash the file (which the peer never does) and check validity."""
    import zstandard  # noqa: F401  # the reader imports it with the first member

    from scalegate.adapters.inspect_log import read_log
    from scalegate.evidence.validity import check_log

    def work() -> Any:
        log = read_log(path, digest=digest)
        scorer = next(iter(log.samples.score_names), "none")
        return log, check_log(log, scorer=scorer)

    log, _ = measured(work)
    table = log.samples
    column = next(iter(table.scores), None)
    return lambda: (
        (
            table.ids[row],
            table.epochs[row],
            None if column is None or column.unscored[row] else column.values[row],
            bool(table.errors[row]),
            table.limits[row],
            table.stop_reasons[row],
            table.invalidated[row],
            table.uuids[row],
        )
        for row in range(len(table))
    )


def ours_known(path: str) -> Callable[[], Iterable[Fact]]:
    """Do the same for a caller that knows the digest already, as after an import."""
    return ours_full(path, digest="known")


def peer_full(path: str) -> Callable[[], Iterable[Fact]]:
    """Read the log with Inspect (no validity check on top)."""
    from inspect_ai.log import read_eval_log

    log = measured(lambda: read_eval_log(path))
    return lambda: (
        (
            str(sample.id),
            sample.epoch,
            _number(next(iter(sample.scores.values())).value) if sample.scores else None,
            sample.error is not None,
            sample.limit.type if sample.limit else "",
            sample.output.choices[0].stop_reason if sample.output.choices else "",
            sample.invalidation is not None,
            sample.uuid or "",
        )
        for sample in log.samples or ()
    )


def ours_scores(path: str) -> Callable[[], Iterable[Fact]]:
    """Read scores, errors and limits from the summaries."""
    import zstandard  # noqa: F401  # the reader imports it with the first member

    from scalegate.adapters.inspect_log import read_scores

    log = measured(lambda: read_scores(path))
    return lambda: _score_facts(log)


def _score_facts(log: Any) -> Iterable[Fact]:
    table = log.samples
    column = table.scores[0]
    return (
        (
            table.ids[row],
            table.epochs[row],
            None if column.unscored[row] else column.values[row],
            bool(table.errors[row]),
            table.limits[row],
        )
        for row in range(len(table))
    )


def peer_scores(path: str) -> Callable[[], Iterable[Fact]]:
    """Make Inspect's data frame of samples."""
    from inspect_ai.analysis import samples_df

    frame = measured(lambda: samples_df(path, quiet=True))
    name = next(column for column in frame.columns if column.startswith("score_"))
    columns = [frame[key].tolist() for key in ("id", "epoch", name, "error", "limit")]
    return lambda: (
        (
            str(item),
            int(epoch),
            _number(None if _is_absent(value) else value),
            not _is_absent(error),
            "" if _is_absent(limit) else limit,
        )
        for item, epoch, value, error, limit in zip(*columns, strict=True)
    )


def _is_absent(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or value == "" or value != value  # noqa: PLR0124  # NaN differs from itself


def ours_folder(folder: str) -> Callable[[], Iterable[Fact]]:
    """Read header and summaries of every log of a folder."""
    import zstandard  # noqa: F401  # the reader imports it with the first member

    from scalegate.adapters.inspect_log import read_scores

    paths = sorted(Path(folder).glob("*.eval"))
    logs = measured(lambda: [read_scores(path) for path in paths])
    return lambda: (
        (log.header.run_id, log.header.model, *fact) for log in logs for fact in _score_facts(log)
    )


def peer_folder(folder: str) -> Callable[[], Iterable[Fact]]:
    """Read header and summaries of every log of a folder with Inspect."""
    from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

    paths = [str(path) for path in sorted(Path(folder).glob("*.eval"))]
    logs = measured(
        lambda: [
            (read_eval_log(path, header_only=True), read_eval_log_sample_summaries(path))
            for path in paths
        ]
    )
    return lambda: (
        (
            header.eval.run_id,
            header.eval.model,
            str(entry.id),
            entry.epoch,
            _number(next(iter(entry.scores.values())).value) if entry.scores else None,
            entry.error is not None,
            entry.limit or "",
        )
        for header, summaries in logs
        for entry in summaries
    )


def ours_cached(path: str) -> Callable[[], Iterable[Fact]]:
    """Read a log through a side index that already holds it."""
    from scalegate.adapters.inspect_log import SideIndex

    index = SideIndex(Path(path).parent / "index")
    index.read_log(path)
    log = measured(lambda: index.read_log(path))
    return lambda: _score_facts(log)


JOBS = {
    "full": (ours_full, peer_full),
    "known": (ours_known, peer_full),
    "scores": (ours_scores, peer_scores),
    "folder": (ours_folder, peer_folder),
    "cached": (ours_cached, peer_scores),
}
_FIGURES: dict[str, float] = {}


def measured(work: Callable[[], Any]) -> Any:
    """Run the work and keep its figures; imports were done before."""
    _FIGURES["import_cpu_s"] = cpu_seconds()
    _FIGURES["import_mb"] = peak_megabytes()
    result = work()
    _FIGURES["cpu_s"] = cpu_seconds() - _FIGURES["import_cpu_s"]
    _FIGURES["peak_mb"] = peak_megabytes()
    return result


def main(job: str, side: str, path: str) -> None:
    """Run one side of one job and print its figures."""
    facts = JOBS[job][side == "peer"](path)
    lines = sorted(json.dumps(fact) for fact in facts())
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    sys.stdout.write(json.dumps({**_FIGURES, "rows": len(lines), "digest": digest}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
