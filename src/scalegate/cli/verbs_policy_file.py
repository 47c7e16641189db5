"""`policy`: begin a policy document, put it into order, and give an editor its schema."""

from __future__ import annotations

import json
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption, WorkspaceOption, instant_of, known_folder
from scalegate.cli.complete import complete_framework

if TYPE_CHECKING:
    from scalegate.policy.begin import Origin

NOT_FORMATTED = 2


class SchemaKind(StrEnum):
    """Which documents a schema is for."""

    POLICY = "policy"
    """A policy."""
    INDICATORS = "indicators"
    """A set of lines published outside the policy."""
    BRIDGE = "bridge"
    """Which parts of two policies are the same."""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help="Write policies of your own.")
    group.command("new", short_help="Begin a policy, from nothing or from another.")(new)
    group.command("format", short_help="Put policies into the canonical order.")(format_files)
    group.command("schema", short_help="Print the JSON Schema for your editor.")(schema)
    app.add_typer(group, name="policy", short_help="Write policies of your own.")


# --- new ------------------------------------------------------------------------------------------


def new(
    *,
    name: Annotated[str, typer.Argument(metavar="ID@VERSION", help="What it is to be called.")],
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ID@VERSION",
            help="Copy this policy, with its provenance. Default: the smallest one.",
            autocompletion=complete_framework,
        ),
    ] = None,
    lab: Annotated[str, typer.Option("--lab", help="Whose policy it is to be.")] = "Our lab",
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "Our policy",
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="First day in force. Default: today."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write it. Default: policies/ of the workspace, else here.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Begin a policy document that you then edit. A file that is there is never overwritten.

    \b
    Examples:
      scalegate policy new acme-policy@1
      scalegate policy new acme-policy@1 --from gdm-fsf@3.1 --lab Acme
    """
    from scalegate.cli.screen import command, line, print_json
    from scalegate.policy.begin import NewHead, begin_from, begin_new
    from scalegate.wiring import write_whole

    if not all(name.partition("@")):
        raise UsageError(f"not a name: `{plain(name)}`", hint="expected ID@VERSION")
    folder = known_folder(workspace)
    path = out or (folder / "policies" if folder else Path()) / f"{name}.yaml"
    if path.exists() or path.is_symlink():
        raise UsageError(f"`{plain(path)}` is there already", hint="name another with `--out`")
    head = NewHead(
        id=name.partition("@")[0],
        version=name.partition("@")[2],
        lab=lab,
        title=title,
        effective_on=instant_of(on).date().isoformat(),
    )
    begun = None if origin is None else _origin(origin, folder)
    made = begin_new(head, file=name) if begun is None else begin_from(begun, head, file=name)
    write_whole(path, made)
    if is_json:
        content = {"file": str(path), "name": name, "from": origin}
        print_json("policy-new", {"exit_code": 0, **content})
        return
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    line(f"wrote {shown}" + (f", begun from {origin}" if origin else ""), style="bold")
    line("Edit it, then:")
    command(f"scalegate lint {shlex.quote(str(shown))}")


def _origin(name: str, folder: Path | None) -> Origin:
    from scalegate.app.workspace import policies_of
    from scalegate.policy.begin import Origin
    from scalegate.wiring import policy_source

    source = policy_source(folder)
    loaded = policies_of(source, [name])[0]
    text = next(each.text for each in source.policies() if each.digest == loaded.digest)
    return Origin(name=name, text=text, digest=loaded.digest)


# --- format ---------------------------------------------------------------------------------------


def format_files(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Policies and indicator sets, as YAML."),
    ],
    is_checking: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 2 if a file would change.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Put the keys of a document into the order of the language; comments and words stay.

    Every file is read before one is written; each is there whole or not at all.

    \b
    Example:
      scalegate policy format policies/acme-policy@1.yaml
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import write_whole

    written = _formatted(files)
    for file in () if is_checking else written:
        write_whole(file, written[file])
    code = NOT_FORMATTED if is_checking and written else 0
    changed = [plain(file) for file in written]
    if is_json:
        content = {"changed": changed, "is_written": not is_checking}
        print_json("policy-format", {"exit_code": code, **content})
        raise typer.Exit(code)
    verb = "would change" if is_checking else "formatted"
    for each in changed:
        line(f"{verb} {each}")
    if not changed:
        line(f"{len(files)} of {len(files)} in order")
    raise typer.Exit(code)


def _formatted(files: list[Path]) -> dict[Path, str]:
    """Return what each file that is not in order should say.

    Raises:
        DocumentFaults: every fault of every file.
    """
    from scalegate.policy.format import format_document
    from scalegate.wiring import read_policy_text

    faults: list[FormatError] = []
    found: dict[Path, str] = {}
    for file in files:
        text = read_policy_text(file).text
        try:
            made = format_document(text, file=plain(file))
        except DocumentFaults as refused:
            faults += refused.faults
            continue
        if made != text:
            found[file] = made
    if faults:
        raise DocumentFaults(faults)
    return found


# --- schema ---------------------------------------------------------------------------------------


def schema(
    *,
    kind: Annotated[
        SchemaKind, typer.Argument(metavar="[KIND]", help="policy, indicators or bridge.")
    ] = SchemaKind.POLICY,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write it to this file instead."),
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of a document, by which an editor completes and checks as you type.

    \b
    Example:
      scalegate policy schema --out policy.schema.json
    """
    import sys

    from scalegate.cli.screen import line, print_json
    from scalegate.compare.bridge_text import bridge_schema
    from scalegate.policy.schema import indicators_schema, policy_schema
    from scalegate.wiring import policy_field_texts, write_whole

    schema_of = {
        SchemaKind.POLICY: policy_schema,
        SchemaKind.INDICATORS: indicators_schema,
        SchemaKind.BRIDGE: bridge_schema,
    }
    found = schema_of[kind](policy_field_texts())
    text = json.dumps(found, indent=2) + "\n"
    if out is not None:
        write_whole(out, text)
    if is_json:
        print_json("policy-schema", {"exit_code": 0, "schema": found})
    elif out is None:
        sys.stdout.write(text)
    else:
        line(f"wrote {out}")
