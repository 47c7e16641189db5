"""`disclose`: withhold parts of evidence, open them one by one, and let an auditor draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption
from scalegate.cli.verbs_record import (
    HERE,
    LogOption,
    RecordFolder,
    newest_trust,
    role_signers,
    trust_from,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.record.reading import LogReport
    from scalegate.ledger.disclosures import DisclosureBook, Drawn, ReasonCode, WithheldSeen
    from scalegate.ledger.statements import Statement
    from scalegate.ports import Signer

DISCLOSE_HELP = """Show evidence in part: commit to the rest, open it later, let an auditor draw.

What is withheld stands in the log as a salted digest, a list with its count, each with a reason.
No verb here appends: each writes a signed envelope, to be published with `ledger add`, or to be
sent to an auditor alone.
"""
WithholdOption = Annotated[
    list[str],
    typer.Option(
        "--withhold",
        metavar="NAME=REASON",
        help="Withhold this field; of a list, item by item. REASON: hazardous, personal,"
        " third_party, security, commercial or legal. Repeat.",
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="FILE", help="The first trust document, got elsewhere."),
]
BundleOption = Annotated[
    Path | None,
    typer.Option("--bundle", metavar="FILE", help="Read the log from this bundle instead."),
]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="Who signs. Default: the record's.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="The envelope to write.")
]
FieldOption = Annotated[
    list[str] | None, typer.Option("--field", metavar="NAME", help="Open this field. Repeat.")
]
ItemOption = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="NAME:INDEX", help="Open this item of a list. Repeat."),
]
DemandOption = Annotated[
    int | None,
    typer.Option("--demand", metavar="ENTRY", help="Answer this demand: open what it draws."),
]
RefuseOption = Annotated[
    list[str] | None,
    typer.Option("--refuse", metavar="INDEX=REASON", help="Of what is drawn, refuse this. Repeat."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help=DISCLOSE_HELP, rich_markup_mode=None)
    group.command("make", short_help="Show a document in part, commit to the rest.")(make)
    group.command("demand", short_help="As an auditor: ask for random items of a list.")(demand)
    group.command("open", short_help="Open what was withheld, or what a demand draws.")(opened)
    group.command("verify", short_help="What is withheld, opened, asked for. Exit 12 if not so.")(
        verify
    )
    app.add_typer(group, name="disclose", short_help="Withhold, open one by one, let draw.")


def make(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence, a JSON object.")],
    about: Annotated[str, typer.Option("--about", metavar="REF", help="What it is about.")],
    withhold: WithholdOption,
    key: KeyOption = None,
    out: OutOption = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    is_json: JsonOption = False,
) -> None:
    """Write a statement that shows some of FILE and commits to the rest; keep what opens it.

    \b
    Examples:
      scalegate disclose make results.json --about model:NAME \\
        --withhold transcripts=hazardous
    """
    from hashlib import sha256

    from scalegate.app.record.disclosing import withhold as withheld_from
    from scalegate.app.record.sealing import seal
    from scalegate.cli.screen import command, line, print_json
    from scalegate.ledger.strict_json import parse_json
    from scalegate.wiring import new_secret, read_signed, write_private, write_whole

    content = parse_json(read_signed(file), file.name)
    if not isinstance(content, dict):
        raise UsageError(f"`{plain(file.name)}` is no JSON object")
    reasons = {name: _reason(word) for name, word in map(_pair, withhold)}
    statement, kept = withheld_from(content, reasons, about=about, secret=new_secret())
    envelope = seal(statement, _signers(record, key, "evaluator", log))
    digest = sha256(envelope).hexdigest()
    target = out or file.with_name(f"{file.stem}.shown.json")
    private = file.with_name(f"{file.stem}.withheld.json")
    write_private(private, kept.to_text(digest))
    write_whole(target, envelope)
    if is_json:
        rows = {"envelope": digest, "file": str(target), "private": str(private)}
        said = statement.predicate["withheld"]
        print_json("disclose-make", {"exit_code": 0, **rows, "withheld": said})
        return
    for row in statement.predicate["withheld"]["fields"]:
        line(f"withheld: {plain(row['name'])}, one field ({row['reason']})")
    for row in statement.predicate["withheld"]["items"]:
        line(f"withheld: {plain(row['name'])}, {row['count']} items ({row['reason']})")
    line(f"wrote {plain(target)}, and {plain(private)}, which opens it: keep it secret and safe")
    command(f"scalegate ledger add {plain(target)}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, word = text.rpartition("=")
    if not sign or not name:
        raise UsageError(f"not understood: `{plain(text)}`", hint="expected NAME=REASON")
    return name, word


def _reason(word: str) -> ReasonCode:
    from scalegate.ledger.disclosures import ReasonCode

    if word not in ReasonCode._value2member_map_:
        raise UnknownName("reason", word, known=[str(each) for each in ReasonCode])
    return ReasonCode(word)


def demand(
    *,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The entry that withholds.", min=0)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which of its lists.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many items.")],
    key: KeyOption = None,
    out: OutOption = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    bundle: BundleOption = None,
    root: RootOption = None,
    is_json: JsonOption = False,
) -> None:
    """As an auditor, ask for random items: drawn by the log's root once the demand is in it.

    It must be recorded directly behind what you saw of the log; anything appended in between voids
    it, so that nobody can try out other roots.

    \b
    Examples:
      scalegate disclose demand 3 transcripts --count 5 --key auditor.pem \\
        --bundle record.zip --root root.json
    """
    from scalegate.app.record.deciding import Seen
    from scalegate.app.record.disclosing import demand as demanded
    from scalegate.wiring import new_secret

    report, book = _book((record, log), root, bundle=bundle)
    of = _withheld(book, entry, name)
    head = report.view.head
    statement = demanded(
        of,
        dict(report.vouched)[entry].envelope,
        count=count,
        nonce=new_secret(),
        seen=Seen(size=head.size, root=head.root),
    )
    target = out or Path("demand.json")
    _written(statement, _signers(record, key, "auditor", log), target, is_json=is_json)


def _withheld(book: DisclosureBook, entry: int, name: str) -> WithheldSeen:
    found = [each for each in book.withheld if each.entry == entry]
    if not found:
        raise UsageError(f"entry {entry} withholds nothing", hint="`scalegate disclose verify`")
    for each in found:
        if each.commitment.name == name:
            return each
    raise UnknownName("withheld list", name, known=[each.commitment.name for each in found])


def _signers(record: Path, key: Path | None, role: str, log: str = "") -> list[Signer]:
    """Return the signer that was named, for whom no record is needed, or those of the role."""
    from scalegate.ledger.statements import Predicate
    from scalegate.wiring import signer_of

    if key is not None:
        return [signer_of(key)]
    return role_signers(record, newest_trust(record, log), Predicate.DISCLOSURE, None, role=role)


def _written(
    statement: Statement, signers: Sequence[Signer], target: Path, *, is_json: bool
) -> None:
    from hashlib import sha256

    from scalegate.app.record.sealing import seal
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import write_whole

    envelope = seal(statement, signers)
    write_whole(target, envelope)
    if is_json:
        digest = sha256(envelope).hexdigest()
        print_json("disclosure", {"exit_code": 0, "file": str(target), "envelope": digest})
        return
    line(f"wrote {plain(target)}. Whoever keeps the log publishes it:")
    command(f"scalegate ledger add {plain(target)}")


def opened(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="PRIVATE", help="What `disclose make` kept: *.withheld.json.")
    ],
    fields: FieldOption = None,
    items: ItemOption = None,
    answers: DemandOption = None,
    refuse: RefuseOption = None,
    key: KeyOption = None,
    out: OutOption = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    root: RootOption = None,
    is_json: JsonOption = False,
) -> None:
    """Open withheld fields or items, or exactly those that an auditor's demand draws.

    What is drawn and not opened must be refused by name, with a reason that everybody sees.

    \b
    Examples:
      scalegate disclose open results.withheld.json --demand 4
      scalegate disclose open results.withheld.json --item transcripts:17
    """
    from scalegate.app.record.disclosing import Choice, open_withheld, read_kept
    from scalegate.wiring import read_signed

    kept, envelope = read_kept(read_signed(file))
    report, book = _book((record, log), root)
    entry = next((at for at, each in report.vouched if each.envelope == envelope), None)
    if entry is None:
        raise UsageError(
            "the log does not have the statement that this file opens",
            hint="`scalegate ledger add` the envelope of `disclose make` first",
        )
    refused = {_index(name): _reason(word) for name, word in map(_pair, refuse or ())}
    if refused and answers is None:
        raise UsageError("`--refuse` goes with `--demand`")
    choice = Choice(
        fields=tuple(fields or ()),
        items=tuple(_item(each) for each in items or ()),
        refused=refused,
        answers=answers,
    )
    statement = open_withheld(kept, envelope, choice, book, entry=entry)
    target = out or Path("opened.json")
    _written(statement, _signers(record, key, "evaluator", log), target, is_json=is_json)


def _item(text: str) -> tuple[str, int]:
    name, sign, index = text.rpartition(":")
    if not sign:
        raise UsageError(f"not an item: `{plain(text)}`", hint="expected NAME:INDEX")
    return name, _index(index)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"not an index: `{plain(text)}`", hint="expected 0 or more")
    return int(text)


# --- verify ---------------------------------------------------------------------------------------


def verify(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[ENVELOPE...]", help="Also these, as if they came next in the log."
        ),
    ] = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    bundle: BundleOption = None,
    root: RootOption = None,
    is_json: JsonOption = False,
) -> None:
    """Show what a log withholds and why, what was opened, and what auditors asked for.

    Exits 12 if something opened is not what was committed to, or not what a demand draws.

    \b
    Examples:
      scalegate disclose verify
      scalegate disclose verify opened.json
    """
    from scalegate.cli.screen import print_json
    from scalegate.wiring import read_signed

    _, book = _book((record, log), root, [read_signed(path) for path in files or ()], bundle)
    if is_json:
        print_json("disclose-verify", {"exit_code": 0, **disclosed_data(book)})
        return
    show_disclosed(book)


def _book(
    where: tuple[Path, str],
    root: Path | None,
    more: list[bytes] | None = None,
    bundle: Path | None = None,
) -> tuple[LogReport, DisclosureBook]:
    from scalegate.app.record.bundling import BundledLog
    from scalegate.app.record.disclosing import read_book
    from scalegate.app.record.plan_check import log_seen
    from scalegate.app.record.reading import verify_log
    from scalegate.ledger.faults import Refused
    from scalegate.ledger.leaves import leaf_of
    from scalegate.ledger.tree import Tree
    from scalegate.ledger.trust import vouch
    from scalegate.wiring import log_files, read_bundle_file

    record, named = where
    if named and bundle:
        raise UsageError("--log and --bundle each name a log", hint="name one of them")
    place = named or record / "log"
    files = BundledLog(read_bundle_file(bundle)) if bundle else log_files(place)
    report = verify_log(files, trust_from(root, record))
    if report.faults:
        fault = report.faults[0]
        raise Refused(f"entry {fault.index}: {fault.reason}", where="the log")
    log = log_seen(files, [report.trust])
    leaves = [log.entry(index) for index in range(log.size)]
    leaves += [leaf_of(content).to_bytes() for content in more or ()]
    vouched = [vouch(report.trust, content) for content in more or ()]
    return report, read_book(report, Tree(leaves).root, vouched)


def disclosed_data(book: DisclosureBook) -> dict[str, Any]:
    """Return what is withheld, opened and asked for as plain data."""
    return {
        "withheld": [
            {
                "entry": each.entry,
                "name": each.commitment.name,
                "reason": str(each.commitment.reason),
                "count": each.commitment.items.count if each.commitment.items else None,
                "opened": list(each.opened),
                "refused": [
                    {"index": index, "reason": str(reason)} for index, reason in each.refused
                ],
            }
            for each in book.withheld
        ],
        "demands": [
            {
                "entry": each.entry,
                "of": each.of,
                "name": each.name,
                "drawn": list(each.indexes),
                "void": each.void,
                "is_answered": each.is_answered,
                "refused": list(each.refused),
            }
            for each in book.demands
        ],
        "unchecked": list(book.unchecked),
    }


def show_disclosed(book: DisclosureBook, *, indent: int = 0) -> None:
    """Print what is withheld, opened and asked for."""
    from scalegate.cli.screen import line

    if not book.withheld:
        line("nothing is withheld inside the statements shown", indent=indent)
    for each in book.withheld:
        line(f"entry {each.entry}, {plain(each.commitment.name)}: {_state(each)}", indent=indent)
    for one in book.demands:
        line(f"demand at entry {one.entry} for {plain(one.name)}: {_answer(one)}", indent=indent)
    for index in book.unchecked:
        line(f"entry {index} is about an envelope that is not shown: not checked", indent=indent)


def _state(each: WithheldSeen) -> str:
    items, reason = each.commitment.items, f"withheld ({each.commitment.reason})"
    if items is None:
        return "opened" if each.opened else f"a field, {reason}"
    refused = f", {len(each.refused)} of them refused when asked for" if each.refused else ""
    return f"{items.count} items, {len(each.opened)} opened, the rest {reason}{refused}"


def _answer(each: Drawn) -> str:
    if each.void:
        return f"void: {each.void}"
    drawn = ", ".join(map(str, each.indexes[:20])) + (" ..." if len(each.indexes) > 20 else "")
    if not each.is_answered:
        return f"draws {drawn}; not answered"
    refused = f"; refused: {', '.join(map(str, each.refused))}" if each.refused else ""
    return f"draws {drawn}; answered{refused}"
