"""`evidence scan`: a document of a scan of transcripts by Inspect Scout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption

if TYPE_CHECKING:
    from scalegate.app.scanning import Reach

FolderArgument = Annotated[
    Path, typer.Argument(metavar="SCAN", help="The scan's folder, or its `_summary.json`.")
]
ScannerOption = Annotated[
    str, typer.Option("--scanner", metavar="NAME", help="Which scanner of the scan.")
]
IndicatorOption = Annotated[
    str, typer.Option("--indicator", metavar="SET/LINE", help="The line that it looks behind.")
]
SubjectOption = Annotated[
    str, typer.Option("--subject", metavar="MODEL", help="Whose transcripts were scanned.")
]
TestedOption = Annotated[
    str | None, typer.Option("--tested", metavar="CHECKPOINT", help="On which checkpoint.")
]
DoneOption = Annotated[
    str | None, typer.Option("--as-of", metavar="INSTANT", help="When it was done. Default: now.")
]
LogsOption = Annotated[
    list[Path] | None,
    typer.Option("--log", metavar="FILE", help="A log whose samples it should have; repeatable."),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the document.")
]


def scan_evidence(
    *,
    scan: FolderArgument,
    scanner: ScannerOption,
    indicator: IndicatorOption,
    subject: SubjectOption,
    tested: TestedOption = None,
    as_of: DoneOption = None,
    log: LogsOption = None,
    out: OutOption = Path("scan.yaml"),
    is_json: JsonOption = False,
) -> None:
    """Write what a scan by Inspect Scout found as a `hiding-check`, to import.

    Only counts are read, and the ids of transcripts. Any result is a sign, which withdraws a
    rule-out. With `--log`, a scan without all samples of the logs is inconclusive.

    \b
    Example:
      scalegate evidence scan scans/scan_id=abc --scanner sandbagging
          --indicator team-lines/synthesis --subject model:parrot
          --log logs/synthesis.eval --out scan.yaml
    """
    import yaml

    from scalegate.app.scanning import SUMMARY, ScanAsked, scan_document
    from scalegate.base.instants import parse_instant
    from scalegate.cli.screen import command, line, print_json
    from scalegate.evidence.parse import parse_document
    from scalegate.wiring import read_policy_text, system_clock, write_whole

    if out.exists() or out.is_symlink():
        raise UsageError(f"`{plain(out)}` is there already", hint="name another with `--out`")
    asked = ScanAsked(
        id=out.stem,
        scanner=scanner,
        subject=subject,
        tested=tested,
        indicator=indicator,
        at=parse_instant(as_of) if as_of else system_clock().now(),
    )
    source = scan / SUMMARY if scan.is_dir() else scan
    reach = _reach(source.parent, log or []) if log else None
    document = scan_document(read_policy_text(source).text, asked, reach)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    parse_document(text, file=str(out))  # names that no document may have are refused here
    write_whole(out, text)
    if is_json:
        print_json("scan", {"file": str(out), "found": document["payload"]["found"]})
        return
    line(f"{plain(scanner)}: {document['payload']['found'].replace('_', ' ')}")
    if reach is not None:
        line(f"{reach.scanned} of {reach.samples} samples of the logs were among the transcripts")
    line(f"wrote {plain(out)}; record it:")
    command(f"scalegate evidence import {plain(out)}")


def _reach(folder: Path, logs: list[Path]) -> Reach:
    """Read the logs, and the transcripts of the scan in a folder."""
    from scalegate.app.scanning import SPEC, reach_of
    from scalegate.wiring import evidence_reader, read_policy_text

    reader = evidence_reader()
    ids = {}
    for path in logs:
        digest, _ = reader.measure(path)
        ids[digest] = reader.read_log(path, digest=digest).samples.uuids
    return reach_of(read_policy_text(folder / SPEC).text, ids)
