"""`bundle`, `verify`, `publish`: a record for strangers, and what follows from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption
from scalegate.cli.verbs_record import HERE, RecordFolder, first_trust

if TYPE_CHECKING:
    from scalegate.app.record.arguing import Argument
    from scalegate.app.record.following import Followed


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("bundle", short_help="Write the whole log into one file.")(bundle)
    app.command("verify", short_help="Check a bundle offline. Exit 12 if it does not hold.")(verify)
    app.command("publish", short_help="Write the record as a static site.")(publish)


def bundle(
    *,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle to write.")],
    record: RecordFolder = HERE,
    is_json: JsonOption = False,
) -> None:
    """Write the log and every envelope that is shown into one file, without keys or evidence.

    The same log gives the same bytes. The first trust document is not in it: whoever checks the
    bundle needs it by another way.

    \b
    Examples:
      scalegate bundle record.zip
    """
    from hashlib import sha256

    from scalegate.app.record.bundling import make_bundle
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import log_files, write_whole

    content = make_bundle(log_files(record / "log"))
    write_whole(out, content)
    digest = sha256(content).hexdigest()
    if is_json:
        row = {"file": str(out), "sha256": digest, "bytes": len(content)}
        print_json("bundle", {"exit_code": 0, **row})
        return
    line(f"wrote {out}; {len(content)} bytes, SHA-256 {digest}")
    line("Whoever gets it also needs root.json, by another way:")
    command(f"scalegate verify {out.name} --root root.json")


def verify(
    *,
    file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The file that was sent.")],
    root: Annotated[
        Path,
        typer.Option("--root", metavar="FILE", help="The first trust document, got elsewhere."),
    ],
    seen: Annotated[
        Path | None,
        typer.Option("--seen", metavar="FILE", help="A checkpoint of this log kept from before."),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="FOLDER",
            help="Decide anew from this workspace's evidence.",
        ),
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Check a bundle offline, and print what follows from it, step by step. Exit 12 if it fails.

    \b
    Examples:
      scalegate verify record.zip --root root.json
    """
    from scalegate.app.record.arguing import check_bundle
    from scalegate.cli.screen import print_json
    from scalegate.wiring import read_bundle_file, read_signed

    kept = read_signed(seen) if seen is not None else None
    found = check_bundle(read_bundle_file(file), first_trust(root), seen=kept)
    anew = _followed(found, workspace)
    if is_json:
        rows = [{"index": each.index, "missing": each.missing} for each in anew or ()]
        more = {"recomputed": None if anew is None else rows}
        print_json("verify", {"exit_code": 0, **_data(found, anew), **more})
        return
    _show(found, anew)


def _followed(found: Argument, workspace: Path | None) -> tuple[Followed, ...] | None:
    if workspace is None:
        return None
    from scalegate.app.record.following import follow
    from scalegate.cli.asking import workspace_of

    return follow(found.report, workspace_of(workspace))


def _unchecked(anew: tuple[Followed, ...] | None) -> tuple[str, ...]:
    from scalegate.app.record.arguing import NOT_CHECKED

    is_whole = anew is not None and not any(each.missing for each in anew)
    return NOT_CHECKED[1:] if is_whole else NOT_CHECKED


def _data(found: Argument, anew: tuple[Followed, ...] | None) -> dict[str, Any]:
    report = found.report
    return {
        "origin": report.view.head.origin,
        "size": report.view.head.size,
        "root": report.view.head.root.hex(),
        "trust_version": report.trust.version,
        "cosigned": [
            {"name": each.key.name, "seconds": each.seconds} for each in report.view.cosigned
        ],
        "entries": [
            {
                "index": index,
                "type": each.statement.predicate_type,
                "role": each.role.name,
                "threshold": each.role.threshold,
                "signers": [key.owner for key in each.signers],
            }
            for index, each in report.vouched
        ],
        "withheld": list(report.hidden),
        "contains": found.contains,
        "decisions": [
            {
                "index": each.index,
                "subject": each.subject,
                "framework": each.framework,
                "gate": each.gate,
                "effect": each.effect,
                "as_of": each.as_of,
                "seen": each.seen,
                "plans": [
                    {
                        "plan": plan.plan,
                        "entry": plan.entry,
                        "recorded_at": plan.recorded_at,
                        "clock": plan.clock,
                        "runs": plan.runs,
                    }
                    for plan in each.plans
                ],
            }
            for each in found.decisions
        ],
        "not_checked": list(_unchecked(anew)),
    }


def _show(found: Argument, anew: tuple[Followed, ...] | None) -> None:
    from scalegate.cli.screen import line

    report, head = found.report, found.report.view.head
    line(f"1. trust: version {report.trust.version}, from the first document that you brought")
    names = ", ".join(each.key.name for each in report.view.cosigned) or "no witness"
    line(f"2. checkpoint: {head.origin}, {head.size} entries; cosigned by {names}")
    line(f"3. tree: every hash computed anew; root {head.root.hex()[:16]}")
    line(f"4. envelopes: {len(report.vouched)} shown, {len(report.hidden)} withheld")
    for index in report.hidden:
        line(f"entry {index} is withheld; only its place is checked", indent=3)
    line("5. signatures, in the order of the log:")
    for index, each in report.vouched:
        kind = each.statement.kind or each.statement.predicate_type
        who = f"{each.role.name}, {len(each.signers)} keys, {each.role.threshold} needed"
        line(f"{index}  {kind}: {who}", indent=3)
    before = "no checkpoint given with --seen"
    if found.contains is not None:
        before = f"all {found.contains} entries that you saw are in it, unchanged"
    line(f"6. what you saw before: {before}")
    line(f"7. decisions: {len(found.decisions)}, each behind the log that it names")
    for row in found.decisions:
        what = f"{row.subject}, {row.gate} under {row.framework}: {row.effect}"
        line(f"{row.index}  {what}; as of {row.as_of}, saw {row.seen} entries", indent=3)
        for plan in row.plans:
            clock = "witnesses' clocks" if plan.clock == "witness" else "the lab's own clock"
            said = f"entry {plan.entry}, by {plan.recorded_at} ({clock})"
            line(f"{plan.runs} of its runs began after their plan was recorded: {said}", indent=6)
    line("8. not checked:")
    for text in _unchecked(anew):
        line(f"- {text}", indent=3)
    if anew is not None:
        line("9. the decisions follow from the workspace that you named:")
        for again in anew:
            said = f"could not be recomputed: {again.missing}" if again.missing else "yes"
            line(f"{again.index}  {said}", indent=3)
    line("the bundle holds", style="bold")


def publish(
    *,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the site.")],
    record: RecordFolder = HERE,
    is_json: JsonOption = False,
) -> None:
    """Write a static site: an index, a page for each entry, and the log's files to check them by.

    Only a log that verifies is published (else exit 12). Keys and evidence are never in it.

    \b
    Examples:
      scalegate publish site
    """
    from scalegate.app.record.publishing import site_of
    from scalegate.base.errors import UsageError
    from scalegate.cli.screen import line, print_json
    from scalegate.cli.verbs_record import ROOT
    from scalegate.wiring import log_files

    if out.exists():
        raise UsageError(f"{out} exists", hint="name a new folder, then replace the old one")
    site = site_of(log_files(record / "log"), first_trust(record / ROOT))
    target = log_files(out)
    for path, content in sorted(site.items()):
        target.write(path, content)
    if is_json:
        print_json("publish", {"exit_code": 0, "folder": str(out), "files": len(site)})
        return
    line(f"wrote {len(site)} files to {out}; begin at {out / 'index.html'}")
