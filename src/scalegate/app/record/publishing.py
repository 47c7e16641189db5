"""A static site of a record: pages to read, and the log's files to check them by.

1. Only a log that verifies is published, and only what its folder shows: no key, no evidence.
2. Pages have no script and load nothing; text from statements is escaped.
3. The same log gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from scalegate.app.record.appending import (
    CHECKPOINT,
    read_checkpoint_bytes,
    read_tile,
    statement_path,
)
from scalegate.app.record.reading import LogReport, read_entries, read_entry_bundle, verify_log
from scalegate.base.plain_text import plain
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Predicate
from scalegate.ledger.tiles import new_tiles, write_bundle
from scalegate.ledger.trust import Trust, Vouched
from scalegate.ports import LogFiles

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}td,th{{text-align:left;padding:.2rem .8rem .2rem 0}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}</style></head><body>
<h1>{title}</h1>
"""
_END = "</body></html>\n"
_NOTE = (
    "<p>This page was written by whoever keeps the record. What it shows can be checked from the"
    " files beside it, with the first trust document got elsewhere. It does not say that what was"
    " recorded is true or complete, and decisions were not computed anew for it.</p>\n"
)


def site_of(files: LogFiles, trust: Trust) -> Mapping[str, bytes]:
    """Return the files of the site by path.

    Raises:
        UsageError: there is no log.
        TrustError: the log does not verify; then nothing is published.
    """
    report = verify_log(files, trust)
    if report.faults:
        first = report.faults[0]
        raise Refused(f"entry {first.index} does not hold: {first.reason}", where="the log")
    size = report.view.head.size
    site = {CHECKPOINT: read_checkpoint_bytes(files)}
    for tile in new_tiles(0, size):
        if tile.level < 0:
            entries = read_entry_bundle(files, tile.index, size)
            site[tile.path()] = write_bundle(entries)
        else:
            site[tile.path()] = read_tile(files, tile)
    rows = []
    vouched = dict(report.vouched)
    for entry in read_entries(files, size):
        kind = _text(entry.leaf.predicate_type.rsplit("/predicate/")[-1])
        about = ", ".join(_text(each.name) for each in entry.leaf.subjects)
        where = "withheld"
        if entry.content is not None:
            path = f"entries/{entry.index}.html"
            site[path] = _page(entry.index, vouched[entry.index]).encode()
            site[statement_path(entry.leaf.envelope)] = entry.content
            where = f'<a href="{path}">shown</a>'
        rows.append(f"<tr><td>{entry.index}<td>{kind}<td>{about}<td>{where}</tr>\n")
    site["index.html"] = _index(report, "".join(rows)).encode()
    return site


def _text(value: str) -> str:
    return escape(plain(value), quote=True)


def _index(report: LogReport, rows: str) -> str:
    head = report.view.head
    names = ", ".join(_text(each.key.name) for each in report.view.cosigned) or "no witness"
    return (
        _HEAD.format(title=f"Record {_text(head.origin)}")
        + _NOTE
        + f"<p>{head.size} entries; root {head.root.hex()}; cosigned by {names};"
        + f' {len(report.hidden)} withheld. <a href="{CHECKPOINT}">Checkpoint</a>.</p>\n'
        + "<table><tr><th>Entry<th>Kind<th>About<th>Envelope</tr>\n"
        + rows
        + "</table>\n"
        + _END
    )


def _page(index: int, vouched: Vouched) -> str:
    statement = vouched.statement
    signers = ", ".join(_text(each.owner or each.key_id[:16]) for each in vouched.signers)
    title = f"Entry {index}: {_text(str(statement.kind or statement.predicate_type))}"
    return (
        _HEAD.format(title=title)
        + '<p><a href="../index.html">All entries</a>. '
        + f'<a href="../{statement_path(vouched.envelope)}">Signed envelope</a>.</p>\n'
        + f"<p>Signed by {signers} as {_text(vouched.role.name)}"
        + f" ({vouched.role.threshold} needed).</p>\n"
        + _decision(statement.kind, statement.predicate)
        + f"<pre>{_shown(statement.predicate)}</pre>\n"
        + _END
    )


def _shown(predicate: Mapping[str, Any]) -> str:
    """Write a predicate as JSON in ASCII, so that no hidden direction mark is shown as text."""
    return escape(json.dumps(predicate, indent=2, sort_keys=True), quote=True)


def _decision(kind: Predicate | None, said: Mapping[str, Any]) -> str:
    if kind is not Predicate.GATE_DECISION:
        return ""
    words = [_text(str(said.get(each, ""))) for each in ("gate", "framework", "effect", "asOf")]
    return f"<p>{words[0]} under {words[1]}: <strong>{words[2]}</strong>, as of {words[3]}.</p>\n"
