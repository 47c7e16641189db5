"""A bridge joins what a revision renamed, split or merged; what it leaves out is reported."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DigestMismatch, DocumentFaults, TrustError
from scalegate.compare.bridge import Bridge
from scalegate.compare.bridge_text import ends_of, parse_bridge
from scalegate.compare.certificate import certify, verify
from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Difference, Side, Verdict
from scalegate.compare.rivals import Certainty, clause_claim, under_each
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from tests.strategies.policies import policy_of
from tests.unit.compare.toy_pairs import at, row, shown

OTHER = row("L", if_={"status": "T3", "at_least": "crossed"})
HEAD = """\
schema: scalegate/bridge@1
old: toy@1
new: toy@2
statement: a toy
"""


def renamed(policy: Policy, version: str = "2", **ids: str) -> Policy:
    """Return the next version of a policy, in which some ids have other names."""
    import json

    text = json.dumps(policy.model_dump(mode="json", by_alias=True))
    for old, new in ids.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    return Policy.model_validate({**json.loads(text), "version": version})


def bridge(text: str, old: Policy, new: Policy) -> Bridge:
    return parse_bridge(HEAD + text, old, new, file="toy.yaml")


def across(old: Policy, new: Policy, text: str) -> Difference:
    return diff(compile_policy(old), compile_policy(new), bridge(text, old, new))


def entry(kind: str, old: str = "", new: str = "", **more: str) -> str:
    fields = {"kind": kind, "old": old, "new": new, **more, "reason": "a toy"}
    said = [f"{key}: {value}" for key, value in fields.items() if value]
    return "  - " + "\n    ".join(said) + "\n"


ALL_RENAMED = "entries:\n" + "".join(
    entry(kind, name, f"{name}x")
    for kind, name in (("threshold", "T1"), ("safeguard", "G1"), ("commitment", "K"))
)


def test_what_was_only_renamed_is_equivalent_under_a_bridge_and_not_without() -> None:
    old = policy_of([row(), OTHER])
    new = renamed(old, T1="T1x", G1="G1x", K="Kx")
    assert diff(compile_policy(old), compile_policy(new)).verdict is Verdict.INCOMPARABLE
    found = across(old, new, ALL_RENAMED)
    assert found.verdict is Verdict.EQUIVALENT
    assert found.unmatched == ()
    assert not found.is_looser_somewhere


def test_a_renamed_commitment_that_lost_a_requirement_is_still_there() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    old, new = policy_of([row(require=two)]), renamed(policy_of([row()]), K="Kx")
    found = across(old, new, "entries:\n" + entry("commitment", "K", "Kx"))
    (item,) = at(found).clauses
    assert (item.clause, item.still_there, item.heirs) == ("K", True, ("Kx",))


def test_two_safeguards_that_became_one_are_met_together() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    old, new = policy_of([row(require=two)]), renamed(policy_of([row()]), G1="G")
    text = "entries:\n" + entry("safeguard", "[G1, G2]", "G")
    # `G2` is still declared in the new policy, and means something else there.
    found = across(old, new, text)
    assert found.verdict is Verdict.EQUIVALENT
    only_one = policy_of([row()])
    assert across(only_one, new, text).verdict is Verdict.TIGHTENED


def test_a_threshold_that_was_split_is_reached_when_either_part_is() -> None:
    both = {"any": [{"status": name, "at_least": "crossed"} for name in ("Ta", "Tb")]}
    old = policy_of([row()])
    split = renamed(policy_of([row()]), T1="Ta")
    extra = split.thresholds[0].model_copy(update={"id": "Tb"})
    new = split.model_copy(update={"thresholds": (*split.thresholds, extra)})
    whole = new.model_copy(update={"commitments": policy_of([row(if_=both)]).commitments})
    text = "entries:\n" + entry("threshold", "T1", "[Ta, Tb]")
    assert across(old, whole, text).verdict is Verdict.EQUIVALENT
    found = across(old, new, text)
    assert found.verdict is Verdict.LOOSENED
    assert shown(at(found)) == [["G1", "Tb"], ["Tb"]]


def test_the_rest_of_a_threshold_is_loosened_and_named() -> None:
    old, new = policy_of([row()]), renamed(policy_of([row()]))
    found = across(old, new, "entries:\n" + entry("threshold", "T1", "T1", old_rest="the rest"))
    assert found.verdict is Verdict.LOOSENED
    assert [(each.name, each.side, each.change) for each in found.unmatched] == [
        ("T1--old-rest", Side.OLD, Change.LOOSENED)
    ]
    (element,) = [each for each in found.elements if each.what == "threshold"]
    assert (element.name, element.change, element.old) == ("T1", Change.LOOSENED, "the rest")


def test_what_has_no_match_makes_its_commitment_loosened_or_tightened() -> None:
    old, new = policy_of([row()]), renamed(policy_of([row()]))
    apart = "entries:\n" + entry("safeguard", "G1") + entry("safeguard", "", "G1")
    found = across(old, new, apart)
    assert {(each.name, each.change, each.clauses) for each in found.unmatched} == {
        ("G1--old", Change.LOOSENED, ("K",)),
        ("G1--new", Change.TIGHTENED, ("K",)),
    }
    assert found.verdict is Verdict.INCOMPARABLE
    assert found.is_looser_somewhere
    assert found.is_stricter_somewhere


def test_swapping_policies_and_bridge_gives_the_mirror() -> None:
    old, new = policy_of([row(), OTHER]), renamed(policy_of([row(), OTHER]))
    text = "entries:\n" + entry("threshold", "T1", "T1", old_rest="the rest")
    there = bridge(text, old, new)
    back = diff(compile_policy(new), compile_policy(old), there.turned())
    assert back.verdict is Verdict.TIGHTENED
    assert [each.change for each in back.elements] == [Change.TIGHTENED]


RIVAL = """\
rivals:
  - id: other
    held_by: somebody
    reason: the words are another
    entries:
