"""`plan`: record what will be run before it is run, and see whether it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AsOfOption,
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    prepared_at_word,
    workspace_of,
)
from scalegate.cli.verbs_record import (
    HERE,
    ROOT,
    LogOption,
    RecordFolder,
    first_trust,
    newest_trust,
    role_signers,
    trust_from,
)

if TYPE_CHECKING:
    from scalegate.app.record.appending import Recorded
    from scalegate.app.record.plan_check import PlanReport
    from scalegate.app.workspace import LoadedPolicy, Workspace
    from scalegate.evidence.documents.plans import Plan

PLAN_HELP = """Evaluation plans: recorded before the run, and held against what ran.

A plan in the log can be shown to be older than the run: by a witness's clock to anybody, by the
lab's own clock to those who trust it. When a run started is always its log's word.
"""
PlanArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="An evaluation plan, such as `design --plan` writes.")
]
PlanKeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Key of the role evaluator. Default: the record's."),
]
ReceiptOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The receipt to write. Default: beside the plan."),
]
WitnessOption = Annotated[
    bool, typer.Option("--witness", help="Ask the witnesses to cosign first (uses the network).")
]
REFUSED, UNPLANNED = 12, 11


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    plan = typer.Typer(no_args_is_help=True, help=PLAN_HELP, rich_markup_mode=None)
    plan.command("commit", short_help="Sign a plan into the record, before the run.")(commit)
    plan.command("check", short_help="Hold what ran against the recorded plans.")(check)
    app.add_typer(plan, name="plan", short_help="Evaluation plans, recorded before the run.")


def commit(
    *,
    file: PlanArgument,
    record: RecordFolder = HERE,
    log: LogOption = "",
    out: ReceiptOption = None,
    key: PlanKeyOption = None,
    is_witnessed: WitnessOption = False,
    policies: PolicyOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Sign a plan into the record, with every line it answers as it now stands; write a receipt.

    Recording the same plan again adds nothing, and writes a receipt of the log as it now is: after
    witnesses cosigned, one with their time.

    \b
    Examples:
      scalegate plan commit plan.yaml
    """
    import yaml

    from scalegate.app.record.planning import committed_lines, plan_statement, receipt_document
    from scalegate.app.record.sealing import seal
    from scalegate.cli.screen import print_json
    from scalegate.evidence.documents.plans import Plan
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import write_whole

    opened = workspace_of(workspace)
    plan = opened.reader.read_document(file)
    loaded = _policies(opened, plan.payload, policies) if isinstance(plan.payload, Plan) else ()
    lines = committed_lines(plan.payload, loaded) if isinstance(plan.payload, Plan) else ()
    statement = plan_statement(plan, lines, loaded)
    given = [key] if key else None
    signers = role_signers(record, newest_trust(record, log), Predicate.EVALUATION_PLAN, given)
    content = seal(statement, signers)
    entry, standing, trust = _append(record, log, content, is_witnessed=is_witnessed)
    document = receipt_document(plan, lines, standing, trust)
    target = out or file.with_name(f"{file.stem}.receipt.yaml")
    write_whole(target, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    said = document["payload"]
    row = {
        "plan": plan.digest,
        "entry": entry.index,
        "envelope": entry.envelope,
        "is_new": entry.is_new,
        "recorded_at": said["recorded_at"],
        "clock": said["clock"],
        "lines": [line.model_dump() for line in lines],
        "receipt": str(target),
    }
    if is_json:
        print_json("plan-commit", {"exit_code": 0, **row})
        return
    _say(row, file)


def _say(row: dict[str, Any], file: Path) -> None:
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import command, item, line

    was = "recorded" if row["is_new"] else "was recorded before"
    line(f"{was} as entry {row['entry']}; lines as they now stand:", style="bold")
    for each in row["lines"]:
        item("-", f"{plain(each['clause'])}: {plain(each['statement'])}")
    if not row["lines"]:
        item("!", "what it answers has no line in the policies used here: nothing can rule it out")
    if row["clock"] == "witness":
        line(f"witnesses saw it by {row['recorded_at']}")
    else:
        line(f"recorded by {row['recorded_at']}, by the clock of this machine: others have only")
        line("your word for it until witnesses cosign; then run this again, or use `--witness`")
    line(f"wrote {plain(row['receipt'])}. Before the run:")
    command(f"scalegate evidence import {plain(file)} {plain(row['receipt'])}")


def _policies(opened: Workspace, plan: Plan, named: list[str] | None) -> tuple[LoadedPolicy, ...]:
    from scalegate.app.record.planning import owners_answered
    from scalegate.app.workspace import load_policies

    if named:
        return load_policies(opened, named)
    owners = owners_answered(plan)
    own = {owner for owner in owners if "@" in owner}
    if own != set(owners):
        own |= set(opened.settings.frameworks)
    return load_policies(opened, sorted(own)) if own else load_policies(opened)


def _append(
    record: Path, log: str, content: bytes, *, is_witnessed: bool
) -> tuple[Recorded, Any, Any]:
    from scalegate.app.record.admitting import append_admitted
    from scalegate.app.record.appending import read_checkpoint_bytes
    from scalegate.app.record.gathering import gather
    from scalegate.app.record.planning import Standing
    from scalegate.app.record.reading import trust_in_log
    from scalegate.wiring import http_post, log_files, signer_of, system_clock

    files = log_files(log or record / "log")
    first, clock = first_trust(record / ROOT), system_clock()
    trust = trust_in_log(files, first)
    signers = [signer_of(record / "keys" / "log.pem")]
    (entry,) = append_admitted(files, first, [content], signers=signers, clock=clock)
    if is_witnessed:
        gather(files, trust.witnesses, http_post())
    standing = Standing(
        envelope=entry.envelope,
        entry=entry.index,
        checkpoint=read_checkpoint_bytes(files),
        now=clock.now(),
    )
    return entry, standing, trust


# --- check ----------------------------------------------------------------------------------------


def check(
    *,
    record: RecordFolder = HERE,
    log: LogOption = "",
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="The first trust document, got elsewhere."),
    ] = None,
    policies: PolicyOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    is_json: JsonOption = False,
) -> None:
    """Say of every plan: was it recorded, did its runs come, and are its lines as they were.

    Exits 12 if a receipt does not hold against the log, 11 if a plan was not recorded, a run is
    missing or came too early, or a line was changed, else 0.

    \b
    Examples:
      scalegate plan check
    """
    from scalegate.app.record.plan_check import check_plans_on_record, log_seen
    from scalegate.app.record.reading import trusts_in_log
    from scalegate.cli.screen import print_json
    from scalegate.wiring import log_files

    prepared = prepared_at_word(workspace_of(workspace), policies, as_of, (None, None))
    files = log_files(log or record / "log")
    trusts = trusts_in_log(files, trust_from(root, record))
    found = check_plans_on_record(prepared, log_seen(files, trusts))
    code = 0 if found and all(each.is_answered for each in found) else UNPLANNED
    code = REFUSED if any(each.is_refused for each in found) else code
    if is_json:
        print_json("plan-check", {"exit_code": code, "plans": [_data(each) for each in found]})
    else:
        _show(found)
    raise typer.Exit(code)


