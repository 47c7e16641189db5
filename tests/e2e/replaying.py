"""Replay the case folders of `examples/`, on the real path.

The form is `scalegate/expected@1` (docs/reference/cases.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scalegate.adapters.documents import read_case
from scalegate.adapters.inspect_log import read_log
from scalegate.app.case_answers import Shelf, answers, case_inputs, case_sets, shelf_of
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.case import Case
from scalegate.evidence.eval_log import EvalLog
from scalegate.gate.model import Inputs
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.ports import FiledCase
from scalegate.wiring import case_source, policy_source

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@cache
def shelf() -> Shelf:
    """Return the shipped frameworks."""
    return shelf_of(policy_source())


@cache
def filed(name: str) -> FiledCase:
    """Read a case of the library, once for all tests."""
    return case_source().read(name)


def case_folders() -> tuple[Path, ...]:
    """Every case of `examples/`, by name."""
    return tuple(sorted(file.parent for file in EXAMPLES.glob("*/case.yaml")))


def replay(folder: Path) -> dict[str, Any]:
    """Read a case, decide every gate under every framework, and return `expected.json`'s form.

    The `cause` of a difference is written by people; it is the one thing that is not found here.
    """
    case = read_case(folder)
    return answers(case, {name: read_log(folder / name) for name in case.logs}, shelf())


def differs(finding: Mapping[str, Any]) -> bool:
    """Say whether a published determination is another level than the engine's own finding."""
    return any(item["level"] != finding["own"] for item in finding.get("determinations", ()))


def inputs_for(case: Case, bundle: Bundle[EvalLog], framework: str) -> Inputs:
    """Return what a framework decides the case from, at the case's instants."""
    return case_inputs(case, bundle, framework, shelf())


def policy_of(case: Case, framework: str) -> tuple[Policy, tuple[IndicatorSet, ...]]:
    """Return a framework, and the indicator sets that the case names for it."""
    policy, _ = shelf().policy(framework)
    return policy, case_sets(case, policy)
