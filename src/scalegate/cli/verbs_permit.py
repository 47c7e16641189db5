"""`decide` and `permit`: sign decisions, and let only what they open pass."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scalegate.cli.asking import (
    AskOption,
    AsOfOption,
    JsonOption,
    PolicyOption,
    ProvedOption,
    WorkspaceOption,
    gate_of,
    prepared_at_word,
    workspace_of,
)
from scalegate.cli.verb_passing import (
    GateArgument,
    ManifestOption,
    SubjectArgument,
    manifest,
    manifest_in,
    verify,
)
from scalegate.cli.verbs_record import (
    HERE,
    ROOT,
    RecordFolder,
    first_trust,
    newest_trust,
    role_signers,
)
from scalegate.cli.waiving import show_waivers, views_of
from scalegate.policy.vocabulary import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.record.appending import Recorded
    from scalegate.app.record.granting import Granted
    from scalegate.app.record.recording import Basis, Desk
    from scalegate.gate.model import Decision
    from scalegate.ledger.statements import Predicate
    from scalegate.ports import Signer

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Key of the role gate. Default: the record's."),
]
GraceOption = Annotated[
    str | None,
    typer.Option(
        "--grace",
        metavar="DURATION",
        help="How long what runs may go on after the permit's end, or none. Default, and most: what"
        " the policies state, else an hour for training and 24h for the rest.",
        show_default=False,
    ),
]
AfterwardsOption = Annotated[
    str, typer.Option("--afterwards", metavar="TEXT", help="What is to happen after the grace.")
]
ConditionsOption = Annotated[
    list[str] | None,
    typer.Option("--condition", help="A condition, in words; may be repeated."),
]
SummaryOption = Annotated[
    Path | None,
    typer.Option("--vsa", metavar="FILE", help="Also write the SLSA summaries here (JSONL)."),
]
NoSummaryOption = Annotated[
    bool,
    typer.Option("--no-vsa", help="Record no SLSA verification summary of what is open."),
]
PERMIT_HELP = """Permits: this deployment or run may pass this gate, until then.

