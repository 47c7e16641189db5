"""Files of response tables of planted models, and the one thread that they are made on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from scalegate.base.errors import OutsideError, UsageError
from scalegate.base.plain_text import plain

MOST_BYTES = 1_000_001
"""One more than the largest table has: what is longer is refused by its reader."""
_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@dataclass(frozen=True, slots=True)
class ResponseFiles:
    """The tables in one folder."""

    folder: Path

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return the names and texts of the tables, in order of names.

        Raises:
            OutsideError: a file cannot be read.
            UsageError: the folder is none, or holds no table.
        """
        paths = sorted(self.folder.glob("responses-*.csv"))
        if not paths:
            raise UsageError(
                f"`{plain(self.folder)}` holds no `responses-*.csv`",
                hint="write some with `scalegate organisms train`",
            )
        return tuple((plain(path), _read(path)) for path in paths)

    def use_one_thread(self) -> None:
        """Tell JAX, before it is imported, to add sums in one order, whatever the machine does."""
        given = os.environ.get("XLA_FLAGS", "")
        if _ONE_THREAD not in given:
            os.environ["XLA_FLAGS"] = f"{given} {_ONE_THREAD}".strip()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("ascii", "replace")
    except OSError as cause:
        reason = (cause.strerror or "cannot be read").lower()
        raise OutsideError(f"cannot read `{plain(path)}`: {reason}") from cause
