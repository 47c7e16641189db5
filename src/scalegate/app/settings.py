"""What `scalegate.toml` may say: the settings of a workspace.

```toml
schema = "scalegate/workspace@1"

[workspace]
name = "frontier models"             # for headings; absent: the folder's name

[store]
url = "sqlite:///workspace.sqlite"   # the default; or "postgresql://host/name"
wait_seconds = 10                    # how long a writer waits for another

[policies]
frameworks = ["anthropic-rsp@2.2"]   # absent: every one in force on the day asked about
lab = "Anthropic"                    # instead: those of this lab that are in force on the day

[owners]
CBRN-3 = "frontier red team, 21d"    # who owns a piece of work, and how long it takes
```

Only `schema` must be there. An unknown table or key is a fault: a misspelt setting that is silently
ignored would change what is decided.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain

SETTINGS_SCHEMA = "scalegate/workspace@1"
SETTINGS_FILE = "scalegate.toml"
DEFAULT_STORE_URL = "sqlite:///workspace.sqlite"
_FRAMEWORK = re.compile(r"[a-z0-9][a-z0-9-]{0,79}@[A-Za-z0-9._-]{1,40}")
_OWNER = re.compile(r"(?P<owner>[^,]{1,120})(?:,\s*(?P<days>\d{1,4})d)?")
_MAX_WAIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a workspace."""

    name: str = ""
    """What readers call it; empty: the folder's name."""
    store_url: str = DEFAULT_STORE_URL
    """Where records are kept; a relative SQLite path starts at the workspace's folder."""
    wait_seconds: float = 10.0
    """How long a writer waits for another, in seconds."""
    frameworks: tuple[str, ...] = ()
    """Policies that decide, as `id@version`; empty: every one in force on the day asked about."""
    lab: str = ""
    """Whose policies decide, as far as they are in force; empty: every lab's."""
    owners: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    """Per threshold, safeguard, document, ...: who owns the work on it, and its days if said."""


def parse_settings(text: str, *, file: str = SETTINGS_FILE) -> Settings:
    """Read the settings of a workspace.

    Raises:
        DocumentFaults: every fault, with expected and got; a fault of syntax ends the reading.

    Does not check: that the frameworks exist, that the store can be reached.
    """
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as cause:
        fault = FormatError("not readable as TOML", file=file, got=plain(cause, limit=120))
        raise DocumentFaults([fault]) from None
    reader = _Reader(value, file=file, text=text)
    settings = Settings(
        name=reader.text("workspace", "name", default=""),
        store_url=reader.text("store", "url", default=DEFAULT_STORE_URL),
        wait_seconds=reader.seconds("store", "wait_seconds", default=10.0),
        frameworks=reader.frameworks("policies", "frameworks"),
        lab=reader.text("policies", "lab", default=""),
        owners=reader.owners("owners"),
    )
    if settings.lab and settings.frameworks:
        reader.refuse_both("policies", "lab", "frameworks")
    reader.finish()
    return settings


def settings_text(
    *,
    name: str,
    frameworks: tuple[str, ...] = (),
    lab: str = "",
    store_url: str = DEFAULT_STORE_URL,
) -> str:
    """Write the settings of a new workspace, with what else may be said as comments."""
    chosen = ", ".join(_quoted(each) for each in frameworks)
    listed = f"frameworks = [{chosen}]" if frameworks else '# frameworks = ["anthropic-rsp@2.2"]'
    return "\n".join(
        [
            "# The settings of this workspace; see docs/explanation/workspace.md.",
            f'schema = "{SETTINGS_SCHEMA}"',
            "",
            "[workspace]",
            f"name = {_quoted(name)}",
            "",
            "[store]",
            f"url = {_quoted(store_url)}",
            "",
            "[policies]",
            "# Absent: every policy in force on the day asked about, this folder's own too. With",
            '# `lab = "NAME"` only those of one lab.',
            f"lab = {_quoted(lab)}" if lab else listed,
            "",
        ]
    )