A permit is bound to a manifest: weights, configuration, surface, audience, jurisdictions. Any
change is another manifest, and needs another permit.
"""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("decide", short_help="Sign the decisions at a gate into the record.")(decide)
    permit = typer.Typer(no_args_is_help=True, help=PERMIT_HELP, rich_markup_mode=None)
    permit.command("manifest", short_help="Compute a manifest from files.")(manifest)
    permit.command("issue", short_help="Decide, record, and permit what is open.")(issue)
    permit.command("verify", short_help="Check a permit offline. Exit 12 if refused.")(verify)
    app.add_typer(permit, name="permit", short_help="What may pass a gate, for a while.")


def decide(
    *,
    subject: SubjectArgument,
    gate: GateArgument,
    record: RecordFolder = HERE,
    reasons: Annotated[str, typer.Option("--reasons", help="Why, in words.")] = "",
    dissent: Annotated[str, typer.Option("--dissent", help="Who disagrees, and why.")] = "",
    conditions: ConditionsOption = None,
    vsa: SummaryOption = None,
    is_unsummed: NoSummaryOption = False,
    key: KeyOption = None,
    ask: AskOption = Ask.START,
    policies: PolicyOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    is_proved: ProvedOption = False,
    is_json: JsonOption = False,
) -> None:
    """Decide a gate under every policy, and record each answer, signed. Exits as `gate` does.

    Waivers in the log that are in force stand beside the answer, and change nothing of it. Where a
    policy opens the gate, a SLSA verification summary for tools that read those is recorded, too.

    \b
    Examples:
      scalegate decide model:NAME internal --reasons "met on 3 March"
    """
    from scalegate.app.deciding import exit_code
    from scalegate.app.record.deciding import Words, said_by
    from scalegate.app.record.recording import record_decisions
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.statements import Predicate

    _check_outputs(vsa, is_unsummed=is_unsummed)
    asked, how = (subject, gate), (ask, as_of)
    decisions, basis = _decided(workspace, asked, how, policies, is_proved=is_proved)
    words = Words(reasons=reasons, dissent=dissent, conditions=tuple(conditions or ()))
    found = record_decisions(
        _desk(record),
        decisions,
        basis,
        signers=_signers(record, Predicate.GATE_DECISION, key),
        words=words,
        is_summed=not is_unsummed,
    )
    _write_summaries(vsa, [content for _, content in found.summaries.values()])
    code = exit_code(decisions)
    rows = [
        {
            "framework": decision.framework,
            "effect": _effect(decision),
            "index": entry.index,
            "envelope": entry.envelope,
            "waivers": said_by(content)["waivers"],
            "summary": _summary_row(found.summaries.get(entry.envelope)),
        }
        for decision, (entry, content) in zip(decisions, found.entries, strict=True)
    ]
    if is_json:
        print_json("decide", {"exit_code": code, "decisions": rows})
    else:
        for row in rows:
            line(f"{row['index']}  {row['framework']}: {row['effect']}  {row['envelope']}")
            show_waivers(views_of(row["waivers"], is_in_force=True), indent=4)
            _show_summary(row["summary"])
    raise typer.Exit(code)


def _check_outputs(vsa: Path | None, out: Path | None = None, *, is_unsummed: bool) -> None:
    from scalegate.base.errors import UsageError

    if vsa is not None and is_unsummed:
        raise UsageError("--vsa writes what --no-vsa leaves out", hint="name one of them")
    for path in (vsa, out):  # before anything is recorded
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise UsageError(
                f"{path} cannot be written", hint="name a file in a folder that is there"
            )


def _write_summaries(vsa: Path | None, contents: Sequence[bytes]) -> None:
    from scalegate.wiring import write_whole

    if vsa is not None:
        write_whole(vsa, "".join(f"{each.decode()}\n" for each in contents))


def _summary_row(found: tuple[Recorded, bytes] | None) -> dict[str, Any] | None:
    """Return where a summary stands, and what it is of, as plain data."""
    from scalegate.app.record.deciding import stated_in

    if found is None:
        return None
    entry, content = found
    stated = stated_in(content)
    (subject,) = stated.subjects
    return {
        "index": entry.index,
        "envelope": entry.envelope,
        "subject": subject.name,
        "sha256": subject.sha256,
        "level": stated.predicate["verifiedLevels"][0],
    }


def _show_summary(row: dict[str, Any] | None) -> None:
    from scalegate.cli.screen import line

    if row is not None:
        line(f"{row['index']}  SLSA summary: PASSED, {row['level']}", indent=3)
        line(f"of {row['subject']}, {row['sha256'][:16]}", indent=6)


def _effect(decision: Decision) -> str:
    return decision.level.word if decision.governed else "ungoverned"


def _decided(
    workspace: Path | None,
    asked: tuple[str, str],
    how: tuple[Ask, str | None],
    policies: list[str] | None,
    *,
    is_proved: bool = False,
) -> tuple[list[Decision], Basis]:
    """Return the decisions, and what they rest on."""
    from scalegate.app.deciding import decide_all, subject_of
    from scalegate.app.record.recording import Basis

    opened = workspace_of(workspace)
    prepared = prepared_at_word(opened, policies, how[1], (None, None), is_proved=is_proved)
    subject = subject_of(prepared, asked[0])
    decided = decide_all(prepared, subject, (gate_of(asked[1]),), ask=how[0])
    decisions = [decision for each in decided for decision in each.decisions]
    return decisions, Basis(
        prepared=prepared, source=opened.policies, subject=decided[0].assessment.subject
    )


def _desk(record: Path) -> Desk:
    """Return the record in a folder, to write into it with the keys that are there."""
    from scalegate.app.record.recording import Desk
    from scalegate.wiring import engine_build, log_files, signer_of, system_clock

    return Desk(
        log=log_files(record / "log"),
        kept=log_files(record),
        first=first_trust(record / ROOT),
        log_signer=signer_of(record / "keys" / "log.pem"),
        clock=system_clock(),
        build=engine_build(),
    )


def _signers(record: Path, kind: Predicate, key: Path | None) -> Sequence[Signer]:
    return role_signers(record, newest_trust(record), kind, [key] if key else None)


# --- permits --------------------------------------------------------------------------------------


def issue(
    *,
    subject: SubjectArgument,
    gate: GateArgument,
    manifest: ManifestOption,
    record: RecordFolder = HERE,
    out: Annotated[Path, typer.Option("--out", metavar="FILE")] = Path("permit.json"),
    vsa: SummaryOption = None,
    is_unsummed: NoSummaryOption = False,
    life: Annotated[str, typer.Option("--for", help="How long, such as 24h or 7d.")] = "24h",
    grace: GraceOption = None,
    afterwards: AfterwardsOption = "",
    key: KeyOption = None,
    ask: AskOption = Ask.START,
    policies: PolicyOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Decide the gate under every policy, record the decisions, and permit it if all are open.

    Where one is not open nothing is permitted, and the exit code is that of `gate`; a waiver does
    not change that. With the permit a SLSA verification summary of the weights is recorded.

    \b
    Examples:
      scalegate permit issue deployment:NAME internal --manifest manifest.json
    """
    from scalegate.app.deciding import exit_code
    from scalegate.app.record.deciding import NO_WORDS, permit_for
    from scalegate.app.record.recording import record_decisions, record_permit
    from scalegate.app.record.sealing import seal
    from scalegate.base.instants import parse_duration
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import system_clock, write_whole

    _check_outputs(vsa, out, is_unsummed=is_unsummed)
    bound = manifest_in(manifest)
    decisions, basis = _decided(workspace, (subject, gate), (ask, None), policies)
    code = exit_code(decisions)
    granted = _granted(basis, gate, grace, afterwards)
    stated = partial(
        permit_for, manifest=bound, life=parse_duration(life, path="--for"), granted=granted
    )
    desk = _desk(record)
    if not code:  # what would be refused is refused before a decision is recorded for it
        unsigned = [(each, b"") for each in decisions]
        stated(unsigned, at=system_clock().now(), seen=desk.writer()[1])
    signers = _signers(record, Predicate.GATE_DECISION, key)
    found = record_decisions(desk, decisions, basis, signers=signers, words=NO_WORDS)
    if code:
        _refuse(code, is_json=is_json)
    pairs = [(decision, each) for decision, (_, each) in zip(decisions, found.entries, strict=True)]
    signers = _signers(record, Predicate.PERMIT, key)
    content = seal(stated(pairs, at=system_clock().now(), seen=desk.writer()[1]), signers)
    entry, made = record_permit(desk, content, [] if is_unsummed else pairs, bound, signers=signers)
    write_whole(out, content.decode())
    _write_summaries(vsa, [each for _, each in made])
    if is_json:
        row = {
            "index": entry.index,
            "envelope": entry.envelope,
            "file": str(out),
            "summaries": [each.index for each, _ in made],
            "grace": _grace_row(granted, gate),
        }
        print_json("permit", {"exit_code": 0, "is_issued": True, **row})
        return
    line(f"permitted: {out}, entry {entry.index} of the record", style="bold")
    _show_grace(_grace_row(granted, gate))


