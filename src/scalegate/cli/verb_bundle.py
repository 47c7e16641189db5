"""`bundle`, `verify`, `publish`: a record for strangers, and what follows from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.app.record.leaving_out import Without
from scalegate.cli.asking import JsonOption
from scalegate.cli.rereading import LogsOption, reread, show_tables, tables_data, unread
from scalegate.cli.verb_disclose import disclosed_data, show_disclosed
from scalegate.cli.verbs_record import (
    HERE,
    ClockOption,
    RecordFolder,
    clock_of,
    first_trust,
    named_trust,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalegate.app.record.arguing import Argument, DecisionSeen
    from scalegate.app.record.carrying import Cargo
    from scalegate.app.record.following import Followed
    from scalegate.app.record.material import Material, Part
    from scalegate.app.record.summaries import SummarySeen

MaterialOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="FOLDER",
        help="Carry what the decisions rest on, out of this workspace.",
    ),
]
WithoutOption = Annotated[
    list[Without] | None,
    typer.Option("--without", help="Withhold this, visibly. May be given several times."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("bundle", short_help="Write the whole log into one file.")(bundle)
    app.command("verify", short_help="Check a bundle offline. Exit 12 if it does not hold.")(verify)
    app.command("publish", short_help="Write the record as a static site.")(publish)


def bundle(
    *,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle to write.")],
    record: RecordFolder = HERE,
    workspace: MaterialOption = None,
    without: WithoutOption = None,
    is_json: JsonOption = False,
) -> None:
    """Write the log and every envelope that is shown into one file, without keys.

    With --workspace it also carries what the decisions were computed from, so that `verify` decides
    them anew: policies, evidence documents, and of each evaluation log the table of its samples.
    Prompts and answers never travel. The same log and workspace give the same bytes. The first
    trust document is not in it: whoever checks the bundle needs it by another way.

    \b
    Examples:
      scalegate bundle record.zip
      scalegate bundle record.zip --workspace . --without logs
    """
    from hashlib import sha256

    from scalegate.app.record.bundling import make_bundle
    from scalegate.base.errors import UsageError
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import log_files, write_whole

    if without and workspace is None:
        raise UsageError("--without leaves something out of --workspace", hint="name one")
    files = log_files(record / "log")
    cargo = _cargo(record, workspace, without or [])
    content = make_bundle(files, cargo)
    write_whole(out, content)
    digest = sha256(content).hexdigest()
    if is_json:
        row = {"file": str(out), "sha256": digest, "bytes": len(content)}
        print_json("bundle", {"exit_code": 0, **row, "material": _cargo_data(cargo)})
        return
    line(f"wrote {out}; {len(content)} bytes, SHA-256 {digest}")
    if cargo is None:
        line("No policy and no evidence is in it: --workspace adds what the decisions rest on.")
    else:
        line(f"It carries {_counts(cargo.count)}; withheld: {len(cargo.withheld)}.")
    line("Whoever gets it also needs root.json, by another way:")
    command(f"scalegate verify {out.name} --root root.json")


def _cargo(record: Path, workspace: Path | None, without: list[Without]) -> Cargo | None:
    if workspace is None:
        return None
    from scalegate.app.record.appending import read_checkpoint_bytes
    from scalegate.app.record.carrying import decisions_in, gather_material
    from scalegate.cli.asking import workspace_of
    from scalegate.wiring import log_files

    files = log_files(record / "log")
    decisions = decisions_in(files, read_checkpoint_bytes(files))
    return gather_material(
        decisions, workspace_of(workspace), kept=log_files(record), without=without
    )


def _cargo_data(cargo: Cargo | None) -> dict[str, Any] | None:
    from scalegate.app.record.material import Part

    if cargo is None:
        return None
    return {
        "carried": {part.value: cargo.count(part) for part in Part},
        "withheld": [
            {"sha256": digest, "part": cargo.parts[digest].value, "reason": reason}
            for digest, reason in sorted(cargo.withheld.items())
        ],
    }


def _counts(count: Callable[[Part], int]) -> str:
    from scalegate.app.record.material import Part

    named = ((Part.POLICY, "policies"), (Part.DOCUMENT, "documents"), (Part.TABLE, "log tables"))
    return ", ".join(f"{word}: {count(part)}" for part, word in named)


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
            help="Decide anew from this workspace, not from the bundle.",
        ),
    ] = None,
    logs: LogsOption = None,
    as_of: ClockOption = None,
    is_whole: Annotated[
        bool,
        typer.Option("--recompute-all", help="Exit 12 if a decision could not be recomputed."),
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Check a bundle offline, and print what follows from it, step by step. Exit 12 if it fails.

    Each decision is computed anew from the policy and the evidence that the bundle carries. What
    follows has the same bytes; what differs is exit 12. With --logs each table of samples in the
    bundle is held against the log that it was taken from.

    \b
    Examples:
      scalegate verify record.zip --root root.json
      scalegate verify record.zip --root root.json --logs logs/
      scalegate verify record.zip --root root.json --recompute-all
    """
    from scalegate.app.record.arguing import check_bundle
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import read_bundle_file, read_signed

    kept = read_signed(seen) if seen is not None else None
    content = read_bundle_file(file)
    found = check_bundle(content, named_trust(root), seen=kept, at=clock_of(as_of))
    anew = _followed(found, workspace)
    if is_whole:
        _require_all(anew)
    seen_tables = reread(found, logs)
    unseen = unread(found, seen_tables)
    if is_json:
        more = {
            "recomputed": None if anew is None else [_followed_data(each) for each in anew],
            "material": _material_data(found.material),
            "tables": tables_data(seen_tables),
            "not_checked": [*_unchecked(found, anew), *unseen],
        }
        print_json("verify", {"exit_code": 0, **_data(found), **more})
        return
    _show(found, (*_unchecked(found, anew), *unseen))
    _show_anew(found, anew, workspace)
    show_tables(seen_tables)
    line("the bundle holds", style="bold")


