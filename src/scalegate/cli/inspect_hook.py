"""A hook for Inspect that records each finished log in a workspace.

Inspect loads this module by the entry point `inspect_ai`; nothing else imports it, since it needs
the extra `scalegate[inspect]`. The hook is called `scalegate/evidence`.

1. It is enabled by `SCALEGATE_RECORD_RUNS=1`; the workspace is the one that the verbs would use.
2. The log's file is read when the task has ended, as `scalegate evidence import` reads it, whatever
   the event carries (under `eval_set` that may be a header alone).
3. It never ends or fails a run: Inspect catches what a hook raises and logs it as a warning. What
   could not be recorded is missing, and a planned run that is missing holds its gate.

*Not checked here:* that the log is what was run, and that no other run went without the hook.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from anyio.to_thread import run_sync
from inspect_ai.hooks import Hooks, TaskEnd, hooks

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain

NAME = "evidence"


@hooks(name=NAME, description="Records each finished log in a Scalegate workspace")
class RecordEvidence(Hooks):  # type: ignore[misc]  # the extra may be absent
    """Records the log of every task that ends; see the rules of the module."""

    def enabled(self) -> bool:
        """Say whether runs are to be recorded (`SCALEGATE_RECORD_RUNS=1`)."""
        from scalegate.wiring import records_runs

        return records_runs()

    async def on_task_end(self, data: TaskEnd) -> None:
        """Record the log of a task that has ended.

        Raises:
            ScalegateError: it could not be recorded; Inspect logs why, and the run goes on.
        """
        await run_sync(record_log, local_file(data.log.location))


def local_file(location: str) -> Path:
    """Return the path of a log from where Inspect says that it is.

    Raises:
        UsageError: the log is not in a local file.
    """
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if "://" in location or not location:
        raise UsageError(
            f"the log is not a local file: `{plain(location)}`",
            hint="fetch it, then record it with `scalegate evidence import`",
        )
    return Path(location)


def record_log(path: Path) -> str:
    """Record a log in the workspace, and say in a word what became of it.

    Raises:
        ScalegateError: no workspace, or the log was refused, with the reasons.
    """
    from scalegate.app.importing import import_paths
    from scalegate.wiring import open_workspace

    opened = open_workspace()
    report = import_paths(opened.store, opened.reader, [path])
    if not report.is_complete:
        reasons = "; ".join(f"{each.name}: {each.reason}" for each in report.files)
        raise UsageError(
            f"the log was not recorded: {reasons or 'nothing was there to record'}",
            hint=f"try `scalegate evidence import {plain(path.name)}`",
        )
    return report.files[0].outcome.value