def _granted(basis: Basis, gate: str, grace: str | None, afterwards: str) -> Granted:
    """Return the grace that every deciding policy grants, or less where that is asked."""
    from datetime import timedelta

    from scalegate.app.record.granting import granted_by
    from scalegate.base.instants import parse_duration

    asked = None
    if grace is not None:
        asked = timedelta() if grace == "none" else parse_duration(grace, path="--grace")
    found = [(each.policy, each.policy_digest) for each in basis.prepared.inputs]
    return granted_by(found, gate_of(gate), asked=asked, afterwards=afterwards)


def _grace_row(granted: Granted, gate: str) -> dict[str, Any]:
    """Return how long what runs may go on after the permit, and who says so, as plain data."""
    from scalegate.app.record.granting import length_text
    from scalegate.ledger.permits import default_grace

    usual = default_grace(gate)
    return {
        "length": length_text(usual if granted.length is None else granted.length),
        "afterwards": granted.afterwards,
        "stated_by": [each.name for each in granted.stated_by],
    }


def _show_grace(row: dict[str, Any]) -> None:
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line

    stated = ", ".join(row["stated_by"])
    said = f"stated by {stated}" if stated else "no longer than the default"
    line(f"after its end what runs may go on for: {row['length']} ({said})", indent=3)
    if row["afterwards"]:
        line(f"then: {plain(row['afterwards'])}", indent=3)


def _refuse(code: int, *, is_json: bool) -> NoReturn:
    from scalegate.cli.screen import line, print_json

    if is_json:
        print_json("permit", {"exit_code": code, "is_issued": False})
    else:
        line("no permit: a policy does not open the gate; the decisions are recorded")
    raise typer.Exit(code)
