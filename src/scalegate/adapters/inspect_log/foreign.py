"""Read a log through inspect-ai: only for a format version that our own reader does not know.

inspect-ai is an optional extra and is imported here and nowhere else. Its objects are turned into
plain data at once, so that the same code makes rows of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain

_FIELDS = {
    "id", "epoch", "scores", "output", "error", "limit", "invalidation", "error_retries",
    "model_usage", "model_fallbacks", "uuid", "total_time", "working_time", "metadata",
}  # fmt: skip


def samples_through_inspect(
    path: str | os.PathLike[str], version: int | None
) -> Iterator[dict[str, Any]]:
    """Yield every sample of a log as plain data.

    Raises:
        FormatError: inspect-ai is not installed, or does not read the log either.
    """
    unknown = FormatError(
        "log has a format version that this reader does not know",
        path="version",
        expected="1, 2 or 3",
        got=f"`{version}`",
        hint="install the extra `scalegate[inspect]` to read it through inspect-ai",
    )
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as cause:
        raise unknown from cause
    try:
        log = read_eval_log(os.fspath(path))
    except Exception as cause:
        raise FormatError(
            "log has a format version that neither this reader nor inspect-ai reads",
            path="version",
            expected="1, 2 or 3",
            got=f"`{version}`: {plain(cause, limit=120)}",
            hint="install a newer inspect-ai",
        ) from cause
    for sample in log.samples or ():
        yield sample.model_dump(mode="python", include=_FIELDS)
