"""`keys`: who signs what, and how that changes, by the root keys of before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption
from scalegate.cli.verbs_record import (
    HERE,
    ROOT,
    LogKeyOption,
    LogOption,
    RecordFolder,
    append_to_log,
    envelope_in,
    newest_trust,
)

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
AddressOption = Annotated[
    str,
    typer.Option(
        "--log",
        metavar="ADDRESS",
        help="Put the log at s3://bucket/prefix, not in the record.",
        show_default=False,
    ),
]
SignKeysOption = Annotated[
    list[Path], typer.Option("--key", metavar="FILE", help="A key to sign with; may be repeated.")
]


KEYS_HELP = """Keys and roles of the record.

A key file is PKCS 8, readable by its owner only; SCALEGATE_PASSPHRASE seals it. The public half
lies beside it as `.pub`.
"""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    keys = typer.Typer(no_args_is_help=True, help=KEYS_HELP, rich_markup_mode=None)
    keys.command("init", short_help="Keys for every role, a first trust document, a log.")(init)
    keys.command("make", short_help="One more key.")(make)
    keys.command("import", short_help="Refer to a key in hardware or a key service.")(take)
    keys.command("list", short_help="Roles, thresholds and keys in force.")(show)
    keys.command("rotate", short_help="Change keys and roles; record who may sign now.")(rotate)
    keys.command("sign", short_help="Add a signature to an envelope.")(sign)
    app.add_typer(keys, name="keys", short_help="Keys and roles of the record.")


def init(
    *,
    origin: Annotated[
        str, typer.Argument(metavar="ORIGIN", help="The log's name: a URL without scheme.")
    ],
    record: RecordFolder = HERE,
    witnesses: Annotated[
        Path | None,
        typer.Option("--witnesses", metavar="FILE", help="A C2SP tlog-policy file: who cosigns."),
    ] = None,
    log: AddressOption = "",
    is_json: JsonOption = False,
) -> None:
    """Make keys for every role on this machine, the first trust document, and a log.

    This is for trying it out: whoever holds this machine holds every role. In earnest each holder
    makes a key with `keys make`, and hands over its `.pub` file only.

    \b
    Examples:
      scalegate keys init log.example/our-lab
      scalegate keys init log.example/our-lab --log s3://our-bucket/log
    """
    from scalegate.app.record.keeping import begin_record, names_of_keys
    from scalegate.cli.screen import command, line, print_json
    from scalegate.ledger.notes import check_name
    from scalegate.ledger.quorum import parse_witness_policy
    from scalegate.ledger.signing import Algorithm
    from scalegate.wiring import log_files, new_signer, read_signed, system_clock, write_whole

    files = log_files(_checked(log) or record / "log")
    policy = read_signed(witnesses).decode(errors="replace") if witnesses else "quorum none\n"
    check_name(origin)  # before any key is made
    parse_witness_policy(policy)
    made = {
        name: new_signer(record / "keys" / f"{name}.pem", algorithm=Algorithm.ED25519)
        for names in names_of_keys().values()
        for name in names
    }
    if log:  # before the log, so that a record never forgets where its log is
        write_whole(record / "log", log + "\n")
    begun = begin_record(
        files,
        made.__getitem__,
        origin=origin,
        clock=system_clock(),
        witnesses=policy,
    )
    write_whole(record / ROOT, begun.content.decode())
    if is_json:
        content = {"record": str(record), "origin": origin, "trust": begun.trust.digest}
        print_json("keys-init", {"exit_code": 0, **content})
        return
    line(f"made {len(made)} keys, {ROOT} and a log in {record}", style="bold")
    line("all roles are on this machine: good for trying out, not for separation of duties")
    line("Next:")
    command("scalegate keys list")
    command("scalegate ledger verify")


def _checked(log: str) -> str:
    from scalegate.base.errors import UsageError

    if log and not log.startswith("s3://"):
        raise UsageError(
            "--log of `keys init` takes an address", hint="expected `s3://bucket/prefix`"
        )
    return log


def make(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new key file, `.pem`.")],
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="ed25519, ml-dsa-44 or ecdsa-p256.")
    ] = "ed25519",
    is_json: JsonOption = False,
) -> None:
    """Make one private key; its public half is written beside it as `.pub`.

    \b
    Examples:
      scalegate keys make approver-ada.pem
    """
    from scalegate.base.errors import UnknownName
    from scalegate.cli.screen import line, print_json
    from scalegate.ledger.signing import Algorithm
    from scalegate.wiring import new_signer

    if algorithm not in Algorithm._value2member_map_:
        raise UnknownName("algorithm", algorithm, known=[str(each) for each in Algorithm])
    made = new_signer(file, algorithm=Algorithm(algorithm))
    if is_json:
        print_json("key", {"exit_code": 0, "key_id": made.key.key_id, "file": str(file)})
        return
    line(f"made {file}, and {file.with_suffix('.pub')} to hand over")
    line(f"key id {made.key.key_id}")


def take(
    *,
    uri: Annotated[
        str, typer.Argument(metavar="URI", help="hsm:, awskms:, azurekms:, gcpkms: or file2:.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new reference file.")],
    is_json: JsonOption = False,
) -> None:
    """Refer to a private key that stays in a token or a key service.

    FILE holds the URI and the public key, and no secret; it is taken wherever a key file is. The
    public half is written beside it as `.pub`. A token's PIN is read from SCALEGATE_PIN.

    \b
    Examples:
      scalegate keys import "hsm:2?label=board" approver-ada.pem
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import import_signer

    found = import_signer(uri, file)
    if is_json:
        print_json("key", {"exit_code": 0, "key_id": found.key.key_id, "file": str(file)})
        return
    line(f"wrote {file}, which refers to a key, and {file.with_suffix('.pub')} to hand over")
    line(f"key id {found.key.key_id}; {found.key.algorithm}")


