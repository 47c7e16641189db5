"""`replay`: published decisions, decided anew, with every difference and its cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import UnknownName, UsageError
from scalegate.cli.asking import JsonOption
from scalegate.cli.complete import complete_case

if TYPE_CHECKING:
    from scalegate.app.case_answers import Shelf
    from scalegate.app.replaying import Agreement, Cause, Replayed
    from scalegate.ports import CaseSource, FiledCase

NOT_AS_RECORDED = 16


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("replay", short_help="Decide the labs' published decisions anew.")(replay)


def replay(
    *,
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]...",
            help="Cases of the library, as LAB/CASE or CASE, or folders with a case.yaml."
            " Default: the whole library.",
            autocompletion=complete_case,
            show_default=False,
        ),
    ] = None,
    lab: Annotated[
        str | None, typer.Option("--lab", metavar="LAB", help="Only the cases of this lab.")
    ] = None,
    is_json: JsonOption = False,
    is_answers: Annotated[
        bool,
        typer.Option(
            "--answers", help="Print what one case gives, in the form of its expected.json."
        ),
    ] = False,
) -> None:
    """Decide published decisions anew from what was published, and say where the answers differ.

    Exits 16 when a case is not as its expected.json records it. A difference from what a lab
    published is no failure as long as its cause is recorded.

    \b
    Example:
      scalegate replay --lab anthropic
    """
    from scalegate.app.case_answers import shelf_of
    from scalegate.app.replaying import replay as replayed_of
    from scalegate.cli.screen import note
    from scalegate.wiring import case_source, policy_source

    source = case_source()
    chosen = list(_chosen(source, cases or [], lab))
    if is_answers and len(chosen) != 1:
        raise UsageError(
            f"`--answers` prints one case, and {len(chosen)} were asked for",
            hint="name one case or one folder",
        )
    filed = [
        source.read_folder(each) if isinstance(each, Path) else source.read(each) for each in chosen
    ]
    shelf = shelf_of(policy_source())
    if is_answers:
        _print_answers(filed[0], shelf)
        return
    done: list[Replayed] = []
    for number, each in enumerate(replayed_of(filed, shelf), start=1):
        note(f"[{number}/{len(filed)}] {each.name}")
        done.append(each)
    code = 0 if all(each.is_as_recorded for each in done) else NOT_AS_RECORDED
    if is_json:
        _print_json(done, code)
    else:
        _show(done)
    raise typer.Exit(code)


def _chosen(source: CaseSource, asked: Sequence[str], lab: str | None) -> Iterator[Path | str]:
    """Yield the folders and the names of the library that were asked for, each once."""
    names = source.names()
    labs = sorted({name.partition("/")[0] for name in names})
    if lab is not None and lab not in labs:
        raise UnknownName("lab", lab, known=labs)
    mine = [name for name in names if lab in (None, name.partition("/")[0])]
    for name in dict.fromkeys(asked or mine):
        if (Path(name) / "case.yaml").is_file():
            yield Path(name)
            continue
        found = [each for each in mine if name in (each, each.partition("/")[2])]
        if len(found) != 1:
            raise UnknownName("case", name, known=found or mine)
        yield found[0]


def _print_answers(filed: FiledCase, shelf: Shelf) -> None:
    import json
    import sys

    from scalegate.app.case_answers import answers

    found = answers(filed.case, filed.logs, shelf)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


# --- for people -----------------------------------------------------------------------------------


def _show(done: Sequence[Replayed]) -> None:
    from scalegate.app.replaying import agreement, by_lab
    from scalegate.cli.screen import heading, item, line, table

    for lab, cases in by_lab(done).items():
        found = agreement(cases)
        heading(f"{lab}: {_count(found.cases, 'published decision')}")
        table("", ("", "^as published"), _agreement_rows(found))
        differences = [text for case in cases for text in _differences(case)]
        if differences:
            line()
            line("Where they differ, and why:")
        for text in differences:
            item("-", text)
    unmet = [(case.name, text) for case in done for text in case.unmet]
    if unmet:
        heading(f"Not as recorded: {_count(len(unmet), 'difference')} (exit 16)")
    for name, text in unmet:
        item("-", f"{name}: {text}")


def _agreement_rows(found: Agreement) -> list[tuple[str, str]]:
    return [
        ("thresholds, engine alone", f"{found.alone} of {found.findings}"),
        ("thresholds, determination entered", f"{found.entered} of {found.findings}"),
        ("gates, on the record", f"{found.on_record} of {found.gates}"),
        ("gates, lab taken at its word", f"{found.at_its_word} of {found.gates}"),
    ]


def _differences(case: Replayed) -> Iterator[str]:
    """Yield one text for all thresholds of a case that differ alike, and one for each gate."""
    alike: dict[tuple[str, str, Cause], list[str]] = {}
    for each in case.findings:
        if each.published and not each.agrees_alone:
            key = (each.published, each.own, each.cause)
            alike.setdefault(key, []).append(each.threshold)
    for (published, own, cause), thresholds in alike.items():
        yield (
            f"{case.name}, {', '.join(thresholds)}: published {_words(published)}, engine"
            f" {_words(own)}{_because(cause)}"
        )
    for gate in case.gates:
        if gate.differs:
            trusted = f", at its word {_words(gate.at_its_word)}" if gate.at_its_word else ""
            yield (
                f"{case.name}, gate {gate.gate}: published {gate.published}, on the record"
                f" {_words(gate.effect)}{trusted}{_because(gate.cause)}"
            )


def _because(cause: Cause) -> str:
    if not cause.is_given:
        return ". No cause is recorded."
    kind = f" {_words(cause.because).capitalize()}:" if cause.because else ""
    where = f" [{cause.clause}]" if cause.clause else ""
    return f".{kind} {cause.text}{where}"


def _words(word: str) -> str:
    return word.replace("_", " ")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# --- for programs ---------------------------------------------------------------------------------


def _print_json(done: Sequence[Replayed], code: int) -> None:
    from scalegate.app.replaying import agreement, by_lab
    from scalegate.cli.screen import print_json

    print_json(
        "replay",
        {
            "exit_code": code,
            "agreement": {lab: _agreement(agreement(cases)) for lab, cases in by_lab(done).items()},
            "cases": [_case(each) for each in done],
        },
    )


def _agreement(found: Agreement) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "as_recorded": found.as_recorded,
        "findings": found.findings,
        "engine_alone": found.alone,
        "determination_entered": found.entered,
        "gates": found.gates,
        "gates_on_record": found.on_record,
        "gates_at_its_word": found.at_its_word,
        "gates_explained": found.explained,
        "confusion": [
            {"published": published, "computed": computed, "count": count}
            for (published, computed), count in sorted(found.confusion.items())
        ],
        "causes": dict(sorted(found.causes.items())),
    }


def _case(each: Replayed) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(each), "is_as_recorded": each.is_as_recorded}
