"""Logs and witnesses: in folders, in stores, over HTTP."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.ports import HttpPost, LogFiles, Signer
from scalegate.wiring.environment import MEMORY_VARIABLE, SystemClock

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from scalegate.app.record.memory import LogMemory

_MAX_ADDRESS_BYTES = 4_000


def log_files(place: Path | str) -> LogFiles:
    """Return the files of a log: in a folder, which need not exist yet, or in a store.

    Args:
        place: a folder; or `s3://bucket/prefix`; or a file that holds such an address.

    Raises:
        UsageError: the address is not in its form, or the extra `s3` is not installed.
        OutsideError: the file cannot be read.
    """
    address = place if isinstance(place, str) else _log_address(place)
    if address.startswith("s3://"):
        from scalegate.adapters.log_bucket import open_bucket

        return open_bucket(address, os.environ)
    from scalegate.adapters.log_folder import LogFolder

    return LogFolder(Path(place))


def _log_address(place: Path) -> str:
    if not place.is_file():
        return ""
    from scalegate.adapters.workspace_folder import read_at_most

    text = read_at_most(place, _MAX_ADDRESS_BYTES).decode(errors="replace").strip()
    if not text.startswith("s3://"):
        raise UsageError(
            f"`{plain(place)}` is neither a folder nor the address of a log",
            hint="expected a folder, or a file with one line `s3://bucket/prefix`",
        )
    return text


def memory_file(named: Path | None) -> Path | None:
    """Return where a verifier remembers a log: as named, else by the environment, else nowhere."""
    variable = os.environ.get(MEMORY_VARIABLE)
    return named if named is not None else Path(variable) if variable else None


def read_memory(path: Path) -> LogMemory | None:
    """Return what a verifier remembers of a log; None where there is no memory yet.

    Raises:
        UsageError: others may write the file, or it is no regular file.
        MalformedRecord: it is damaged.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.memory_file import read_memory_file
    from scalegate.app.record.memory import parse_memory

    content = read_memory_file(path)
    return None if content is None else parse_memory(content)


def write_memory(path: Path, memory: LogMemory) -> None:
    """Write what to remember of a log, unless another process has seen more by now.

    Raises:
        UsageError, MalformedRecord: what is there is no memory, or others may write it.
        OutsideError: it cannot be written.
    """
    from scalegate.adapters.memory_file import write_memory_file
    from scalegate.app.record.memory import memory_to_bytes, parse_memory

    def is_newer(there: bytes) -> bool:
        return memory.head.size > parse_memory(there).head.size

    write_memory_file(path, memory_to_bytes(memory), is_newer=is_newer)


def http_post() -> HttpPost:
    """Return what sends a request to a witness."""
    from scalegate.adapters.http import post

    return post


def witness_server(
    signer: Signer, *, name: str, logs: Sequence[str], store: Path, address: tuple[str, int]
) -> ThreadingHTTPServer:
    """Return a witness's server; the caller runs and closes it.

    Raises:
        MalformedRecord: a log's verifier key is not in its form.
        OutsideError: the table or the address cannot be used.
    """
    from scalegate.adapters.http import serve
    from scalegate.adapters.witness_store import SqliteWitnessStore
    from scalegate.app.record.witnessing import Witness, witness_key
    from scalegate.ledger.notes import parse_key

    witness = Witness(
        SqliteWitnessStore(store),
        {witness_key(signer, name): signer},
        logs=[parse_key(text) for text in logs],
        clock=SystemClock(),
    )

    def answer(body: bytes) -> tuple[int, str, bytes]:
        found = witness.add_checkpoint(body)
        return found.status, found.content_type, found.body

    return serve(*address, path="/add-checkpoint", answer=answer)
