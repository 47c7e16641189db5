"""The shipped bridges: each joins the two policies it is named for, and leaves nothing open."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.compare.bridge import Bridge, PartKind
from scalegate.compare.bridge_faults import parts_of
from scalegate.compare.bridge_text import ends_of, parse_bridge
from scalegate.compare.model import Side
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy

FRAMEWORKS = Path(__file__).parents[3] / "src" / "scalegate" / "frameworks"
BRIDGES = sorted((FRAMEWORKS / "bridges").glob("*.yaml"))
NOT_AT_A_GATE = (PartKind.INDICATOR, PartKind.ELICITATION, PartKind.ROLE, PartKind.DUTY)
"""What no gate depends on: left out of a bridge, one of these is gone or new, and says so."""
MUST_SAY = tuple(kind for kind in PartKind if kind not in NOT_AT_A_GATE)


def load(name: str) -> Policy:
    return parse_policy((FRAMEWORKS / f"{name}.yaml").read_text(encoding="utf-8"))


def read(path: Path) -> tuple[Bridge, Policy, Policy]:
    text = path.read_text(encoding="utf-8")
    old, new = map(load, ends_of(text))
    return parse_bridge(text, old, new, file=path.name), old, new


@pytest.mark.parametrize("path", BRIDGES, ids=lambda path: path.stem)
def test_a_bridge_is_named_for_its_policies_and_says_something_of_every_variable(
    path: Path,
) -> None:
    bridge, old, new = read(path)
    assert path.stem == bridge.name
    assert new.supersedes == old.name or "3.4" in new.version
    said = {named for entry in bridge.entries for named in entry.named()}
    for kind in MUST_SAY:
        names = {
            side: {part.id for part in parts_of(policy, kind)}
            for side, policy in ((Side.OLD, old), (Side.NEW, new))
        }
        for side, other in ((Side.OLD, Side.NEW), (Side.NEW, Side.OLD)):
            mine = {named.id for named in said if named.kind is kind and named.side is side}
            silent = names[side] - names[other] - mine
            assert not silent, (kind.value, side.value, sorted(silent))