def _followed(found: Argument, workspace: Path | None) -> tuple[Followed, ...] | None:
    """Decide anew; from nothing there is nothing to say."""
    if workspace is None and found.material is None:
        return None
    from scalegate.app.record.archive import Archive
    from scalegate.app.record.following import follow
    from scalegate.app.record.unpacking import Unpacked
    from scalegate.cli.asking import workspace_of
    from scalegate.wiring import engine_build

    if workspace is not None:
        return follow(found.report, Archive(workspace_of(workspace)), build=engine_build())
    assert found.material is not None
    return follow(found.report, Unpacked(found.material), build=engine_build())


def _followed_data(each: Followed) -> dict[str, Any]:
    return {
        "index": each.index,
        "what": each.what,
        "missing": each.missing,
        "other_engine": each.engine,
        "is_same": each.is_same,
    }


def _require_all(anew: tuple[Followed, ...] | None) -> None:
    from scalegate.ledger.faults import Refused

    if anew is None:
        raise Refused("the bundle carries nothing to decide anew from", where="step 9")
    for each in anew:
        if each.missing:
            raise Refused(
                f"{each.what} at entry {each.index} could not be recomputed: {each.missing}",
                where="step 9",
            )


def _unchecked(found: Argument, anew: tuple[Followed, ...] | None) -> tuple[str, ...]:
    from scalegate.app.record.arguing import NO_CLOCK, NO_WEIGHTS, NOT_CHECKED

    is_whole = anew is not None and not any(each.missing for each in anew)
    more = () if found.report.clock else (NO_CLOCK,)
    more = (*more, NO_WEIGHTS) if found.summaries else more
    return (*(NOT_CHECKED[1:] if is_whole else NOT_CHECKED), *more)


def _material_data(material: Material | None) -> dict[str, Any] | None:
    from scalegate.app.record.material import Part

    if material is None:
        return None
    return {
        "carried": {part.value: material.count(part) for part in Part},
        "withheld": [
            {"sha256": digest, "part": material.parts[digest].value, "reason": reason}
            for digest, reason in material.withheld.items()
        ],
    }


def _data(found: Argument) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    report = found.report
    return {
        "origin": report.view.head.origin,
        "size": report.view.head.size,
        "root": report.view.head.root.hex(),
        "trust_version": report.trust.version,
        "trust_expires": format_instant(report.trust.expires),
        "trust_end": report.clock_text,
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
        "disclosed": disclosed_data(found.disclosures),
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
                "decided_at": format_instant(each.decided_at) if each.decided_at else None,
                "reasons": each.reasons,
                "dissent": each.dissent,
                "conditions": list(each.conditions),
                "waivers": [
                    {"entry": w.entry, "by": w.by, "reason": w.reason, "until": w.until}
                    for w in each.waivers
                ],
                "plans": [
                    {
                        "plan": plan.plan,
                        "entry": plan.entry,
                        "recorded_at": plan.recorded_at,
                        "clock": plan.clock,
                        "runs": plan.runs,
                        "is_shown": plan.is_shown,
                    }
                    for plan in each.plans
                ],
            }
            for each in found.decisions
        ],
        "summaries": [_summary_data(each) for each in found.summaries],
    }