def _quoted(text: str) -> str:
    escaped = plain(text, limit=500).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Reader:
    """Takes known settings out of the parsed file, and collects the faults."""

    def __init__(self, value: Mapping[str, Any], *, file: str, text: str) -> None:
        self._value = value
        self._file = file
        self._lines = text.splitlines()
        self._known: set[tuple[str, str]] = set()
        self._faults: list[FormatError] = []

    def text(self, table: str, key: str, *, default: str) -> str:
        """Take a short text."""
        value = self._take(table, key)
        if value is None:
            return default
        if isinstance(value, str) and 0 < len(value) <= 500 and plain(value, limit=500) == value:
            return value
        self._refuse(table, key, expected="a line of printable text", got=value)
        return default

    def seconds(self, table: str, key: str, *, default: float) -> float:
        """Take a number of seconds."""
        value = self._take(table, key)
        if value is None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and math.isfinite(value) and 0 < value <= _MAX_WAIT_SECONDS:
            return float(value)
        expected = f"a number of seconds above 0, at most {_MAX_WAIT_SECONDS:.0f}"
        self._refuse(table, key, expected=expected, got=value)
        return default

    def frameworks(self, table: str, key: str) -> tuple[str, ...]:
        """Take names of frameworks in one version each."""
        value = self._take(table, key)
        if value is None:
            return ()
        is_list = isinstance(value, list) and bool(value)
        if is_list and all(isinstance(each, str) and _FRAMEWORK.fullmatch(each) for each in value):
            if len(set(value)) == len(value):
                return tuple(value)
            self._refuse(table, key, expected="each framework once", got=value)
            return ()
        expected = 'a list of frameworks such as `["anthropic-rsp@2.2"]`'
        self._refuse(table, key, expected=expected, got=value)
        return ()

    def owners(self, table: str) -> Mapping[str, tuple[str, int | None]]:
        """Take names of owners, each with a number of days where one is given."""
        content = self._value.get(table, {})
        found: dict[str, tuple[str, int | None]] = {}
        self._known.add((table, ""))
        for key in content if isinstance(content, dict) else ():
            value = self._take(table, key)
            match = _OWNER.fullmatch(value) if isinstance(value, str) else None
            if match is None or plain(value, limit=200) != value:
                expected = 'an owner such as `"red team"` or `"red team, 21d"`'
                self._refuse(table, key, expected=expected, got=value)
                continue
            days = match.group("days")
            found[key] = (match.group("owner").strip(), int(days) if days else None)
        return found

    def refuse_both(self, table: str, key: str, other: str) -> None:
        """Report two settings of which only one may be given."""
        self._refuse(table, key, expected=f"`{key}` or `{other}`, not both", got="both")

    def finish(self) -> None:
        """Report what no reader took, and every fault."""
        if self._value.get("schema") != SETTINGS_SCHEMA:
            self._refuse(
                "", "schema", expected=f"`{SETTINGS_SCHEMA}`", got=self._value.get("schema")
            )
        tables = {table for table, _ in self._known}
        for table, content in self._value.items():
            if table == "schema":
                continue
            if table not in tables or not isinstance(content, dict):
                expected = ", ".join(f"`[{each}]`" for each in sorted(tables))
                self._refuse("", table, expected=expected, got=table)
                continue
            for key in content:
                if (table, key) not in self._known:
                    known = ", ".join(f"`{k}`" for t, k in sorted(self._known) if t == table)
                    self._refuse(table, key, expected=known, got=key)
        if self._faults:
            raise DocumentFaults(self._faults)

    def _take(self, table: str, key: str) -> Any:
        self._known.add((table, key))
        content = self._value.get(table)
        return content.get(key) if isinstance(content, dict) else None

    def _refuse(self, table: str, key: str, *, expected: str, got: object) -> None:
        path = f"{table}.{key}" if table else key
        self._faults.append(
            FormatError(
                "unknown setting" if got == key else "wrong setting",
                file=self._file,
                path=plain(path, limit=80),
                line=self._line(key, table=table),
                expected=expected,
                got="nothing" if got is None else f"`{plain(got, limit=60)}`",
            )
        )

    def _line(self, key: str, *, table: str) -> int | None:
        """Find a key's line; the TOML reader keeps none."""
        here = ""
        for number, line in enumerate(self._lines, start=1):
            stripped = line.strip()
            if stripped.startswith("["):
                here = stripped.strip("[] ")
                if not table and here == key:
                    return number
            if here == table and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", stripped):
                return number
        return None
