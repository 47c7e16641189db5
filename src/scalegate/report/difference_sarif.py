"""Write an arranged comparison as SARIF 2.1.0, so that code review shows what a revision loosened.

The older policy is the baseline, and commitments are the results: `absent` where nothing stands in
the place of an older one, `updated` where something does and it is looser or stricter somewhere,
`new` for a commitment that only the newer policy has. What no gate shows is a result of its own.

Source: OASIS, SARIF 2.1.0, 3.27 (result), 3.27.24 (baselineState).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scalegate.base.canonical import digest_of
from scalegate.compare.model import Change, Element
from scalegate.report.difference import ClauseView, DifferenceView, element_words
from scalegate.report.difference_text import heirs_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "commitment-loosened": "A commitment of the older policy is looser somewhere in the newer one.",
    "commitment-tightened": "A commitment of the newer policy is stricter than the older one.",
    "element-loosened": "Something that no gate shows was loosened.",
    "element-tightened": "Something that no gate shows was tightened.",
    "element-changed": "Something that no gate shows changed; the text does not say which way.",
    "unmatched-loosened": "A commitment depends on what the newer policy does not have.",
    "unmatched-tightened": "A commitment depends on what the older policy does not have.",
}
Lines = Mapping[tuple[str, str], int]
"""Per policy and id of a commitment: the line on which it stands in its file."""


def sarif(view: DifferenceView, *, engine: str, files: tuple[str, str], lines: Lines) -> Any:
    """Return the comparison as a SARIF log.

    Args:
        view: the comparison.
        engine: version of this program.
        files: names of the files of the older and of the newer policy.
        lines: where commitments stand in them.
    """
    places = dict(zip((head.name for head in view.heads), files, strict=True))
    results = [
        *(_clause(view, each, places, lines) for each in _clauses(view)),
        *(_element(view, each) for found in view.elements.values() for each in found),
        *_unmatched(view, places, lines),
    ]
    driver = {
        "name": "scalegate",
        "version": engine,
        "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"diff/{view.heads[0].name}/{view.heads[1].name}"},
        "properties": {
            "verdict": view.verdict.value,
            "policies": [{"name": each.name, "digest": each.digest} for each in view.heads],
            "bridge": view.bridge.digest if view.bridge is not None else "",
        },
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _weight(change: Change) -> dict[str, str]:
    """Return level and kind: what is looser is a finding, the rest is for information."""
    is_looser = change is Change.LOOSENED
    return {
        "level": "warning" if is_looser else "none",
        "kind": "fail" if is_looser else "informational",
    }


def _clauses(view: DifferenceView) -> Iterator[ClauseView]:
    for views in view.clauses.values():
        yield from views


def _clause(
    view: DifferenceView, each: ClauseView, places: Mapping[str, str], lines: Lines
) -> dict[str, Any]:
    head = view.heads[0] if each.change is Change.LOOSENED else view.heads[1]
    first = each.families[0].said
    parts = [first.situation or "In every situation", first.holds, first.instead]
    text = f"{each.id}: {each.statement} ({each.cite}). {parts[0]}: {parts[1]}; {parts[2]}."
    gone = "absent" if each.change is Change.LOOSENED else "new"
    return {
        "ruleId": f"commitment-{each.change.value}",
        **_weight(each.change),
        "baselineState": "updated" if each.heirs else gone,
        "message": {"text": f"{text} In the other: {heirs_text(each)}."},
        "locations": [_place(head.name, each.id, places, lines)],
        "partialFingerprints": {
            "scalegate/v1": _fingerprint(view, "commitment", each.id, each.change)
        },
        "properties": {
            "gates": list(each.gates),
            "certainty": each.certainty or "robustly",
            "situations": each.count,
            "among": each.strength or "rows that decide",
        },
    }


def _element(view: DifferenceView, each: Element) -> dict[str, Any]:
    state = (
        "absent" if each.old and not each.new else "new" if each.new and not each.old else "updated"
    )
    is_part = ":" in each.name or "->" in each.name
    policy = view.heads[0].name if each.old else view.heads[1].name
    return {
        "ruleId": f"element-{each.change.value}",
        **_weight(each.change),
        "baselineState": "updated" if is_part else state,
        "message": {"text": element_words(each)},
        "locations": [
            {"logicalLocations": [{"fullyQualifiedName": f"{policy}/{each.what}/{each.name}"}]}
        ],
        "partialFingerprints": {
            "scalegate/v1": _fingerprint(
                view, each.what, f"{each.name} {each.old} {each.new}", each.change
            )
        },
    }


def _unmatched(
    view: DifferenceView, places: Mapping[str, str], lines: Lines
) -> Iterator[dict[str, Any]]:
    for each in view.unmatched:
        is_old = each.policy == view.heads[0].name
        yield {
            "ruleId": f"unmatched-{each.change.value}",
            **_weight(each.change),
            "baselineState": "absent" if is_old else "new",
            "message": {
                "text": f"{'; '.join(each.labels)}, only in {each.policy};"
                f" so {', '.join(each.clauses)}: {each.change.value} (unmatched)"
            },
            "locations": [_place(each.policy, name, places, lines) for name in each.clauses[:1]],
            "partialFingerprints": {
                "scalegate/v1": _fingerprint(view, "unmatched", " ".join(each.labels), each.change)
            },
        }


def _place(policy: str, name: str, places: Mapping[str, str], lines: Lines) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": places[policy]}}
    if (policy, name) in lines:
        physical["region"] = {"startLine": lines[policy, name]}
    return {
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": f"{policy}/commitment/{name}", "name": name}],
    }


def _fingerprint(view: DifferenceView, what: str, name: str, change: Change) -> str:
    old, new = view.heads
    return digest_of([old.name, new.name, what, name, change.value])
