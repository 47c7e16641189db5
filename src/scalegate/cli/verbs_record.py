"""`ledger` and `witness`: the log of what was signed, and who vouches that it only grows."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.record.appending import Recorded
    from scalegate.app.record.reading import Entry, LogReport
    from scalegate.ledger.statements import Predicate
    from scalegate.ledger.trust import Trust
    from scalegate.ports import Signer

ROOT = "root.json"
REFUSED = 12
RecordFolder = Annotated[
    Path,
    typer.Option("--record", metavar="FOLDER", help="The record: keys, root.json and the log."),
]
LogOption = Annotated[
    str,
    typer.Option(
        "--log",
        metavar="PLACE",
        help="The log: a folder or s3://bucket/prefix. Default: the record's own.",
        show_default=False,
    ),
]
LogKeyOption = Annotated[
    Path | None,
    typer.Option("--log-key", metavar="FILE", help="The log's new key, where that changes."),
]
HERE = Path("record")
_ABOUT_COLUMNS = 33
ClockOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="Your clock, for the trust document's end. Default: the newest checkpoint's.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    witness = typer.Typer(no_args_is_help=True, help=WITNESS_HELP, rich_markup_mode=None)
    witness.command("serve", short_help="Answer add-checkpoint until interrupted.")(serve_witness)
    app.add_typer(witness, name="witness", short_help="Vouch that a log only grows.")


WITNESS_HELP = """Vouch that a log only grows (C2SP tlog-witness).

