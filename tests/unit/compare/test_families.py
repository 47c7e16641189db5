"""Many minimal situations are written as few families, without losing or adding one."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.compare.families import families_of, plainest
from scalegate.compare.model import Change, Gap, VariableValue
from scalegate.policy.vocabulary import Kind
from tests.unit.compare.toy_pairs import at, compared, row


class Told:
    """A situation with nothing but its departures."""

    def __init__(self, names: frozenset[str]) -> None:
        self.deviations = tuple(
            VariableValue(kind=Kind.FACT, name=name, cell=True, alike=(True,), known_to=frozenset())
            for name in sorted(names)
        )


def gap(names: frozenset[str]) -> Gap:
    return Gap(change=Change.LOOSENED, told=Told(names))  # type: ignore[arg-type]


@settings(max_examples=200)
@given(st.sets(st.frozensets(st.sampled_from("abcdefg"), max_size=4), max_size=24))
def test_each_situation_is_in_exactly_one_family(situations: set[frozenset[str]]) -> None:
    families = families_of(map(gap, situations))
    chosen = [
        frozenset(value.name for value in choice)
        for family in families
        for choice in product(*family.places)
    ]
    assert sorted(map(sorted, chosen)) == sorted(map(sorted, situations))
    assert sum(family.count for family in families) == len(situations)
    for family in families:
        assert tuple(place[0] for place in family.places) == family.gap.deviations


@settings(max_examples=50)
@given(st.lists(st.frozensets(st.sampled_from("abcd"), max_size=3), unique=True, max_size=8))
def test_the_families_do_not_depend_on_the_order(situations: list[frozenset[str]]) -> None:
    there = families_of(map(gap, situations))
    back = families_of(map(gap, reversed(situations)))
    assert [each.places for each in there] == [each.places for each in back]


def test_any_trigger_with_any_missing_safeguard_is_one_family() -> None:
    triggers = {"any": [{"status": name, "at_least": "crossed"} for name in ("T1", "T2", "T3")]}
    both = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    found = at(compared([row(if_=triggers, require=both)], [row(if_=triggers)])).loosened
    (family,) = families_of(found)
    assert [len(place) for place in family.places] == [3, 1]
    # A situation in which nothing is unassessed is shown, and comes first.
    assert next(plainest(found)).deviations == family.gap.deviations
