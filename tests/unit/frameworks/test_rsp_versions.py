"""Every version of Anthropic's RSP, and its Frontier Compliance Framework, as one set of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from scalegate.policy.fields import Cite, Part
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Burden, Gate, Level
from tests.unit.frameworks.rsp_versions import (
    MET,
    level_of,
    members_of,
    plain_level_of,
    policy_of,
    status,
)

VERSIONS = ("1.0", "2.0", "2.1", "2.2", "3.0", "3.1", "3.2", "3.3", "3.4")
NAMES = tuple(f"anthropic-rsp@{version}" for version in VERSIONS)
PAGES = {
    "anthropic-rsp@1.0": 22,
    "anthropic-rsp@2.0": 22,
    "anthropic-rsp@2.1": 22,
    "anthropic-rsp@3.0": 19,
    "anthropic-rsp@3.1": 20,
    "anthropic-rsp@3.2": 20,
    "anthropic-rsp@3.3": 20,
    "anthropic-rsp@3.4": 21,
    "anthropic-fcf@2": 17,
}
"""Pages of each published file."""


def cites(part: object) -> Iterator[Cite]:
    if isinstance(part, Cite):
        yield part
    elif isinstance(part, Part):
        for field in type(part).model_fields:
            yield from cites(getattr(part, field))
    elif isinstance(part, tuple):
        for item in part:
            yield from cites(item)


def everything_shown(name: str) -> Situation:
    """Everything a policy may ask for is in place, and every threshold is crossed."""
    policy = policy_of(name)
    unspecified = {item.id: True for item in policy.standards if item.unspecified}
    return Situation(
        statuses={item.id: status(Level.CROSSED) for item in policy.thresholds},
        safeguards={item.id: MET for item in policy.safeguards},
        specified=unspecified,
        specified_members=unspecified,
        acts={item.id: True for item in policy.questions},
        documents={
            f"{item.id}.{aspect.value}": True
            for item in policy.documents
            for aspect in item.aspects
        },
        facts={item.id: False for item in policy.facts if item.burden is not Burden.TO_HOLD},
    )


def test_each_version_takes_over_on_the_day_the_one_before_ends() -> None:
    policies = [policy_of(name) for name in NAMES]
    assert policies[0].supersedes is None
    for before, after in pairwise(policies):
        assert after.supersedes == before.name
        assert after.effective_on == before.superseded_on
        assert before.effective_on < after.effective_on
    assert policies[-1].superseded_on is None


@pytest.mark.parametrize("name", PAGES)
def test_every_citation_names_this_version_and_a_page_that_it_has(name: str) -> None:
    policy = policy_of(name)
    short = f"RSP {policy.version}" if policy.id == "anthropic-rsp" else f"FCF {policy.version}"
    found = list(cites(policy))
    assert len(found) > 50
    for cite in found:
        assert cite.document == short
        assert cite.section
        pages = [int(number) for number in re.findall(r"\d+", cite.page)]
        assert pages, cite
        assert pages == sorted(pages), cite
        assert pages[-1] <= PAGES[name], cite


@pytest.mark.parametrize("name", PAGES)
def test_losing_any_one_thing_shown_never_opens_a_gate(name: str) -> None:
    base = everything_shown(name)
    for gate in Gate:
        before = level_of(name, base, gate)
        for part in ("statuses", "safeguards", "specified", "acts", "documents", "facts"):
            for lost in getattr(base, part):
                left = {key: value for key, value in getattr(base, part).items() if key != lost}
                after = plain_level_of(name, replace(base, **{part: left}), gate)
                assert after >= before, (gate, lost)


@pytest.mark.parametrize("name", PAGES)
def test_a_worse_level_never_relaxes_a_gate(name: str) -> None:
    base = everything_shown(name)
    bare = replace(base, safeguards={}, acts={}, documents={})
    order = sorted(Level)
    for start in (base, bare):
        for gate in Gate:
            for threshold in base.statuses:
                found = [
                    plain_level_of(
                        name,
                        replace(start, statuses={**start.statuses, threshold: status(level)}),
                        gate,
                    )
                    for level in order
                ]
                assert found == sorted(found), (gate, threshold)


@pytest.mark.parametrize("name", PAGES)
def test_every_row_that_does_not_bind_by_its_verb_says_why_if_it_binds(name: str) -> None:
    for row in policy_of(name).commitments:
        if row.binds and not row.modality.binds:
            assert row.binding_reason


def test_ids_of_what_stayed_the_same_stay_the_same() -> None:
    for before, after in pairwise(NAMES[-5:]):
        kept = {item.id for item in policy_of(before).commitments}
        assert len(kept & {item.id for item in policy_of(after).commitments}) >= len(kept)
    shared = members_of("anthropic-rsp@2.0", "ASL-3-Deployment")
    assert shared == members_of("anthropic-rsp@2.1", "ASL-3-Deployment")
    assert shared == members_of("anthropic-rsp@2.2", "ASL-3-Deployment")
