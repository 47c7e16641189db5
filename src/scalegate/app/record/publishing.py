"""A static site of a record: pages to read, and the log's files to check them by.

1. Only a log that verifies is published, and only what its folder shows: no key, no evidence.
2. The same log gives the same bytes. How pages look is the business of `report.record_page`.
"""

from __future__ import annotations

from collections.abc import Mapping

from scalegate.app.record.appending import (
    CHECKPOINT,
    read_checkpoint_bytes,
    read_tile,
    statement_path,
)
from scalegate.app.record.disclosing import read_book
from scalegate.app.record.reading import (
    Entry,
    LogReport,
    read_entries,
    read_entry_bundle,
    verify_log,
)
from scalegate.ledger.disclosures import DisclosureBook, Drawn, WithheldSeen
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import short_type
from scalegate.ledger.tiles import new_tiles, write_bundle
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import Trust
from scalegate.ports import LogFiles
from scalegate.report.record_page import EntryRow, PartRow, RecordIndex, render_entry, render_index


def site_of(files: LogFiles, trust: Trust) -> Mapping[str, bytes]:
    """Return the files of the site by path.

    Raises:
        UsageError: there is no log.
        TrustError: the log or a disclosure does not verify; then nothing is published.
    """
    report = verify_log(files, trust)
    if report.faults:
        first = report.faults[0]
        raise Refused(f"entry {first.index} does not hold: {first.reason}", where="the log")
    site = _log(files, report.view.head.size)
    rows = []
    vouched = dict(report.vouched)
    for entry in read_entries(files, report.view.head.size):
        rows.append(_row(entry))
        if entry.content is not None:
            envelope = statement_path(entry.leaf.envelope)
            site[envelope] = entry.content
            page = render_entry(entry.index, vouched[entry.index], envelope=envelope)
            site[rows[-1].page] = page.encode()
    leaves = [each.leaf.to_bytes() for each in read_entries(files, report.view.head.size)]
    book = read_book(report, Tree(leaves).root)
    site["index.html"] = render_index(_index(report, rows, book)).encode()
    return site


def _log(files: LogFiles, size: int) -> dict[str, bytes]:
    """Return checkpoint, tiles and entry bundles."""
    site = {CHECKPOINT: read_checkpoint_bytes(files)}
    for tile in new_tiles(0, size):
        if tile.level < 0:
            site[tile.path()] = write_bundle(read_entry_bundle(files, tile.index, size))
        else:
            site[tile.path()] = read_tile(files, tile)
    return site


def _row(entry: Entry) -> EntryRow:
    return EntryRow(
        index=entry.index,
        kind=short_type(entry.leaf.predicate_type),
        about=", ".join(each.name for each in entry.leaf.subjects),
        page="" if entry.content is None else f"entries/{entry.index}.html",
    )


def _part(each: WithheldSeen) -> PartRow:
    items = each.commitment.items
    return PartRow(
        index=each.entry,
        name=each.commitment.name,
        count=f"{items.count} items" if items else "a field",
        reason=each.commitment.reason.replace("_", " "),
        opened=len(each.opened),
        refused=len(each.refused),
    )


def _drawn(each: Drawn) -> str:
    of = f"entry {each.entry}, {each.name} of entry {each.of}"
    if each.void:
        return f"{of}: void, {each.void}"
    drawn = ", ".join(map(str, each.indexes))
    said = f"answered, {len(each.refused)} refused" if each.is_answered else "not answered"
    return f"{of}: drew {drawn}; {said}"


def _index(report: LogReport, rows: list[EntryRow], book: DisclosureBook) -> RecordIndex:
    head = report.view.head
    return RecordIndex(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        cosigned=tuple(each.key.name for each in report.view.cosigned),
        withheld=len(report.hidden),
        checkpoint=CHECKPOINT,
        rows=rows,
        parts=[_part(each) for each in book.withheld],
        demands=[_drawn(each) for each in book.demands],
    )
