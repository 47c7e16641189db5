"""One file with a whole log in it, for a stranger to check offline.

1. A bundle is a zip: `manifest.json` first, then the checkpoint, the entry bundles and the
   envelopes that are shown, sorted by path, at the paths they have in the log.
2. Nothing is compressed, and every date is the same: one log has one bundle, byte for byte.
3. The manifest gives each file's length and SHA-256, in canonical JSON.
4. A bundle is read only if writing its files anew gives the same bytes. So there is no second
   reading of it: no name twice, no link, no path that leaves it, nothing before, between or after.
5. What is not part of the log that its checkpoint signs is refused, also if the manifest names it.
6. It may carry what decisions were computed from (`material`); then the manifest also says what of
   that is withheld, and why, and its schema is `scalegate/bundle@2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from scalegate.app.record.appending import CHECKPOINT, read_checkpoint_bytes, statement_path
from scalegate.app.record.material import (
    FOLDER,
    Material,
    Reason,
    material_path,
    read_material,
)
from scalegate.app.record.reading import read_entry_bundle
from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import UsageError
from scalegate.ledger.checkpoints import parse_checkpoint
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.leaves import parse_leaf
from scalegate.ledger.statements import Statement
from scalegate.ledger.strict_json import parse_canonical
from scalegate.ledger.tiles import WIDTH, TileId, write_bundle
from scalegate.ports import LogFiles

if TYPE_CHECKING:
    from scalegate.app.record.carrying import Cargo

SCHEMA = "scalegate/bundle@1"
SCHEMA_WITH_MATERIAL = "scalegate/bundle@2"
MANIFEST = "manifest.json"
MOST_FILES = 60_000
MOST_FILE_BYTES = 16 << 20
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_DATE = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


def make_bundle(files: LogFiles, cargo: Cargo | None = None) -> bytes:
    """Return the bundle of a log as its checkpoint now stands, with the material of its decisions.

    Raises:
        UsageError: there is no log.
        Refused: a file of it is missing.
        MalformedRecord: a file of it is not in its form, or too large for a bundle.

    Does not check: any signature or hash; `arguing.check_bundle` does.
    """
    checkpoint = read_checkpoint_bytes(files)
    held = {CHECKPOINT: checkpoint}
    size = parse_checkpoint(checkpoint).head.size
    for index in range(-(-size // WIDTH)):
        entries = read_entry_bundle(files, index, size)
        held[TileId(level=-1, index=index, width=len(entries)).path()] = write_bundle(entries)
        for entry in entries:
            path = statement_path(parse_leaf(entry).envelope)
            content = files.read(path)
            if content is not None:
                held[path] = content
    if cargo is None:
        return write_files(held)
    held |= {material_path(digest): content for digest, content in cargo.content.items()}
    return write_files(held, cargo.withheld)


def write_files(held: Mapping[str, bytes], withheld: Mapping[str, str] | None = None) -> bytes:
    """Return the one zip of these files (rules 1 to 3).

    Args:
        held: the files by path.
        withheld: from digests of material that is not there to reasons; None: a log alone.

    Raises:
        MalformedRecord: one is too large, or there are too many.
    """
    _bounded(len(held), max(map(len, held.values()), default=0))
    manifest = _manifest(held, withheld)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for path, content in [(MANIFEST, manifest), *sorted(held.items())]:
            info = ZipInfo(path, _DATE)
            info.create_system = 3
            info.external_attr = _PLAIN_FILE
            archive.writestr(info, content)
    return out.getvalue()


def _manifest(held: Mapping[str, bytes], withheld: Mapping[str, str] | None) -> bytes:
    if withheld is None:
        return canonical_bytes({"files": _rows(held), "schema": SCHEMA})
    gone = [{"reason": why, "sha256": digest} for digest, why in sorted(withheld.items())]
    return canonical_bytes({"files": _rows(held), "schema": SCHEMA_WITH_MATERIAL, "withheld": gone})


def _rows(held: Mapping[str, bytes]) -> list[dict[str, str]]:
    return [
        {"path": path, "sha256": sha256(content).hexdigest(), "size": str(len(content))}
        for path, content in sorted(held.items())
    ]


def _bounded(count: int, largest: int) -> None:
    if count > MOST_FILES or largest > MOST_FILE_BYTES:
        raise MalformedRecord(
            "bundle is too large",
            expected=f"at most {MOST_FILES} files of {MOST_FILE_BYTES} bytes",
            got=f"{count} files, the largest of {largest} bytes",
        )


def read_files(content: bytes) -> Mapping[str, bytes]:
    """Return the files of a bundle by path, without its manifest (rule 4)."""
    return read_bundle(content)[0]


def read_bundle(content: bytes) -> tuple[Mapping[str, bytes], Mapping[str, str] | None]:
    """Return the files of a bundle by path, and what of its material is withheld (rules 4 and 6).

    Nothing is written anywhere, and no more is held than the bundle's own bytes.

    Raises:
        MalformedRecord: it is no bundle in the one form; the message names the entry.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            found = archive.infolist()
            _check_listing(found, len(content))
            held = {each.filename: archive.read(each) for each in found}
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as cause:
        raise MalformedRecord("bundle is no readable zip", got=f"`{cause}`"[:120]) from cause
    withheld = _check_manifest(held.pop(MANIFEST, b""), held)
    if write_files(held, withheld) != content:
        raise MalformedRecord("bundle is not in its one form", expected="what `bundle` writes")
    return held, withheld