Another lab, an institute or a journalist can run one: it remembers the last size of each log that
it knows, and cosigns a checkpoint only if it contains everything cosigned before.
"""


def newest_trust(record: Path, log: str = "") -> Trust:
    """Return the newest trust document of a record, followed from the first one in the log."""
    from scalegate.app.record.reading import trust_in_log
    from scalegate.wiring import log_files

    return trust_in_log(log_files(log or record / "log"), first_trust(record / ROOT))


def first_trust(path: Path) -> Trust:
    """Read the first trust document of a record.

    Raises:
        UsageError: there is none.
        TrustError: it does not hold.
    """
    from scalegate.base.errors import UsageError

    if not path.exists():
        raise UsageError(
            f"there is no record at {path.parent}", hint="`scalegate keys init ORIGIN`"
        )
    return named_trust(path)


def named_trust(path: Path) -> Trust:
    """Read the first trust document that a reader got by another way.

    Raises:
        UsageError: there is no such file.
        TrustError: it does not hold.
    """
    from scalegate.ledger.faults import Refused
    from scalegate.ledger.trust import start_trust
    from scalegate.wiring import read_signed

    try:
        return start_trust(read_signed(path))
    except Refused as fault:
        raise fault.in_file(plain(path.name)) from fault


def envelope_in(path: Path) -> bytes:
    """Read the bytes of an envelope from a file.

    Raises:
        UsageError: there is no such file.
        TrustError: it holds no envelope.
    """
    from scalegate.ledger.envelopes import parse_envelope
    from scalegate.ledger.faults import Refused
    from scalegate.wiring import read_signed

    content = read_signed(path)
    try:
        parse_envelope(content)
    except Refused as fault:
        raise fault.in_file(plain(path.name)) from fault
    return content


def role_signers(
    record: Path,
    trust: Trust,
    kind: Predicate,
    keys: Sequence[Path] | None,
    *,
    role: str = "",
    is_draft: bool = False,
) -> list[Signer]:
    """Return signers of a role that may say so: those named, else those of the record.

    Args:
        record: where `keys/OWNER.pem` is, for each owner that the trust document names.
        trust: the document in force.
        kind: what is to be signed.
        keys: key files that were named.
        role: the role, where several may sign; else the first is taken.
        is_draft: others may sign later, so fewer than the threshold will do.

    Raises:
        UsageError: no role may sign it, or too few of its keys are here.
    """
    from scalegate.base.errors import UsageError
    from scalegate.wiring import signer_of

    if keys:
        return [signer_of(path) for path in keys]
    able = [each for each in trust.roles.values() if kind in each.signs]
    found = next((each for each in able if each.name == role), able[0] if able else None)
    if found is None:
        raise UsageError(f"no role of the trust document may sign `{kind}`")
    here = [record / "keys" / f"{key.owner}.pem" for key in found.keys]
    files = [path for path in here if path.is_file()][: found.threshold]
    if not files or (len(files) < found.threshold and not is_draft):
        names = ", ".join(f"`{plain(path.name)}`" for path in here[:4])
        raise UsageError(
            f"{len(files)} keys of role `{found.name}` are here, {found.threshold} must sign",
            hint=f"put {names} into {plain(str(record / 'keys'))}, name key files with `--key`,"
            " or write it with `--out`, where the verb has it, for others to sign",
        )
    return [signer_of(path) for path in files]


def trust_from(root: Path | None, record: Path) -> Trust:
    """Read the first trust document: the one that a reader brought, else the record's own.

    Raises:
        UsageError: there is none.
        TrustError: it does not hold.
    """
    return first_trust(record / ROOT) if root is None else named_trust(root)


# --- ledger ---------------------------------------------------------------------------------------


def append_to_log(
    record: Path, log: str, contents: Sequence[bytes], *, log_key: Path | None = None
) -> tuple[Recorded, ...]:
    """Append what the trust in force accepts; put a new key of the log in place of the old one.

    Raises:
        UsageError: the log's key here is not the one that the trust document then names.
        TrustError: an envelope would be refused by a verifier; nothing is recorded.
        OutsideError: a key or the log cannot be used.
    """
    from scalegate.app.record.admitting import append_admitted
    from scalegate.wiring import log_files, replace_key_file, signer_of, system_clock

    held = record / "keys" / "log.pem"
    signer = signer_of(log_key or held)
    found = append_admitted(
        log_files(log or record / "log"),
        first_trust(record / ROOT),
        contents,
        signers=[signer],
        clock=system_clock(),
    )
    if log_key is not None and signer_of(held).key.public != signer.key.public:
        version = newest_trust(record, log).version
        replace_key_file(held, log_key, kept=held.with_name(f"log-before-{version}.pem"))
    return found


def add(
    *,
    files: Annotated[
        list[Path], typer.Argument(metavar="ENVELOPE...", help="Signed DSSE envelopes.")
    ],
    record: RecordFolder = HERE,
    log: LogOption = "",
    log_key: LogKeyOption = None,
    is_json: JsonOption = False,
) -> None:
    """Append envelopes, each once. Refused unless a role of the trust document signed it.

    \b
    Examples:
      scalegate ledger add decision.json
    """
    from scalegate.cli.screen import line, print_json

    contents = [envelope_in(path) for path in files]
    found = append_to_log(record, log, contents, log_key=log_key)
    if is_json:
        rows = [
            {"index": each.index, "envelope": each.envelope, "is_new": each.is_new}
            for each in found
        ]
        print_json("ledger-add", {"exit_code": 0, "entries": rows})
        return
    for each in found:
        line(f"{each.index}  {each.envelope}  {'recorded' if each.is_new else 'was there already'}")


def entries(
    *,
    record: RecordFolder = HERE,
    log: LogOption = "",
    start: Annotated[int, typer.Option("--from", help="First index to show.", min=0)] = 0,
    is_json: JsonOption = False,
) -> None:
    """List what is recorded. Nothing is verified here; `ledger verify` does.

    \b
    Examples:
      scalegate ledger list --from 100
    """
    from scalegate.app.record.appending import read_size
    from scalegate.app.record.reading import read_entries
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.statements import short_type
    from scalegate.wiring import log_files

    files = log_files(log or record / "log")
    found = list(read_entries(files, read_size(files), start=start))
    if is_json:
        print_json("ledger", {"exit_code": 0, "entries": [_entry_data(each) for each in found]})
        return
    for each in found:
        kind = short_type(each.leaf.predicate_type)[:40]
        hidden = "" if each.content is not None else "  (envelope not shown)"
        line(f"{each.index:>5}  {kind:<20}  {each.leaf.envelope[:16]}  {_about(each)}{hidden}")


def _about(entry: Entry) -> str:
    """Return subjects in what is left of 80 columns: all, or the first and how many more."""
    names = [subject.name or subject.sha256[:16] for subject in entry.leaf.subjects]
    text = ", ".join(names)
    if len(text) <= _ABOUT_COLUMNS:
        return text
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    room = _ABOUT_COLUMNS - len(more)
    first = names[0] if len(names[0]) <= room else names[0][: room - 1] + "…"
    return first + more


def _entry_data(each: Entry) -> dict[str, Any]:
    return {
        "index": each.index,
        "type": each.leaf.predicate_type,
        "envelope": each.leaf.envelope,
        "subjects": [
            {"name": subject.name, "sha256": subject.sha256} for subject in each.leaf.subjects
        ],
        "keys": list(each.leaf.keys),
        "is_shown": each.content is not None,
    }


def prove(
    *,
    index: Annotated[int, typer.Argument(metavar="INDEX", help="Which entry.", min=0)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here. Default: stdout.")
    ] = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    is_json: JsonOption = False,
) -> None:
    """Write a C2SP `.tlog-proof`: that this entry is in the log, checkable offline.

    \b
    Examples:
      scalegate ledger prove 3 --out decision.tlog-proof
    """
    import sys

    from scalegate.app.record.reading import prove_entry
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import log_files, write_whole

    text = prove_entry(log_files(log or record / "log"), index).to_text()
    if is_json:
        print_json("ledger-prove", {"exit_code": 0, "index": index, "proof": text})
        return
    if out is None:
        sys.stdout.write(text)
        return
    write_whole(out, text)
    line(f"wrote {out}")


def verify(
    *,
    record: RecordFolder = HERE,
    log: LogOption = "",
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="The first trust document, got elsewhere."),
    ] = None,
    as_of: ClockOption = None,
    is_json: JsonOption = False,
) -> None:
    """Check the log from its files: trust, checkpoint, every hash, every signature. Exit 12 if not.

    \b
    Examples:
      scalegate ledger verify --root root.json
    """
    from scalegate.app.record.reading import verify_log
    from scalegate.wiring import log_files

    trust = trust_from(root, record)
    report = verify_log(log_files(log or record / "log"), trust, at=clock_of(as_of))
    code = REFUSED if report.faults else 0
    if is_json:
        from scalegate.cli.screen import print_json

        print_json("ledger-verify", {"exit_code": code, **_report_data(report)})
    else:
        _show_report(report, brought=root is not None)
    raise typer.Exit(code)


def clock_of(as_of: str | None) -> datetime | None:
    """Return the reader's clock, if one was given.

    Raises:
        FormatError: it is no instant.
    """
    from scalegate.base.instants import parse_instant

    return None if as_of is None else parse_instant(as_of, path="--as-of")


def _report_data(report: LogReport) -> dict[str, Any]:
    head = report.view.head
    return {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "trust_version": report.trust.version,
        "trust_end": report.clock_text,
        "cosigned": [
            {"name": each.key.name, "seconds": each.seconds} for each in report.view.cosigned
        ],
        "vouched": len(report.vouched),
        "hidden": list(report.hidden),
        "faults": [{"index": each.index, "reason": each.reason} for each in report.faults],
    }


def _show_report(report: LogReport, *, brought: bool) -> None:
    from scalegate.base.instants import format_instant
    from scalegate.cli.screen import line

    head = report.view.head
    whose = (
        "that you brought" if brought else "that lies beside the log: bring your own with --root"
    )
    line(f"1. trust: version {report.trust.version}, from the first document {whose}")
    line(f"its end, {format_instant(report.trust.expires)}: {report.clock_text}", indent=3)
    names = ", ".join(each.key.name for each in report.view.cosigned) or "no witness asked for"
    line(f"2. checkpoint: {head.origin}, {head.size} entries; cosigned by: {names}")
    line(f"3. tree: every hash computed anew; root {head.root.hex()[:16]}")
    shown = head.size - len(report.hidden)
    line(f"4. envelopes: {shown} shown, {len(report.hidden)} not shown")
    line(f"5. signatures: {len(report.vouched)} hold by their role, {len(report.faults)} do not")
    for each in report.faults:
        line(f"entry {each.index}: {each.reason}", indent=3)
    line("not checked: what the statements say, and whether decisions follow from them")
    line("refused" if report.faults else "the log holds", style="bold")


def ask_witnesses(
    *, record: RecordFolder = HERE, log: LogOption = "", is_json: JsonOption = False
) -> None:
    """Ask every witness of the trust document to cosign. Exit 12 without a quorum.

    \b
    Examples:
      scalegate ledger witness
    """
    from scalegate.app.record.gathering import gather
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import http_post, log_files

    trust = newest_trust(record, log)
    after, answers = gather(log_files(log or record / "log"), trust.witnesses, http_post())
    from scalegate.ledger.checkpoints import verify_cosignatures

    keys = [each.key for each in trust.witnesses.witnesses]
    held = verify_cosignatures(after, keys)
    is_reached = trust.witnesses.is_reached(each.key.public for each in held)
    code = 0 if is_reached else REFUSED
    if is_json:
        rows = [{"name": each.name, "reason": each.reason} for each in answers]
        print_json("witnesses", {"exit_code": code, "answers": rows, "is_reached": is_reached})
        raise typer.Exit(code)
    for each in answers:
        line(f"{each.name}: {each.reason or 'cosigned'}")
    if not keys:
        line("no witness was asked: the trust document names none")
        return
    line("the quorum is reached" if is_reached else "the quorum is not reached", style="bold")
    raise typer.Exit(code)


def serve_witness(
    *,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The witness's key file.")],
    name: Annotated[str, typer.Option("--name", help="Its name: a URL without scheme.")],
    logs: Annotated[
        list[str], typer.Option("--log", metavar="VKEY", help="A trusted log's verifier key.")
    ],
    store: Annotated[Path, typer.Option("--store", metavar="FILE", help="Its table.")] = Path(
        "witness.sqlite"
    ),
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8765,
) -> None:
    """Serve a witness: POST /add-checkpoint, until interrupted (Ctrl-C, or SIGTERM).

    \b
    Examples:
      scalegate witness serve --key w.pem --name witness.example/press --log VKEY
    """
    from scalegate.app.record.witnessing import witness_key
    from scalegate.cli.screen import command, line
    from scalegate.wiring import signer_of, witness_server

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor sends it
    signer = signer_of(key)
    server = witness_server(signer, name=name, logs=logs, store=store, address=(host, port))
    address = f"http://{host}:{server.server_address[1]}"
    line(f"answers on {address}; its line in a witness policy:")
    command(f"witness {name} {witness_key(signer, name).to_text()} {address}")
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        line("stopped")
    finally:
        server.server_close()
