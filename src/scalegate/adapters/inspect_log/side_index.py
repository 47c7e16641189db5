"""Keep what was read from a log, so that the second read is nearly free.

1. The key is the SHA-256 of the log's file, the metadata fields asked for and the version of this
   reader. The file is hashed on every read (about 0.6 seconds per gigabyte): a key made of name
   and time could be fooled. A caller that knows the digest already, because it stores files by
   digest, passes it and pays nothing.
2. An entry is written beside its place and moved there, so that readers see all of it or none.
3. An entry that is damaged, or of another reader version, is ignored and made again.

The entries are a cache, not evidence: whoever can write the folder could change them, so it has to
be as private as the workspace that it belongs to.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from scalegate.adapters.inspect_log.limits import DEFAULT_LIMITS, ReadLimits
from scalegate.adapters.inspect_log.read import file_digest, read_log
from scalegate.base.errors import OutsideError
from scalegate.evidence.eval_log import EvalLog

READER_VERSION = 1
"""Raised whenever the same file would be read into other values: old entries are then ignored."""
_MAGIC = b"scalegate-side-index 1\n"


class SideIndex:
    """Read logs through a folder of kept results."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    def read_log(
        self,
        path: str | os.PathLike[str],
        *,
        limits: ReadLimits = DEFAULT_LIMITS,
        metadata_keys: tuple[str, ...] = (),
        digest: str | None = None,
    ) -> EvalLog:
        """Return the kept log, or read it and keep it.

        Args:
            path: The log's file.
            limits: Bounds on reading.
            metadata_keys: Sample metadata fields to keep.
            digest: SHA-256 of the file, if the caller is sure of it.

        Raises:
            FormatError: the file is not a readable log, or exceeds a limit.
            OutsideError: the file cannot be read, or the folder cannot be written.
        """
        digest = digest or file_digest(path)
        place = self._place(digest, metadata_keys)
        kept = _kept(place)
        if kept is not None:
            return kept
        log = read_log(path, limits=limits, metadata_keys=metadata_keys, digest=digest)
        self._keep(place, log)
        return log

    def _place(self, digest: str, metadata_keys: tuple[str, ...]) -> Path:
        asked = msgspec.json.encode([READER_VERSION, digest, list(metadata_keys)])
        return self._folder / f"{hashlib.sha256(asked).hexdigest()}.index"

    def _keep(self, place: Path, log: EvalLog) -> None:
        content = msgspec.msgpack.encode(log)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_MAGIC + hashlib.sha256(content).digest() + content)
                Path(name).replace(place)
            except BaseException:
                Path(name).unlink()
                raise
        except OSError as cause:
            raise OutsideError(f"cannot write the side index: {cause.strerror}") from cause


def _kept(place: Path) -> EvalLog | None:
    """Return the entry, or None when there is none that is whole."""
    try:
        content = place.read_bytes()
    except OSError:
        return None
    begin = len(_MAGIC) + 32
    body = memoryview(content)[begin:]
    if content[: len(_MAGIC)] != _MAGIC:
        return None
    if hashlib.sha256(body).digest() != content[len(_MAGIC) : begin]:
        return None
    try:
        return _DECODER.decode(body)
    except msgspec.DecodeError:
        return None


_DECODER = msgspec.msgpack.Decoder(EvalLog)
