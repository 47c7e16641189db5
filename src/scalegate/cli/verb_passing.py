"""`permit manifest` and `permit verify`: the side of whoever lets something pass, or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.cli.asking import AskOption, AsOfOption, JsonOption, gate_of
from scalegate.cli.verbs_record import HERE, LogOption, RecordFolder, envelope_in, trust_from
from scalegate.policy.vocabulary import Ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalegate.ledger.permits import Manifest

SubjectArgument = Annotated[
    str, typer.Argument(metavar="REF", help="A deployment, run or model of the workspace.")
]
GateArgument = Annotated[str, typer.Argument(metavar="GATE", help="The gate.")]
ManifestOption = Annotated[
    Path, typer.Option("--manifest", metavar="FILE", help="What it consists of (JSON).")
]
MemoryOption = Annotated[
    Path | None,
    typer.Option(
        "--memory",
        metavar="FILE",
        help="Remember the log here, where only the verifier writes. Default: SCALEGATE_MEMORY.",
        show_default=False,
    ),
]
SignedModelOption = Annotated[
    Path | None,
    typer.Option(
        "--signed-model",
        metavar="FILE",
        help="The bundle that OpenSSF Model Signing wrote for the weights.",
        show_default=False,
    ),
]


def manifest(
    *,
    subject: SubjectArgument,
    weights: Annotated[
        Path, typer.Option("--weights", metavar="PATH", help="A file or folder of weights.")
    ],
    configuration: Annotated[
        Path, typer.Option("--configuration", metavar="FILE", help="The configuration served.")
    ],
    surface: Annotated[str, typer.Option("--surface", help="Where it is served.")],
    audience: Annotated[str, typer.Option("--audience", help="Who may use it.")],
    places: Annotated[
        list[str], typer.Option("--jurisdiction", help="Where. May be given several times.")
    ],
    signed: SignedModelOption = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE")] = Path("manifest.json"),
    is_json: JsonOption = False,
) -> None:
    """Compute a manifest: digests of weights and configuration, and where and for whom it is.

    With --signed-model the weights are held against what OpenSSF Model Signing signed, file by
    file, and named by the digest of that; who signed it, `model_signing verify` says.

    \b
    Examples:
      scalegate permit manifest deployment:NAME --weights weights/ \\
        --configuration served.yaml --surface api --audience vetted \\
        --jurisdiction EU
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.cli.verbs_evidence import progress
    from scalegate.ledger.permits import MANIFEST, manifest_of
    from scalegate.wiring import digest_of_tree, write_whole

    with progress("hashing weights") as on_progress:
        if signed is None:
            hashed = digest_of_tree(weights, on_progress=on_progress)
        else:
            hashed = _signed_digest(weights, signed, on_progress)
    made = manifest_of(
        {
            "schema": MANIFEST,
            "subject": subject,
            "weights": hashed,
            "configuration": digest_of_tree(configuration),
            "surface": surface,
            "audience": audience,
            "jurisdictions": sorted(places),
        }
    )
    write_whole(out, json.dumps(made.to_mapping(), indent=2) + "\n")
    if is_json:
        print_json("manifest", {"exit_code": 0, "digest": made.digest, **made.to_mapping()})
        return
    line(f"wrote {out}; digest {made.digest}")


def _signed_digest(
    weights: Path, signed: Path, on_progress: Callable[[int, int, str], None] | None
) -> str:
    from scalegate.ledger.model_signing import check_model, parse_signed_model
    from scalegate.wiring import digests_below, read_signed

    model = parse_signed_model(read_signed(signed))
    found = digests_below(weights, on_progress=on_progress)
    if signed.resolve().is_relative_to(weights.resolve()):  # it does not list itself
        found.pop(signed.resolve().relative_to(weights.resolve()).as_posix(), None)
    check_model(model, found)
    return model.digest


def manifest_in(path: Path) -> Manifest:
    """Read a manifest from a file.

    Raises:
        FormatError: it is not in its form.
        UsageError, OutsideError: there is none, or it cannot be read.
    """
    from scalegate.base.errors import FormatError
    from scalegate.ledger.faults import MalformedRecord
    from scalegate.ledger.permits import manifest_of
    from scalegate.ledger.strict_json import parse_json
    from scalegate.wiring import read_signed

    try:
        return manifest_of(parse_json(read_signed(path), "manifest"))
    except MalformedRecord as cause:
        raise FormatError(
            cause.what, expected=cause.expected, got=cause.got, file=path.name
        ) from cause
    except FormatError as fault:
        raise fault.in_file(path.name) from fault


def verify(
    *,
    permit: Annotated[Path, typer.Argument(metavar="PERMIT", help="The permit's envelope.")],
    gate: GateArgument,
    manifest: ManifestOption,
    record: RecordFolder = HERE,
    log: LogOption = "",
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="The first trust document, got elsewhere."),
    ] = None,
    memory: MemoryOption = None,
    ask: AskOption = Ask.START,
    as_of: AsOfOption = None,
    is_json: JsonOption = False,
) -> None:
    """Check that a permit lets this pass now, from files alone. Anything else is exit 12.

    With --memory the log is remembered: one that is shorter or other than what was seen is refused,
    and of a long log only what is new is read. What asks to continue, and whose permit has ended,
    may go on for the permit's grace; that is said aloud, and until when.

    \b
    Examples:
      scalegate permit verify permit.json internal --manifest manifest.json
      scalegate permit verify permit.json internal --root root.json \\
        --manifest manifest.json --memory /var/lib/gate/log.json
    """
    from scalegate.cli.asking import instant_of
    from scalegate.cli.passing import answer_with, show_answer
    from scalegate.ledger.permits import Asked
    from scalegate.wiring import memory_file

    trust = trust_from(root, record)
    asked = Asked(
        manifest=manifest_in(manifest),
        gate=gate_of(gate).value,
        ask=ask.value,
        at=instant_of(as_of),
    )
    kept_in = memory_file(memory)
    answer = answer_with(
        trust, envelope_in(permit), asked, log=log or record / "log", kept_in=kept_in
    )
    show_answer(answer, is_remembered=kept_in is not None, is_json=is_json)
