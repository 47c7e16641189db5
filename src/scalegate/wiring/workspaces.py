"""Workspaces: found, made, opened; with their settings and their database."""

from __future__ import annotations

import os
from pathlib import Path

from scalegate.app.settings import (
    DEFAULT_STORE_URL,
    SETTINGS_FILE,
    Settings,
    parse_settings,
    settings_text,
)
from scalegate.app.workspace import Workspace
from scalegate.base.errors import FormatError, OutsideError, UsageError
from scalegate.base.plain_text import plain
from scalegate.ports import Clock, EvidenceStore, RecordIndex
from scalegate.wiring.environment import WORKSPACE_VARIABLE, system_clock, with_environment
from scalegate.wiring.files import FileReader
from scalegate.wiring.shipped import policy_source

_FOLDERS = ("policies", "indicators", "evidence")
_MAX_SETTINGS_BYTES = 1_000_000
_GITIGNORE = "/cache/\n"


def find_workspace(named: Path | None = None) -> Path:
    """Return the workspace's folder: the named one, the environment's, or the nearest upwards.

    Raises:
        UsageError: there is none, or the named folder is none.
    """
    variable = os.environ.get(WORKSPACE_VARIABLE)
    chosen = named if named is not None else Path(variable) if variable else None
    if chosen is not None:
        if not (chosen / SETTINGS_FILE).is_file():
            raise UsageError(
                f"no workspace in `{plain(chosen)}`",
                hint=f"expected a folder with `{SETTINGS_FILE}`; make one with `scalegate init`",
            )
        return chosen
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise UsageError(
        "no workspace here or above",
        hint=f"make one with `scalegate init`, or name one in `{WORKSPACE_VARIABLE}`",
    )


def create_workspace(
    folder: Path,
    *,
    name: str = "",
    frameworks: tuple[str, ...] = (),
    lab: str = "",
    store_url: str = DEFAULT_STORE_URL,
    clock: Clock | None = None,
) -> Workspace:
    """Make a workspace in a folder that is empty or absent, and open it.

    The settings are written last: a folder without them is no workspace yet, and may be tried
    again.

    Args:
        folder: where to make it.
        name: what readers call it; empty: the folder's name.
        frameworks: the policies that decide; empty: all.
        lab: whose policies decide, as far as they are in force; empty: every lab's.
        store_url: where records are kept; the environment goes before it.
        clock: what dates the records; None: this machine's.

    Raises:
        DocumentFaults: a name, framework or URL that settings cannot hold.
        UsageError: there is a workspace already, or the folder holds other things.
        OutsideError: the folder or the database cannot be written.
    """
    if (folder / SETTINGS_FILE).exists():
        raise UsageError(f"`{plain(folder)}` is a workspace already", hint="open it as it is")
    ours = {*_FOLDERS, "workspace.sqlite", ".gitignore"}
    text = settings_text(
        name=name or folder.resolve().name, frameworks=frameworks, lab=lab, store_url=store_url
    )
    settings = with_environment(parse_settings(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(path.name for path in folder.iterdir() if path.name not in ours)
        if others:
            raise UsageError(
                f"`{plain(folder)}` is not empty: it holds `{plain(others[0])}`",
                hint="name an empty or a new folder",
            )
        for each in _FOLDERS:
            (folder / each).mkdir(exist_ok=True)
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
        _store(folder, settings, clock or system_clock(), may_create=True).close()
        temporary = folder / f".{SETTINGS_FILE}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / SETTINGS_FILE)
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot make a workspace in `{plain(folder)}`: {reason}") from cause
    return open_workspace(folder, clock=clock)


def open_workspace(folder: Path | None = None, *, clock: Clock | None = None) -> Workspace:
    """Open a workspace: the named folder's, or the one that `find_workspace` finds.

    Raises:
        UsageError: there is none.
        DocumentFaults: its settings are wrong.
        TrustError: its database is damaged.
        OutsideError: its files or database cannot be read.
    """
    place = find_workspace(folder)
    settings = _settings(place)
    used = clock or system_clock()
    return Workspace(
        folder=place,
        settings=settings,
        store=_store(place, settings, used, may_create=False),
        reader=FileReader(place / "cache"),
        policies=policy_source(place),
        clock=used,
    )


def add_indicator_set(folder: Path, source: Path) -> Path:
    """Copy an indicator set into a workspace's `indicators/`, and return where it lies.

    It is checked like every other document when policies are read. A copy of the same bytes is
    left as it is.

    Raises:
        UsageError: another file of that name is there.
        FormatError: the source is a symbolic link or no regular file.
        OutsideError: it cannot be read, or the copy cannot be written.
    """
    from scalegate.adapters.workspace_folder import open_regular

    target = folder / "indicators" / source.name
    with open_regular(source) as file:
        content = file.read(_MAX_SETTINGS_BYTES + 1)
    if len(content) > _MAX_SETTINGS_BYTES:
        raise FormatError("file too large", file=plain(source.name))
    try:
        if target.exists() or target.is_symlink():
            if target.read_bytes() == content:
                return target
            raise UsageError(
                f"`indicators/{plain(source.name)}` is there with other content",
                hint="compare the two, and rename or remove one",
            )
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_name(f".{source.name}.new")
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot write `indicators/{plain(source.name)}`: {reason}") from cause
    return target


def record_index(folder: Path | None = None) -> RecordIndex:
    """Open the index of records in a workspace's database.

    Raises:
        UsageError: there is no workspace.
        DocumentFaults: its settings are wrong.
        TrustError: its database is damaged.
        OutsideError: it cannot be reached or written.
    """
    from scalegate.adapters.store_sql.record_index import SqlRecordIndex

    place = find_workspace(folder)
    settings = _settings(place)
    return SqlRecordIndex.open(settings.store_url, folder=place, wait_seconds=settings.wait_seconds)


def _settings(folder: Path) -> Settings:
    path = folder / SETTINGS_FILE
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_SETTINGS_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot read `{SETTINGS_FILE}`: {reason}") from cause
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=SETTINGS_FILE, expected="UTF-8") from cause
    if len(content) > _MAX_SETTINGS_BYTES:
        raise FormatError("file too large", file=SETTINGS_FILE)
    return with_environment(parse_settings(text))


def _store(folder: Path, settings: Settings, clock: Clock, *, may_create: bool) -> EvidenceStore:
    from scalegate.adapters.store_sql.store import SqlEvidenceStore
    from scalegate.adapters.workspace_folder import ContentFolder

    files = ContentFolder(folder / "evidence")
    make = SqlEvidenceStore.create if may_create else SqlEvidenceStore.open
    return make(settings.store_url, files, clock, folder=folder, wait_seconds=settings.wait_seconds)