"""


def test_what_some_readers_match_is_looser_possibly_and_else_robustly() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    old = policy_of([row(), row("M", require=two)])
    new = renamed(policy_of([row(), row("M")]), G1="G1x")
    same = entry("safeguard", "G1", "G1x")
    rival = entry("safeguard", "G1") + entry("safeguard", "", "G1x")
    text = f"entries:\n{same}{RIVAL}" + "".join(f"    {line}\n" for line in rival.splitlines())
    joined = bridge(text, old, new)
    readings = under_each(compile_policy(old), compile_policy(new), joined)
    assert readings.certainty(clause_claim("M", Change.LOOSENED)) is Certainty.ROBUSTLY
    assert readings.certainty(clause_claim("K", Change.LOOSENED)) is Certainty.POSSIBLY
    only = {claim: names for claim, names in readings.only_under() if claim[0] == "commitment"}
    assert only[clause_claim("K", Change.LOOSENED)] == ("other",)
    assert clause_claim("M", Change.LOOSENED) not in only


def test_a_way_out_that_only_one_policy_has_is_claimed_as_the_list_says() -> None:
    """A discretion that is new loosens; one that is gone tightens."""
    old = policy_of([row()], releases=["K"])
    new = renamed(old, W1="W1x")
    readings = under_each(
        compile_policy(old), compile_policy(new), bridge("entries: []\n", old, new)
    )
    changes = {item.name: item.change for item in readings.main.unmatched if item.clauses}
    assert set(changes.values()) == {Change.LOOSENED, Change.TIGHTENED}
    claims = {claim[1]: claim[-1] for claim in readings.claims() if claim[0] == "unmatched"}
    assert claims == {name: change.value for name, change in changes.items()}


def test_a_certificate_names_the_bridge_and_answers_each_rival() -> None:
    old, new = policy_of([row()]), renamed(policy_of([row()]), G1="G1x")
    text = "entries:\n" + entry("safeguard", "G1", "G1x") + RIVAL
    text += "".join(f"    {line}\n" for line in entry("safeguard", "G1").splitlines())
    joined = bridge(text, old, new)
    programs = compile_policy(old), compile_policy(new)
    found = certify(*programs, joined)
    assert found.bridge_digest == joined.digest
    assert len(found.rivals) == 1
    assert verify(found, *programs, joined) is found
    with pytest.raises(DigestMismatch):
        verify(found, *programs)
    with pytest.raises(DigestMismatch):
        verify(found, *programs, bridge("entries: []\n", old, new))
    with pytest.raises(TrustError):
        verify(found.model_copy(update={"rivals": ()}), *programs, joined)


def faults(text: str, old: Policy | None = None, **ids: str) -> list[str]:
    first = old or policy_of([row()])
    with pytest.raises(DocumentFaults) as caught:
        parse_bridge(text, first, renamed(first, **ids), file="toy.yaml")
    return [str(fault) for fault in caught.value.faults]


CASES: list[tuple[str, str]] = [
    (entry("safeguard", "G9", "G1"), "toy.yaml:7: unknown safeguard; at entries[0].old;"),
    (entry("safeguard", "G1", "G9"), "toy.yaml:8: unknown safeguard; at entries[0].new;"),
    (
        entry("safeguard", "G1", "G1") + entry("safeguard", "G1", "G2"),
        "toy.yaml:11: safeguard mapped twice; at entries[1].old;",
    ),
    (
        entry("safeguard", "G1", "G1") + entry("safeguard", "G2", "G1"),
        "toy.yaml:12: safeguard mapped twice; at entries[1].new;",
    ),
    (entry("safeguard", "[G1, G2]", "[G1, G2]"), "several matched with several"),
    (entry("safeguard"), "entry names nothing"),
    (entry("safeguard", "G1", joined="all"), "`joined` without a match"),
    (entry("safeguard", "G1", "G1", joined="all"), "nothing to join"),
    (entry("threshold", "T1", "[T1, T2]", joined="all"), "thresholds joined by `all`"),
    (entry("safeguard", "[G1, G2]", "G1", old_rest="more"), "rest of several"),
    (entry("reading", "R1", "R1", old_rest="more"), "match that cannot be joined"),
    (entry("fact", "F1", "N1"), "facts that cannot be the same"),
    (entry("fact", "N1", "N1", old_rest="more"), "facts that cannot be joined"),
    (entry("fact", "F1", "F1", old_rest="more"), "facts joined without saying how"),
    (entry("gadget", "G1", "G1"), "toy.yaml:6: wrong value; at entries[0].kind;"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "said"), CASES, ids=[case[1] for case in CASES])
def test_a_faulty_bridge_is_refused_with_file_and_line(entries: str, said: str) -> None:
    assert any(said in fault for fault in faults(f"{HEAD}entries:\n{entries}"))


def test_a_bridge_of_other_policies_or_another_language_is_refused() -> None:
    assert any("another policy" in fault for fault in faults(HEAD.replace("toy@2", "toy@3")))
    (found,) = faults(HEAD.replace("bridge@1", "bridge@2"))
    assert found.startswith("toy.yaml:1: wrong value; at schema; expected `scalegate/bridge@1`;")
    with pytest.raises(DocumentFaults, match="no policy named"):
        ends_of("old: toy@1\n")
    rival = RIVAL.removeprefix("rivals:\n") + "      - {kind: fact, old: F1, reason: a}\n"
    assert any("id used twice" in fault for fault in faults(f"{HEAD}rivals:\n{rival}{rival}"))


def test_an_id_that_could_be_taken_for_a_rest_is_refused() -> None:
    policy: Any = renamed(policy_of([row()]), version="1", G2="G2--old-rest")
    assert any("cannot be told apart" in fault for fault in faults(HEAD, policy))
