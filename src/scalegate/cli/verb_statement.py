"""`record`: sign what the lab has, and put it into the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.cli.asking import JsonOption, WorkspaceOption
from scalegate.cli.verbs_record import (
    HERE,
    LogOption,
    RecordFolder,
    append_to_log,
    newest_trust,
    role_signers,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.base.yaml_text import YamlDocument
    from scalegate.ledger.statements import Predicate, Statement


KINDS = (
    "policy", "policy-diff", "evidence", "safeguard-status", "act", "order", "incident", "document",
    "register-edge", "specification", "waiver", "duty", "withdrawal",
)  # fmt: skip
"""What can be stated by this verb: other predicates have verbs of their own."""
KindArgument = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")]
WhatArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="The document; for `policy`, its ID@VERSION.")
]
CertificateOption = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help="The certificate of a policy-diff."),
]
KeysOption = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="FILE", help="A key to sign with. Default: the record's."),
]
DraftOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write it for more to sign; do not record it yet."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("record", short_help="Sign a document, policy, waiver, duty into the log.")(state)


def state(
    *,
    kind: KindArgument,
    what: WhatArgument,
    record: RecordFolder = HERE,
    log: LogOption = "",
    keys: KeysOption = None,
    out: DraftOption = None,
    certificate: CertificateOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Sign what a file says, by a role that may say so, and put it into the log.

    Documents are recorded in full, evaluation logs by their digest. A waiver, duty, specification
    or withdrawal is a small file with the fields of its predicate (docs/reference/statements.md).
    A waiver opens no gate: decisions list it beside what holds.

    \b
    Examples:
      scalegate record incident incident.yaml
      scalegate record policy anthropic-rsp@2.2
      scalegate record waiver waiver.yaml --key ada.pem --key grace.pem
    """
    from scalegate.app.record.sealing import seal
    from scalegate.base.errors import UnknownName
    from scalegate.ledger.statements import Predicate

    if kind not in KINDS:
        raise UnknownName("kind of statement", kind, known=KINDS)
    predicate = Predicate(kind)
    statements = _stated(predicate, what, certificate, workspace)
    trust = newest_trust(record, log)
    signers = role_signers(record, trust, predicate, keys, is_draft=out is not None)
    contents = [seal(each, signers) for each in statements]
    if out is not None:
        _write(out, contents, is_json=is_json)
        return
    _append((record, log), contents, kind, is_json=is_json)


def _stated(
    kind: Predicate, what: str, certificate: Path | None, workspace: Path | None
) -> tuple[Statement, ...]:
    from scalegate.app.record import stating
    from scalegate.ledger.statements import Predicate

    if kind is Predicate.POLICY:
        return (_policy(what, workspace),)
    path = Path(what)
    if kind is Predicate.POLICY_DIFF:
        return (_difference(path, certificate),)
    if kind in stating.WRITTEN:
        return (stating.written_statement(kind, _fields(path)),)
    return _documented(kind, path, workspace)


def _policy(what: str, workspace: Path | None) -> Statement:
    from scalegate.app.record.stating import policy_statement
    from scalegate.app.workspace import load_policies
    from scalegate.cli.asking import workspace_of

    (loaded,) = load_policies(workspace_of(workspace), [what])
    return policy_statement(loaded)


def _difference(path: Path, certificate: Path | None) -> Statement:
    from scalegate.app.record.stating import diff_statement
    from scalegate.base.canonical import sha256_hex
    from scalegate.ledger.strict_json import parse_json
    from scalegate.wiring import read_signed

    digest = sha256_hex(read_signed(certificate)) if certificate else ""
    return diff_statement(parse_json(read_signed(path), path.name), certificate=digest)


def _fields(path: Path) -> YamlDocument:
    from scalegate.base.errors import FormatError
    from scalegate.base.yaml_text import parse_yaml
    from scalegate.wiring import read_signed

    try:
        text = read_signed(path).decode()
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=path.name, expected="YAML or JSON") from cause
    return parse_yaml(text, file=path.name)


def _documented(kind: Predicate, path: Path, workspace: Path | None) -> tuple[Statement, ...]:
    from scalegate.app.record.stating import document_statement, edge_statements, log_statement
    from scalegate.cli.asking import workspace_of
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import digest_of_tree

    if kind is Predicate.EVIDENCE and path.suffix == ".eval":
        return (log_statement(path.name, digest_of_tree(path)),)
    found = workspace_of(workspace).reader.read_document(path)
    if kind is Predicate.REGISTER_EDGE:
        return edge_statements(found)
    return (document_statement(kind, found),)


def _write(out: Path, contents: Sequence[bytes], *, is_json: bool) -> None:
    from scalegate.base.errors import UsageError
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import write_whole

    if len(contents) > 1:
        raise UsageError(f"{len(contents)} statements do not go into one file; leave --out away")
    write_whole(out, contents[0].decode())
    if is_json:
        print_json("record", {"exit_code": 0, "file": str(out), "entries": []})
        return
    name = plain(str(out))
    line(f"wrote {name}; nothing is recorded yet")
    command(f"scalegate keys sign {name} --key KEY.pem")
    command(f"scalegate ledger add {name}")


def _append(
    where: tuple[Path, str], contents: Sequence[bytes], kind: str, *, is_json: bool
) -> None:
    from scalegate.cli.screen import line, print_json

    found = append_to_log(*where, contents)
    if is_json:
        rows = [
            {"index": each.index, "envelope": each.envelope, "is_new": each.is_new}
            for each in found
        ]
        print_json("record", {"exit_code": 0, "entries": rows})
        return
    for each in found:
        was = "recorded" if each.is_new else "was there already"
        line(f"{each.index}  {kind}  {each.envelope}  {was}")
    if kind == "waiver":
        line("it opens no gate: decisions list it beside what holds, until it ends")
