"""The grace of a permit: the shortest that the deciding policies grant, and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scalegate.app.record.granting import NO_MORE, Granted, granted_by
from scalegate.ledger import permits
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Subject
from scalegate.policy import grace
from scalegate.policy.document import Policy
from scalegate.policy.grace import grace_at
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import Gate
from tests.e2e.test_cli_permit import POLICY

CITE = {"document": "House", "section": "2"}
HOUSE = parse_policy(POLICY)
SERVED, TRAINED = Gate.EXTERNAL_GENERAL, Gate.TRAIN


def stating(name: str = "house", **said: Any) -> Policy:
    semantics = HOUSE.semantics.model_copy(
        update={"grace": type(HOUSE.semantics.grace).model_validate(said)}
    )
    return HOUSE.model_copy(update={"semantics": semantics, "id": name})


def named(*policies: Policy) -> list[tuple[Policy, str]]:
    return [(policy, str(place) * 64) for place, policy in enumerate(policies)]


def test_the_defaults_of_the_policy_and_of_the_permit_are_the_same() -> None:
    for gate in Gate:
        assert grace_at(HOUSE, gate).length == permits.default_grace(gate.value)
        assert granted_by(named(HOUSE), gate) == NO_MORE
    assert permits.MOST_GRACE == grace.LONGEST


@pytest.mark.parametrize(
    ("said", "gate", "length", "is_stated"),
    [
        ({"serving": "72h", "cite": CITE}, SERVED, timedelta(hours=72), True),
        ({"serving": "72h", "cite": CITE}, TRAINED, timedelta(hours=1), False),
        ({"training": "none"}, TRAINED, timedelta(), True),
        ({"serving": "72h", "ours": "more time"}, SERVED, timedelta(hours=24), False),
        ({"training": "2h", "cite": CITE}, TRAINED, timedelta(hours=2), True),
        ({"serving": "1y", "cite": CITE}, SERVED, timedelta(days=31), True),
    ],
)
def test_a_longer_grace_counts_only_with_its_clause(
    said: dict[str, Any], gate: Gate, length: timedelta, is_stated: bool
) -> None:
    found = grace_at(stating(**said), gate)
    assert (found.length, found.is_stated) == (length, is_stated)


def test_the_shortest_of_all_policies_counts() -> None:
    three = stating("three", serving="72h", afterwards="reads only", cite=CITE)
    two = stating("two", serving="48h", afterwards="staff only", cite=CITE)
    found = granted_by(named(three, two), SERVED)
    assert found == Granted(
        length=timedelta(hours=48),
        afterwards="three@1: reads only; two@1: staff only",
        stated_by=(Subject(name="two@1", sha256="1" * 64),),
    )
    assert granted_by(named(three, HOUSE), SERVED).length is None  # the default of the other
    less = granted_by(named(three), SERVED, asked=timedelta(hours=1), afterwards="stop")
    assert less == Granted(length=timedelta(hours=1), afterwards="stop")
    more = granted_by(named(three), SERVED, asked=timedelta(hours=60))  # still above the default
    assert [each.name for each in more.stated_by] == ["three@1"]


def test_more_than_a_policy_grants_is_refused() -> None:
    with pytest.raises(Refused, match="than two@1 grants at `external_general`") as fault:
        granted_by(named(stating("two", serving="none"), HOUSE), SERVED, asked=timedelta(minutes=5))
    assert (fault.value.expected, fault.value.got) == ("at most none", "5min")