def _data(each: PlanReport) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    return {
        "id": each.record.id,
        "digest": each.record.digest,
        "fixed_at": format_instant(each.fixed_at) if each.fixed_at else None,
        "is_answered": each.is_answered,
        "receipts": [
            {
                "id": one.record.id,
                "entry": one.said.entry,
                "clock": one.said.clock,
                "recorded_at": format_instant(one.said.recorded_at),
                "fault": one.fault,
            }
            for one in each.receipts
        ],
        "differences": [
            {
                "what": one.shortfall.value,
                "planned": one.planned,
                "observed": one.observed,
                "expected": one.expected,
                "got": one.got,
                "is_blocking": one.is_blocking,
            }
            for one in each.missing
        ],
        "changed_lines": list(each.changed),
    }


def _show(found: tuple[PlanReport, ...]) -> None:
    from scalegate.cli.screen import line

    if not found:
        line("no plan is on record: `scalegate design --plan FILE` writes one")
    for each in found:
        _show_one(each)
    line("not checked: when a run started, and that there were no others: its log says so alone")


def _show_one(each: PlanReport) -> None:
    from scalegate.base.instants import format_instant
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import item, line

    state = "answered" if each.is_answered else "not answered in full"
    line(f"{plain(each.record.id)}: {state}", style="bold")
    if not each.receipts:
        item("!", "not recorded: `scalegate plan commit` before the next run")
    for one in each.receipts:
        if one.fault:
            item("!", f"receipt {plain(one.record.id)} is refused: {plain(one.fault, limit=300)}")
            continue
        clock = "witnesses' clocks" if one.said.clock == "witness" else "the lab's own clock"
        at = format_instant(one.said.recorded_at)
        item("-", f"entry {one.said.entry} of the log, by {at} ({clock})")
    for difference in each.missing:
        what = difference.shortfall.value.replace("_", " ")
        name = plain(difference.planned or "a run that nobody planned")
        text = f"{name}: {what}; expected {difference.expected}; got {difference.got}"
        item("!" if difference.is_blocking else "-", text)
    for text in each.changed:
        item("!", f"line changed since: {plain(text, limit=500)}")