def _check_listing(found: Sequence[ZipInfo], length: int) -> None:
    _bounded(len(found) - 1, max((each.file_size for each in found), default=0))
    names = set[str]()
    for each in found:
        where = f"`{each.filename[:80]!r}`"
        if not _PATH.fullmatch(each.orig_filename):
            raise MalformedRecord("bundle has a path that could leave it", where=where)
        if each.filename in names:
            raise MalformedRecord("bundle has a path twice", where=where)
        if each.compress_type != ZIP_STORED or each.compress_size != each.file_size:
            raise MalformedRecord("bundle has a compressed file", where=where)
        if each.external_attr != _PLAIN_FILE:
            raise MalformedRecord("bundle has a link, a folder or a device", where=where)
        names.add(each.filename)
    if sum(each.file_size for each in found) > length:
        raise MalformedRecord("files of the bundle overlap")


def _check_manifest(manifest: bytes, held: Mapping[str, bytes]) -> Mapping[str, str] | None:
    stated = parse_canonical(manifest, "manifest of the bundle")
    schemas = (SCHEMA, SCHEMA_WITH_MATERIAL)
    if not isinstance(stated, dict) or stated.get("schema") not in schemas:
        raise MalformedRecord("not a bundle of ours", expected=f"schema {' or '.join(schemas)}")
    if stated.get("files") != _rows(held):
        raise MalformedRecord(
            "manifest is not the list of the bundle's files", expected="path, sha256, size of each"
        )
    return None if stated["schema"] == SCHEMA else _withheld(stated.get("withheld"))


def _withheld(rows: Any) -> Mapping[str, str]:
    found = dict[str, str]()
    for each in rows if isinstance(rows, list) else [None]:
        if not isinstance(each, dict) or each.keys() != {"reason", "sha256"}:
            raise MalformedRecord("manifest does not say what is withheld", expected="a list")
        digest, reason = each["sha256"], each["reason"]
        if not isinstance(digest, str) or reason not in list(Reason):
            raise MalformedRecord(
                "manifest withholds for an unknown reason", expected=", ".join(Reason),
                got=f"`{reason!s:.40}`",
            )  # fmt: skip
        found[digest] = reason
    return found


class BundledLog:
    """The files of a log inside a bundle: they can be read, never written."""

    def __init__(self, content: bytes) -> None:
        """Read a bundle.

        Raises:
            MalformedRecord: it is not in its one form, or has no checkpoint.
            Refused: it has a file that is not part of its log (rule 5).
        """
        self._held, self.withheld = read_bundle(content)
        if CHECKPOINT not in self._held:
            raise MalformedRecord("bundle has no checkpoint")
        size = parse_checkpoint(self._held[CHECKPOINT]).head.size
        if size > MOST_FILES * WIDTH:
            raise MalformedRecord("checkpoint is of a log too large for a bundle", got=str(size))
        known = {CHECKPOINT}
        for index in range(-(-size // WIDTH)):
            known.add(TileId(level=-1, index=index, width=min(WIDTH, size - index * WIDTH)).path())
            for entry in read_entry_bundle(self, index, size):
                known.add(statement_path(parse_leaf(entry).envelope))
        more = sorted(path for path in set(self._held) - known if not self._is_material(path))
        if more:
            raise Refused("bundle has a file that is no part of its log", where=f"`{more[0]}`")

    def _is_material(self, path: str) -> bool:
        return self.withheld is not None and path.startswith(f"{FOLDER}/")

    def material(self, decisions: Iterable[Statement]) -> Material | None:
        """Return what verified decisions were computed from; nothing for a bundle of a log alone.

        Raises:
            MalformedRecord, Refused: as `material.read_material`.
        """
        if self.withheld is None:
            return None
        return read_material(decisions, self._held, self.withheld)

    def read(self, path: str) -> bytes | None:
        """Return the content, or nothing where the path does not exist."""
        return self._held.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below a folder, sorted."""
        below = [path[len(folder) + 1 :] for path in self._held if path.startswith(f"{folder}/")]
        return tuple(sorted({path.split("/")[0] for path in below}))

    def create(self, path: str, content: bytes) -> bool:
        """Refuse."""
        del content
        raise _read_only(path)

    def write(self, path: str, content: bytes) -> None:
        """Refuse."""
        del content
        raise _read_only(path)

    def swap(self, path: str, old: bytes, new: bytes) -> bool:
        """Refuse."""
        del old, new
        raise _read_only(path)

    def settle(self, paths: Sequence[str]) -> None:
        """Refuse."""
        raise _read_only(", ".join(paths))

    def remove(self, path: str) -> None:
        """Refuse."""
        raise _read_only(path)


def _read_only(path: str) -> UsageError:
    return UsageError(f"a bundle cannot be changed: {path}", hint="make another with `bundle`")
