"""Show which way each fact of a policy pulls (`lint --directions`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalegate.policy.direction import Direction

if TYPE_CHECKING:
    from scalegate.base.yaml_text import YamlDocument
    from scalegate.policy.direction import VariableDirection
    from scalegate.policy.document import Policy

LineOf = Callable[[str, str], int | None]
"""From the id of a row and the part of it to a line of the file."""
_HEADS = (
    (Direction.TO_HOLD, "More of it pulls towards a hold"),
    (Direction.TO_RELEASE, "More of it pulls towards release"),
    (Direction.BOTH, "It pulls both ways"),
    (Direction.UNUSED, "Decides nothing"),
)


def show_directions(files: Sequence[Path], workspace: Path | None, *, is_json: bool) -> None:
    """Write every variable of each policy with its direction, and the places that give it.

    Raises:
        DocumentFaults: a policy is wrong.
        OutsideError: a file cannot be read.
    """
    from scalegate.base.yaml_text import parse_yaml
    from scalegate.cli.named_policies import text_of
    from scalegate.cli.screen import print_json
    from scalegate.policy.direction import directions, unate
    from scalegate.policy.parse import parse_policy

    found = []
    for file in files:
        text = text_of(file, workspace)
        policy = parse_policy(text.text, file=text.file)
        lines = _lines(policy, parse_yaml(text.text, file=text.file))
        found.append((policy, directions(policy), unate(policy), lines))
    if is_json:
        shown = [
            {
                "policy": policy.name,
                "unate": is_unate,
                "variables": [_as_data(each, lines) for each in variables],
            }
            for policy, variables, is_unate, lines in found
        ]
        print_json("directions", {"exit_code": 0, "policies": shown})
        return
    for policy, variables, is_unate, lines in found:
        _show(policy.name, variables, is_unate=is_unate, lines=lines)


def _lines(policy: Policy, document: YamlDocument) -> LineOf:
    places: dict[str, tuple[str, int]] = {}
    for section in ("discretions", "exemptions", "commitments"):
        for index, item in enumerate(getattr(policy, section)):
            places[item.id] = (section, index)

    def line_of(owner: str, part: str) -> int | None:
        return document.line((*places[owner], part))

    return line_of


def _as_data(each: VariableDirection, lines: LineOf) -> dict[str, Any]:
    return {
        "kind": each.kind.value,
        "name": each.name,
        "direction": each.direction.value,
        "places": [
            {
                "row": place.owner,
                "part": place.part,
                "line": lines(place.owner, place.part),
                "direction": place.direction.value,
            }
            for place in each.places
        ],
    }


def _show(
    name: str, variables: Sequence[VariableDirection], *, is_unate: bool, lines: LineOf
) -> None:
    from scalegate.cli.screen import heading, item, line

    said = "is unate: nothing in it pulls both ways" if is_unate else "is not unate"
    line(f"{name} {said}", style="bold")
    for direction, head in _HEADS:
        alike = [each for each in variables if each.direction is direction]
        if alike:
            heading(f"{head}: {len(alike)}")
        for each in alike:
            item("-", f"{each.kind.value} `{each.name}`: {'; '.join(_places(each, lines))}")


def _places(each: VariableDirection, lines: LineOf) -> Iterator[str]:
    if not each.places:
        yield "named by no row"
    for place in each.places:
        at = lines(place.owner, place.part)
        where = "" if at is None else f"line {at}, "
        pull = f" {place.direction.value}" if each.direction is Direction.BOTH else ""
        yield f"{where}`{place.owner}` {place.part}{pull}"
