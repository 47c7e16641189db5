"""Write `docs/reference/published-decisions.md` from the expectations of the case library.

It leads to a page for each lab in `docs/reference/published/`. They say what is recorded:
the tests decide every case anew and compare, so that neither can drift from the engine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from scalegate.app.replaying import (  # noqa: E402
    Agreement,
    Replayed,
    agreement,
    by_lab,
    recorded,
)
from scalegate.ports import FiledCase  # noqa: E402
from scalegate.wiring import case_source  # noqa: E402

FOLDER = ROOT / "docs" / "reference"
INDEX = FOLDER / "published-decisions.md"
LIBRARY = "../../../src/scalegate/frameworks/cases"
PUBLISHED = ("ruled_out", "not_ruled_out", "crossed")
COMPUTED = ("not_required", "ruled_out", "not_ruled_out", "crossed", "unassessed")
HEAD = """# Published decisions, decided anew

This page is written from the expectations of the
[case library](../../src/scalegate/frameworks/cases). `scalegate replay` decides every case again,
and tests compare. How a case is made: [cases and histories](cases.md).

- *Engine alone*: the level that follows from the printed evidence, against the level that the lab
  determined.
- *Determination entered*: the level that decides once the lab's determination is on record and
  graded ([ADR 0008](../adr/0008-softer-determinations-are-graded.md)).
- *On the record*: the gate with what was published. *At its word*: the same policy with the
  determinations and the claimed safeguards as published, and the procedure taken as followed.

A difference is not a fault of a lab, nor one of the engine: a card prints part of what its authors
knew, and a policy may let its officers weigh it. Each difference has its cause and its clause in
the `expected.json` of the case.

## Labs

"""


def pages(filed: Iterable[FiledCase]) -> dict[Path, str]:
    """Return the text of each page about these cases."""
    cases = [recorded(each) for each in filed]
    labs = by_lab(sorted(cases, key=lambda case: (case.as_of, case.name)))
    found = {INDEX: HEAD + "".join(f"- [{lab}](published/{lab}.md)\n" for lab in labs)}
    for lab, mine in labs.items():
        parts = [
            f"# Published decisions of {lab}\n",
            f"What the words mean: [published decisions](../{INDEX.name}).\n",
            *_agreement(agreement(mine)),
            *_table(mine),
        ]
        found[_path(lab)] = "\n".join(parts) + "\n"
    return found


def _path(lab: str) -> Path:
    return FOLDER / "published" / f"{lab}.md"


def _agreement(found: Agreement) -> Iterator[str]:
    yield f"{found.cases} decisions.\n"
    yield "| | as published |"
    yield "|---|---|"
    yield f"| thresholds, engine alone | {found.alone} of {found.findings} |"
    yield f"| thresholds, determination entered | {found.entered} of {found.findings} |"
    yield f"| gates, on the record | {found.on_record} of {found.gates} |"
    yield f"| gates, lab taken at its word | {found.at_its_word} of {found.gates} |"
    yield "\nPublished (rows) against the engine alone (columns):\n"
    yield f"| | {' | '.join(_words(each) for each in COMPUTED)} |"
    yield f"|---|{'---|' * len(COMPUTED)}"
    for published in PUBLISHED:
        counts = (str(found.confusion.get((published, each), 0)) for each in COMPUTED)
        yield f"| {_words(published)} | {' | '.join(counts)} |"
    if found.causes:
        yield (
            "\nWhy the engine alone differs: "
            + ", ".join(f"{_words(name)} {count}" for name, count in sorted(found.causes.items()))
            + "."
        )


def _table(cases: Sequence[Replayed]) -> Iterator[str]:
    yield "\n| case | day | threshold: published, alone | gate: published, on record, at its word |"
    yield "|---|---|---|---|"
    for case in cases:
        alike: dict[str, list[str]] = {}
        for each in case.findings:
            if each.published:
                answer = f"{_words(each.published)}, {_words(each.own)}"
                alike.setdefault(answer, []).append(each.threshold)
        findings = "<br>".join(f"{', '.join(names)}: {answer}" for answer, names in alike.items())
        gates = "<br>".join(
            f"{each.gate}: {_words(each.published)}, {_words(each.effect)},"
            f" {_words(each.at_its_word) or 'not recorded'}"
            for each in case.gates
        )
        name = case.name.partition("/")[2]
        yield f"| [{name}]({LIBRARY}/{case.name}) | {case.as_of} | {findings or 'none'} | {gates} |"


def _words(word: str) -> str:
    return word.replace("_", " ")


def main() -> None:
    """Write every page."""
    source = case_source()
    filed = [source.read(name) for name in source.names()]
    for path, text in pages(filed).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
