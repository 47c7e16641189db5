"""`keys rotate` and `keys sign`: change who may say what, by root keys of before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption
from scalegate.cli.verbs_record import HERE, ROOT, RecordFolder, first_trust

if TYPE_CHECKING:
    from scalegate.app.record.rotating import Change, Missing
    from scalegate.ledger.trust import Trust
    from scalegate.ports import Signer

LASTS = timedelta(days=365)
ReplaceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--replace", metavar="OWNER=FILE.pub", help="A new key in place of the one OWNER holds."
    ),
]
RemoveOption = Annotated[
    list[str] | None,
    typer.Option("--remove", metavar="OWNER", help="The key of OWNER goes, from every role."),
]
AddOption = Annotated[
    list[str] | None,
    typer.Option("--add", metavar="ROLE=FILE.pub", help="One more key in a role."),
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option("--threshold", metavar="ROLE=N", help="How many keys of a role must sign."),
]
ExpiresOption = Annotated[
    str | None,
    typer.Option("--expires", metavar="INSTANT", help="Its end. Default: in a year."),
]
WitnessesOption = Annotated[
    Path | None,
    typer.Option("--witnesses", metavar="FILE", help="Another C2SP tlog-policy file."),
]
RootKeysOption = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="FILE", help="A root key to sign with. Default: the record's."),
]
DraftOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write it for more to sign; do not record it yet."),
]
SignKeysOption = Annotated[
    list[Path], typer.Option("--key", metavar="FILE", help="A key to sign with; may be repeated.")
]


def rotate(
    *,
    record: RecordFolder = HERE,
    replaced: ReplaceOption = None,
    removed: RemoveOption = None,
    added: AddOption = None,
    thresholds: ThresholdOption = None,
    expires: ExpiresOption = None,
    witnesses: WitnessesOption = None,
    keys: RootKeysOption = None,
    out: DraftOption = None,
    is_json: JsonOption = False,
) -> None:
    """Make the next trust document, signed by root keys of both versions, and record it.

    From that entry on, what a key that went signs is refused; what it signed before stays as it
    was. Where not all root keys are on this machine, write it with --out, let the others sign it
    with `keys sign`, and record it with `ledger add`.

    \b
    Examples:
      scalegate keys rotate --replace gate=new-gate.pub
      scalegate keys rotate --remove approver-3 --threshold approver=1 \\
        --out next.json
    """
    from scalegate.app.record.rotating import missing_signatures, rotation
    from scalegate.app.record.sealing import seal

    trust = _newest(record)
    change = _change((replaced, removed, added), thresholds, witnesses)
    statement = rotation(trust, change, expires=_end(expires))
    signers = _signers(record, trust, change, keys)
    content = seal(statement, signers)
    missing = missing_signatures(trust, change, content)
    if out is not None:
        _drafted(out, content, missing, is_json=is_json)
        return
    _recorded(record, content, missing, is_json=is_json)


def _newest(record: Path) -> Trust:
    from scalegate.app.record.reading import trust_in_log
    from scalegate.wiring import log_files

    return trust_in_log(log_files(record / "log"), first_trust(record / ROOT))


def _change(
    moved: tuple[Sequence[str] | None, Sequence[str] | None, Sequence[str] | None],
    thresholds: Sequence[str] | None,
    witnesses: Path | None,
) -> Change:
    from scalegate.app.record.rotating import Change
    from scalegate.base.errors import UsageError
    from scalegate.wiring import public_key_of, read_signed

    replaced, removed, added = moved
    pairs = [_pair("--replace", each) for each in replaced or ()]
    if len(dict(pairs)) != len(pairs):
        raise UsageError("--replace names one owner twice")
    return Change(
        replaced={owner: public_key_of(Path(file)) for owner, file in pairs},
        removed=frozenset(removed or ()),
        added=tuple(
            (role, public_key_of(Path(file)))
            for role, file in (_pair("--add", each) for each in added or ())
        ),
        thresholds={
            role: _count(text)
            for role, text in (_pair("--threshold", each) for each in thresholds or ())
        },
        witnesses=read_signed(witnesses).decode(errors="replace") if witnesses else None,
    )


def _pair(option: str, text: str) -> tuple[str, str]:
    from scalegate.base.errors import UsageError
    from scalegate.base.plain_text import plain

    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise UsageError(f"{option} takes NAME=VALUE, got `{plain(text)}`")
    return name, value


def _count(text: str) -> int:
    from scalegate.base.errors import UsageError
    from scalegate.base.plain_text import plain

    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise UsageError(f"--threshold takes ROLE=N, got `{plain(text)}` for N")
    return int(text)


def _end(expires: str | None) -> Any:
    from scalegate.base.instants import parse_instant
    from scalegate.wiring import system_clock

    if expires is not None:
        return parse_instant(expires, path="--expires")
    end = system_clock().now() + LASTS
    return end.replace(hour=0, minute=0, second=0, microsecond=0)


def _signers(
    record: Path, trust: Trust, change: Change, keys: Sequence[Path] | None
) -> list[Signer]:
    from scalegate.app.record.rotating import owners_of_root
    from scalegate.base.errors import UsageError
    from scalegate.wiring import signer_of

    here = [record / "keys" / f"{owner}.pem" for owner in owners_of_root(trust, change)]
    found = list(keys) if keys else [path for path in here if path.is_file()]
    if not found:
        raise UsageError("no root key is here", hint="name key files with --key")
    return [signer_of(path) for path in found]


def _drafted(out: Path, content: bytes, missing: Sequence[Missing], *, is_json: bool) -> None:
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import write_whole

    write_whole(out, content.decode())
    if is_json:
        rows = [
            {"version": each.version, "expected": each.expected, "got": each.got}
            for each in missing
        ]
        print_json("keys-rotate", {"exit_code": 0, "file": str(out), "missing": rows})
        return
    line(f"wrote {plain(str(out))}; nothing is recorded yet", style="bold")
    for each in missing:
        line(_lacks(each))
    line("Next:")
    if missing:
        command(f"scalegate keys sign {plain(str(out))} --key ROOT-KEY.pem")
    command(f"scalegate ledger add {plain(str(out))}")


def _lacks(each: Missing) -> str:
    return f"root keys of version {each.version}: {each.got} of {each.expected} signed"


def _recorded(record: Path, content: bytes, missing: Sequence[Missing], *, is_json: bool) -> None:
    from scalegate.app.record.admitting import append_admitted
    from scalegate.base.errors import UsageError
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import log_files, signer_of, system_clock

    if missing:
        raise UsageError(
            "too few root keys are here: " + "; ".join(map(_lacks, missing)),
            hint="write it with `--out FILE`, and let others sign it with `keys sign`",
        )
    (entry,) = append_admitted(
        log_files(record / "log"),
        first_trust(record / ROOT),
        [content],
        signers=[signer_of(record / "keys" / "log.pem")],
        clock=system_clock(),
    )
    trust = _newest(record)
    if is_json:
        row = {"version": trust.version, "digest": trust.digest, "index": entry.index}
        print_json("keys-rotate", {"exit_code": 0, **row})
        return
    line(f"trust document version {trust.version} is entry {entry.index}", style="bold")
    line(f"{ROOT} stays the first one: from it a verifier follows the log to this version")
    command("scalegate keys list")


def sign(
    *,
    file: Annotated[Path, typer.Argument(metavar="ENVELOPE", help="A signed DSSE envelope.")],
    keys: SignKeysOption,
    is_json: JsonOption = False,
) -> None:
    """Add signatures to an envelope, in place: for holders who sign one after the other.

    \b
    Examples:
      scalegate keys sign next.json --key root-3.pem
    """
    from scalegate.app.record.sealing import sign_more
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.envelopes import parse_envelope
    from scalegate.wiring import read_signed, signer_of, write_whole

    content = sign_more(read_signed(file), [signer_of(path) for path in keys])
    write_whole(file, content.decode())
    ids = [each.key_id for each in parse_envelope(content).signatures]
    if is_json:
        print_json("keys-sign", {"exit_code": 0, "file": str(file), "key_ids": ids})
        return
    line(f"{plain(str(file))} has {len(ids)} signatures; none is checked here against a role")
    for each in ids:
        line(each[:16], indent=2)
