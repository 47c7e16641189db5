"""`decide` and `permit`: sign decisions, and let only what they open pass."""

from __future__ import annotations

from dataclasses import dataclass
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
    from datetime import datetime

    from scalegate.app.deciding import Prepared
    from scalegate.app.record.appending import LogWriter, Recorded
    from scalegate.app.record.deciding import Seen, Words
    from scalegate.app.record.granting import Granted
    from scalegate.gate.model import Decision, Subject
    from scalegate.ledger.permits import Manifest
    from scalegate.ports import PolicySource, Signer

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
    from scalegate.cli.screen import line, print_json

    _check_outputs(vsa, is_unsummed=is_unsummed)
    asked, how = (subject, gate), (ask, as_of)
    decisions, basis = _decided(workspace, asked, how, policies, is_proved=is_proved)
    words = Words(reasons=reasons, dissent=dissent, conditions=tuple(conditions or ()))
    found, summaries = _recorded(
        record, decisions, basis, key=key, words=words, is_summed=not is_unsummed
    )
    _write_summaries(vsa, [content for _, content in summaries.values()])
    code = exit_code(decisions)
    rows = [
        {
            "framework": decision.framework,
            "effect": _effect(decision),
            "index": entry.index,
            "envelope": entry.envelope,
            "waivers": said_by(content)["waivers"],
            "summary": _summary_row(summaries.get(entry.envelope)),
        }
        for decision, (entry, content) in zip(decisions, found, strict=True)
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


@dataclass(frozen=True, slots=True)
class _Basis:
    """What decisions rest on."""

    prepared: Prepared
    source: PolicySource
    subject: Subject


def _decided(
    workspace: Path | None,
    asked: tuple[str, str],
    how: tuple[Ask, str | None],
    policies: list[str] | None,
    *,
    is_proved: bool = False,
) -> tuple[list[Decision], _Basis]:
    """Return the decisions, and what they rest on."""
    from scalegate.app.deciding import decide_all, subject_of

    opened = workspace_of(workspace)
    prepared = prepared_at_word(opened, policies, how[1], (None, None), is_proved=is_proved)
    subject = subject_of(prepared, asked[0])
    decided = decide_all(prepared, subject, (gate_of(asked[1]),), ask=how[0])
    decisions = [decision for each in decided for decision in each.decisions]
    return decisions, _Basis(prepared, opened.policies, decided[0].assessment.subject)


def _writer(record: Path) -> tuple[LogWriter, Seen]:
    from scalegate.app.record.appending import LogWriter, read_checkpoint_bytes
    from scalegate.app.record.deciding import Seen
    from scalegate.ledger.checkpoints import parse_checkpoint
    from scalegate.wiring import log_files, signer_of, system_clock

    files = log_files(record / "log")
    head = parse_checkpoint(read_checkpoint_bytes(files)).head
    signer = signer_of(record / "keys" / "log.pem")
    writer = LogWriter(files, [signer], origin=head.origin, clock=system_clock())
    return writer, Seen(size=head.size, root=head.root)


def _recorded(
    record: Path,
    decisions: Sequence[Decision],
    basis: _Basis,
    *,
    key: Path | None,
    words: Words,
    is_summed: bool,
) -> tuple[list[tuple[Recorded, bytes]], dict[str, tuple[Recorded, bytes]]]:
    """Record decisions, and summaries of those that are open, by the decision's envelope."""
    from scalegate.app.record.admitting import check_dated
    from scalegate.app.record.deciding import decision_statement
    from scalegate.app.record.kept_material import keep_material
    from scalegate.app.record.material import table_list, tables_of
    from scalegate.app.record.sealing import seal
    from scalegate.app.record.waivers import waiver_rows, waivers_in
    from scalegate.base.canonical import sha256_hex
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import engine_build, log_files, system_clock

    writer, seen = _writer(record)
    waivers = waivers_in(log_files(record / "log"), first_trust(record / ROOT))
    _hold_plans_to_log(record, decisions)
    given = [key] if key else None
    signers = role_signers(record, newest_trust(record), Predicate.GATE_DECISION, given)
    now = system_clock().now()
    check_dated(log_files(record / "log"), now)
    tables = tables_of(basis.prepared.bundle)
    named, build = sha256_hex(table_list(tables)), engine_build()
    stated = []
    for each in decisions:
        asked = (each.subject, each.framework, each.gate.value)
        rows = waiver_rows(waivers, asked=asked, at=each.as_of)
        made = decision_statement(
            each,
            decided_at=now,
            seen=seen,
            tables=named,
            build=build,
            words=words,
            waivers=rows,
        )
        stated.append(made)
    contents = [seal(each, signers) for each in stated]
    pairs = list(zip(decisions, contents, strict=True)) if is_summed else []
    summed = _summed(record, pairs, basis, at=now, signers=signers)
    _admit(record, [*contents, *summed.values()])
    keep_material(basis.prepared.policies, basis.source, tables, log_files(record))
    entries = writer.append([*contents, *summed.values()])
    more = zip(entries[len(contents) :], summed.values(), strict=True)
    found = list(zip(entries[: len(contents)], contents, strict=True))
    return found, dict(zip(summed, more, strict=True))


def _summed(
    record: Path,
    pairs: Sequence[tuple[Decision, bytes]],
    basis: _Basis,
    *,
    at: datetime,
    signers: Sequence[Signer],
) -> dict[str, bytes]:
    """Return a summary of each open decision, by the envelope of the decision."""
    from scalegate.app.record.summaries import of_register, summary_of
    from scalegate.base.canonical import sha256_hex

    origin = first_trust(record / ROOT).origin
    return {
        sha256_hex(content): summary_of(
            each,
            content,
            of_register(basis.subject, each, basis.prepared.bundle, at=at),
            origin=origin,
            signers=signers,
        )
        for each, content in pairs
        if each.is_open
    }


def _admit(record: Path, contents: Sequence[bytes]) -> None:
    """Refuse what the trust in force would not accept, before it is in the log for good."""
    from scalegate.app.record.admitting import admit
    from scalegate.app.record.reading import trusts_in_log
    from scalegate.wiring import log_files, system_clock

    trusts = list(trusts_in_log(log_files(record / "log"), first_trust(record / ROOT)))
    for content in contents:
        admit(trusts, content, clock=system_clock())


def _hold_plans_to_log(record: Path, decisions: Sequence[Decision]) -> None:
    """Refuse to sign a decision that counts a recorded plan which this log does not have."""
    if not any(each.answers for each in decisions):
        return
    from scalegate.app.record.plan_check import log_seen
    from scalegate.app.record.preregistration import check_plans, plan_rows
    from scalegate.app.record.reading import trusts_in_log
    from scalegate.wiring import log_files

    files = log_files(record / "log")
    log = log_seen(files, trusts_in_log(files, first_trust(record / ROOT)))
    for each in decisions:
        where = f"decision under {each.framework}"
        check_plans(plan_rows(each.answers), log, where=where)


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
    from scalegate.app.record.deciding import Words, permit_for
    from scalegate.app.record.sealing import seal
    from scalegate.base.instants import parse_duration
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import system_clock, write_whole

    _check_outputs(vsa, out, is_unsummed=is_unsummed)
    bound = manifest_in(manifest)
    decisions, basis = _decided(workspace, (subject, gate), (ask, None), policies)
    code, now = exit_code(decisions), system_clock().now()
    granted = _granted(basis, gate, grace, afterwards)
    stated = partial(
        permit_for, manifest=bound, life=parse_duration(life, path="--for"), granted=granted
    )
    if not code:  # what would be refused is refused before a decision is recorded for it
        stated([(each, b"") for each in decisions], at=now, seen=_writer(record)[1])
    found, _ = _recorded(record, decisions, basis, key=key, words=Words(), is_summed=False)
    if code:
        _refuse(code, is_json=is_json)
    writer, seen = _writer(record)
    pairs = [(decision, each) for decision, (_, each) in zip(decisions, found, strict=True)]
    signers = role_signers(record, newest_trust(record), Predicate.PERMIT, [key] if key else None)
    content = seal(stated(pairs, at=system_clock().now(), seen=seen), signers)
    made = [] if is_unsummed else _permit_summaries(record, pairs, (content, bound), signers)
    _admit(record, [content, *made])
    entry, *more = writer.append([content, *made])
    write_whole(out, content.decode())
    _write_summaries(vsa, made)
    if is_json:
        row = {
            "index": entry.index,
            "envelope": entry.envelope,
            "file": str(out),
            "summaries": [each.index for each in more],
            "grace": _grace_row(granted, gate),
        }
        print_json("permit", {"exit_code": 0, "is_issued": True, **row})
        return
    line(f"permitted: {out}, entry {entry.index} of the record", style="bold")
    _show_grace(_grace_row(granted, gate))


def _granted(basis: _Basis, gate: str, grace: str | None, afterwards: str) -> Granted:
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
    said = f"stated by {stated}" if stated else "the default, or less: no policy states one"
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


def _permit_summaries(
    record: Path,
    pairs: Sequence[tuple[Decision, bytes]],
    permit: tuple[bytes, Manifest],
    signers: Sequence[Signer],
) -> list[bytes]:
    """Return a summary of each decision behind a permit, of the weights in its manifest."""
    from scalegate.app.record.summaries import of_permit, summary_of
    from scalegate.ledger.permits import permit_of

    summed = of_permit(permit_of(permit[0]), permit[1])
    origin = first_trust(record / ROOT).origin
    return [
        summary_of(decision, content, summed, origin=origin, signers=signers)
        for decision, content in pairs
    ]
