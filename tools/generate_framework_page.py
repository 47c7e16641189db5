# ruff: noqa: E501 - rows of tables stand on one line
"""Write `docs/reference/frameworks.md`: what each shipped policy leaves open, and what is covered.

    python tools/generate_framework_page.py            write the page
    python tools/generate_framework_page.py --check    exit 1 if it would change

The counts are those of `scalegate lint` (SG08..) and of `scalegate frameworks coverage`. Lines that
were published beside a policy are taken from the indicator sets of the published cases.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from scalegate.policy.coverage import Coverage, parse_coverage  # noqa: E402
from scalegate.policy.document import IndicatorSet, Policy  # noqa: E402
from scalegate.policy.openness import openness_findings  # noqa: E402
from scalegate.policy.parse import (  # noqa: E402
    framework_of,
    parse_indicator_set,
    parse_policy,
    with_indicators,
)

PAGE = ROOT / "docs" / "reference" / "frameworks.md"
FOLDER = ROOT / "src" / "scalegate" / "frameworks"
HEAD = """# Reference: the shipped policies in figures

This page is written by `tools/generate_framework_page.py`; a test compares them.

## What they leave open

Notes, not faults: what a text leaves open is true of the text. `scalegate lint FILE` names each place,
and `scalegate explain CODE` says what it means.

- **thresholds**: how many there are; of those, how many no line of the policy can *rule out*
  ([SG0801](lint-codes.md#sg0801)) and how many none can *trigger* ([SG0802](lint-codes.md#sg0802)).
- **neither, ever**: thresholds that no published line can rule out or trigger either, the lines that
  system cards and reports printed (in the shipped cases) taken in.
- **no check**: safeguards without a check ([SG0803](lint-codes.md#sg0803)), of all.
- **no addressee**: duties owed to nobody who is named ([SG0804](lint-codes.md#sg0804)), of all.
- **no guard**: gates at which nothing binds ([SG0805](lint-codes.md#sg0805)), of seven.
- **to hold**: facts that bind only once shown ([SG0806](lint-codes.md#sg0806)).

| policy | thresholds | not ruled out | not triggered | neither, ever | no check | no addressee | no guard | to hold |
|---|---|---|---|---|---|---|---|---|
"""
COVERAGE = """
## How much of the text is encoded

Normative sentences by the strength of their verb, and what became of the binding ones; see
[how to check it](../how-to/check-coverage.md). A policy without a row has no table yet.

| policy | read | must | will | would | intend | aim | may | present | binding | encoded | restated | with a reason |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
MODALITIES = ("must", "will", "would", "intend", "aim", "may", "present")


def policies() -> Iterator[Policy]:
    """Yield the shipped policies by name."""
    for path in sorted(FOLDER.glob("*.yaml")):
        yield parse_policy(path.read_text(encoding="utf-8"), file=path.name)


def published_sets(known: Mapping[str, Policy]) -> Mapping[str, Sequence[IndicatorSet]]:
    """Return the indicator sets of the shipped cases, by policy."""
    found: dict[str, list[IndicatorSet]] = {}
    for path in sorted((FOLDER / "cases").glob("**/indicators/*.yaml")):
        text = path.read_text(encoding="utf-8")
        name = framework_of(text, file=path.name)
        found.setdefault(name, []).append(parse_indicator_set(text, known[name], file=path.name))
    return found


def open_row(policy: Policy, sets: Sequence[IndicatorSet]) -> str:
    """Return the row of a policy in the first table."""
    counts = Counter(code for code, _, _ in openness_findings(policy))
    ever: Counter[str] = Counter()
    for code, path, _ in openness_findings(with_all_lines(policy, sets)):
        if code in {"SG0801", "SG0802"}:
            ever[str(path)] += 1
    cells = (
        f"`{policy.name}`",
        len(policy.thresholds),
        counts["SG0801"],
        counts["SG0802"],
        sum(1 for count in ever.values() if count == 2),
        f"{counts['SG0803']} of {len(policy.safeguards)}",
        f"{counts['SG0804']} of {len(policy.duties)}",
        counts["SG0805"],
        counts["SG0806"],
    )
    return "| " + " | ".join(str(each) for each in cells) + " |"


def with_all_lines(policy: Policy, sets: Sequence[IndicatorSet]) -> Policy:
    """Return the policy with the lines of every set; lines of two sets may have one id."""
    for each in sets:
        policy = with_indicators(policy, [each])
    return policy


def coverage_row(table: Coverage) -> str:
    """Return the row of a coverage table."""
    counts: Counter[str] = Counter(row.modality for row in table.rows)
    binding = [row for row in table.rows if row.binding]
    became = Counter(row.outcome for row in binding)
    reasons = len(binding) - became["encoded"] - became["restates"]
    cells = (
        f"`{table.framework}`",
        table.text.read,
        *(counts[word] for word in MODALITIES),
        len(binding),
        became["encoded"],
        became["restates"],
        reasons,
    )
    return "| " + " | ".join(str(each) for each in cells) + " |"


def page() -> str:
    """Return the whole page."""
    known = {policy.name: policy for policy in policies()}
    sets = published_sets(known)
    rows = [open_row(policy, sets.get(name, ())) for name, policy in known.items()]
    tables = [
        coverage_row(parse_coverage(path.read_text(encoding="utf-8"), known[path.stem]))
        for path in sorted((FOLDER / "coverage").glob("*.yaml"))
    ]
    return HEAD + "\n".join(rows) + "\n" + COVERAGE + "\n".join(tables) + "\n"


def main() -> int:
    """Write the page, or with `--check` say whether it would change."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if sys.argv[1:] == ["--check"]:
        print("would change: docs/reference/frameworks.md")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print("wrote: docs/reference/frameworks.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