def _summary_data(each: SummarySeen) -> dict[str, Any]:
    return {
        "index": each.index,
        "decision": each.envelope,
        "subject": each.subject,
        "sha256": each.sha256,
        "level": each.level,
        "is_compared": each.is_compared,
    }


def _show(found: Argument, unchecked: tuple[str, ...]) -> None:
    from scalegate.base.instants import format_instant
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line
    from scalegate.ledger.statements import short_type

    report, head = found.report, found.report.view.head
    line(f"1. trust: version {report.trust.version}, from the first document that you brought")
    line(f"its end, {format_instant(report.trust.expires)}: {report.clock_text}", indent=3)
    names = ", ".join(each.key.name for each in report.view.cosigned) or "no witness"
    line(f"2. checkpoint: {head.origin}, {head.size} entries; cosigned by {names}")
    line(f"3. tree: every hash computed anew; root {head.root.hex()[:16]}")
    line(f"4. envelopes: {len(report.vouched)} shown, {len(report.hidden)} withheld")
    for index in report.hidden:
        line(f"entry {index} is withheld; only its place is checked", indent=3)
    if found.disclosures.withheld or found.disclosures.unchecked:
        show_disclosed(found.disclosures, indent=3)
    line("5. signatures, in the order of the log:")
    for index, each in report.vouched:
        kind = plain(short_type(each.statement.predicate_type))
        who = f"{each.role.name}, {len(each.signers)} keys, {each.role.threshold} needed"
        line(f"{index}  {kind}: {who}", indent=3)
    before = "no checkpoint given with --seen"
    if found.contains is not None:
        before = f"all {found.contains} entries that you saw are in it, unchanged"
    line(f"6. what you saw before: {before}")
    line(f"7. decisions: {len(found.decisions)}, each behind the log that it names")
    for row in found.decisions:
        _show_decision(row)
    _show_summaries(found)
    line("8. not checked:")
    for text in unchecked:
        line(f"- {text}", indent=3)


def _show_decision(row: DecisionSeen) -> None:
    """Write what a decision says, in words too, with the waivers and plans beside it."""
    from scalegate.base.instants import format_instant
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line

    what = f"{row.subject}, {row.gate} under {row.framework}: {row.effect}"
    line(f"{row.index}  {what}; as of {row.as_of}, saw {row.seen} entries", indent=3)
    dated = format_instant(row.decided_at) if row.decided_at else ""
    words = [("dated", dated), ("reasons", row.reasons), ("dissent", row.dissent)]
    words += [("condition", each) for each in row.conditions]
    for name, text in words:
        if text:
            line(f"{name}: {plain(text, limit=500)}", indent=6)
    for waiver in row.waivers:
        said = f"{plain(waiver.by)}, until {plain(waiver.until)}: {plain(waiver.reason)}"
        line(f"beside it stands a waiver, entry {waiver.entry}, by {said}", indent=6)
    for plan in row.plans:
        clock = "witnesses' clocks" if plan.clock == "witness" else "the lab's own clock"
        said = f"entry {plan.entry}, by {plan.recorded_at} ({clock})"
        hidden = "" if plan.is_shown else "; the plan is not shown: its lines are not checked"
        text = f"{plan.runs} of its runs began after their plan was recorded: {said}{hidden}"
        line(text, indent=6)


def _show_summaries(found: Argument) -> None:
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line

    for each in found.summaries:
        what = f"SLSA summary, PASSED, {plain(each.level)}: {plain(each.subject)}"
        line(f"{each.index}  {what}, {each.sha256[:16]}", indent=3)
        said = "its decision stands before it, and is open"
        if not each.is_compared:
            said = "its decision stands before it, but is not shown: not compared"
        line(said, indent=6)


def _show_anew(found: Argument, anew: tuple[Followed, ...] | None, workspace: Path | None) -> None:
    from scalegate import __version__
    from scalegate.cli.screen import line

    whence = "nothing: the bundle carries no policy and no evidence"
    if workspace is not None:
        whence = "the workspace that you named"
    elif found.material is not None:
        whence = f"the bundle ({_counts(found.material.count)})"
    line(f"9. decided anew from {whence}")
    for digest, reason in found.material.withheld.items() if found.material else ():
        why = f", {reason} by the sender's word" if reason else ""
        line(f"{digest[:16]} is withheld{why}", indent=3)
    for each in anew or ():
        said = "the same bytes"
        if each.what == "permit":
            said = "no longer grace than its policies state"
        if each.missing:
            said = f"could not be recomputed: {each.missing}"
        elif each.engine:
            same = "statement but for the build" if each.is_same else "outcome"
            said = f"the same {same}; decided by engine {each.engine}, anew by {__version__}"
        line(f"{each.index}  {said}", indent=3)


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