def show(*, record: RecordFolder = HERE, is_json: JsonOption = False) -> None:
    """Show the roles in force: who may sign what, and how many must.

    \b
    Examples:
      scalegate keys list --record record
    """
    from scalegate.base.instants import format_instant
    from scalegate.cli.screen import line, print_json

    trust = newest_trust(record)
    if is_json:
        print_json("keys", {"exit_code": 0, **_trust_data(trust)})
        return
    line(f"trust document version {trust.version} of {trust.origin}", style="bold")
    line(f"expires {format_instant(trust.expires)}; digest {trust.digest}")
    for each in trust.log_keys:
        line(f"log key {each.to_text()}")
    for role in trust.roles.values():
        signs = ", ".join(sorted(str(each) for each in role.signs))
        line(f"{role.name}: {role.threshold} of {len(role.keys)}; signs {signs}")
        for key in role.keys:
            line(f"{key.owner}  {key.algorithm}  {key.key_id[:16]}", indent=2)


def _trust_data(trust: Trust) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    roles = {
        role.name: {
            "threshold": role.threshold,
            "signs": sorted(str(each) for each in role.signs),
            "keys": [{"owner": key.owner, "key_id": key.key_id} for key in role.keys],
        }
        for role in trust.roles.values()
    }
    return {
        "version": trust.version,
        "origin": trust.origin,
        "expires": format_instant(trust.expires),
        "digest": trust.digest,
        "log": [key.to_text() for key in trust.log_keys],
        "roles": roles,
    }


# --- changing them --------------------------------------------------------------------------------


def rotate(
    *,
    record: RecordFolder = HERE,
    log: LogOption = "",
    replaced: ReplaceOption = None,
    removed: RemoveOption = None,
    added: AddOption = None,
    thresholds: ThresholdOption = None,
    expires: ExpiresOption = None,
    witnesses: WitnessesOption = None,
    log_key: LogKeyOption = None,
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
    from scalegate.app.record.appending import log_key as new_log_key
    from scalegate.app.record.rotating import missing_signatures, rotation
    from scalegate.app.record.sealing import seal
    from scalegate.wiring import signer_of

    trust = newest_trust(record, log)
    change = _change((replaced, removed, added), thresholds, witnesses)
    if log_key is not None:
        change = replace(change, log_key=new_log_key(signer_of(log_key), trust.origin))
    statement = rotation(trust, change, expires=_end(expires))
    signers = _signers(record, trust, change, keys)
    content = seal(statement, signers)
    missing = missing_signatures(trust, change, content)
    if out is not None:
        _drafted(out, content, missing, is_json=is_json)
        return
    _recorded((record, log, log_key), content, missing, is_json=is_json)


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


def _recorded(
    where: tuple[Path, str, Path | None],
    content: bytes,
    missing: Sequence[Missing],
    *,
    is_json: bool,
) -> None:
    from scalegate.base.errors import UsageError
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import command, line, print_json

    if missing:
        raise UsageError(
            "too few root keys are here: " + "; ".join(map(_lacks, missing)),
            hint="write it with `--out FILE`, and let others sign it with `keys sign`",
        )
    record, log, log_key = where
    (entry,) = append_to_log(record, log, [content], log_key=log_key)
    trust = newest_trust(record, log)
    if is_json:
        row = {"version": trust.version, "digest": trust.digest, "index": entry.index}
        print_json("keys-rotate", {"exit_code": 0, **row})
        return
    line(f"trust document version {trust.version} is entry {entry.index}", style="bold")
    line(f"{ROOT} stays the first one: from it a verifier follows the log to this version")
    keys = plain(str(record / "keys"))
    line(f"a role's key is looked for as {keys}/NAME.pem, NAME as in the list:")
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
    from scalegate.wiring import signer_of, write_whole

    content = sign_more(envelope_in(file), [signer_of(path) for path in keys])
    write_whole(file, content.decode())
    ids = [each.key_id for each in parse_envelope(content).signatures]
    if is_json:
        print_json("keys-sign", {"exit_code": 0, "file": str(file), "key_ids": ids})
        return
    line(f"{plain(str(file))} has {len(ids)} signatures; none is checked here against a role")
    for each in ids:
        line(each[:16], indent=2)
