"""Conditions are read form by form; every fault has its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scalegate.policy.conditions import (
    ALWAYS,
    All,
    AnyOf,
    AtLeast,
    Atom,
    Condition,
    Not,
    atoms_of,
    read_condition,
    to_plain,
)


def atom(word: str, name: str, relation: str = "is", constant: Any = True) -> Atom:
    return Atom(word=word, name=name, relation=relation, constant=constant)


FORMS: dict[str, tuple[Any, Condition]] = {
    "always": ("always", ALWAYS),
    "all": ({"all": [{"act": "q"}]}, All((atom("act", "q"),))),
    "any": ({"any": [{"act": "q"}]}, AnyOf((atom("act", "q"),))),
    "not": ({"not": {"met": "s"}}, Not(atom("met", "s"))),
    "at least": (
        {"at_least": 1, "of": [{"specified": "s"}, {"substitute": "x"}]},
        AtLeast(1, (atom("specified", "s"), atom("substitute", "x"))),
    ),
    "status": (
        {"status": "t", "above": "ruled_out"},
        atom("status", "t", "above", "ruled_out"),
    ),
    "flag": ({"flag": "alert", "of_threshold": "t.1"}, atom("flag", "t.1.alert")),
    "safeguard": ({"safeguard": "g"}, atom("safeguard", "g", "at_least", "live_and_sufficient")),
    "safeguard state": (
        {"safeguard": "g", "at_most": "stale"},
        atom("safeguard", "g", "at_most", "stale"),
    ),
    "document": ({"document": "d", "is": "approved"}, atom("document", "d.approved")),
    "fact": ({"fact": "f"}, atom("fact", "f")),
    "fact false": ({"fact": "f", "is": False}, atom("fact", "f", "is", False)),
    "number": ({"fact": "n", "below": 4}, atom("fact", "n", "below", Decimal(4))),
    "number as text": (
        {"fact": "n", "below": "0.25"},
        atom("fact", "n", "below", Decimal("0.25")),
    ),
    "choice that looks like a number": ({"fact": "c", "is": "4"}, atom("fact", "c", "is", "4")),
    "reading": ({"reading": "r", "is": "wide"}, atom("reading", "r", "is", "wide")),
}


@pytest.mark.parametrize(("plain", "expected"), FORMS.values(), ids=FORMS)
def test_a_form_is_read_and_written_back(plain: Any, expected: Condition) -> None:
    condition, faults = read_condition(plain)
    assert condition == expected
    assert not faults
    again, faults = read_condition(to_plain(condition))
    assert again == expected
    assert not faults


FAULTS: dict[str, tuple[Any, tuple[str | int, ...], str]] = {
    "a word": ("never", (), "a condition"),
    "a list": ([{"act": "q"}], (), "a condition"),
    "nothing": ({}, (), "one of all, any, not"),
    "empty all": ({"all": []}, ("all",), "a list of 1 to 200"),
    "empty any": ({"any": []}, ("any",), "a list of 1 to 200"),
    "all beside": ({"all": ["always"], "x": 1}, (), "only the key `all`"),
    "not beside": ({"not": "always", "x": 1}, (), "only the key `not`"),
    "count zero": ({"at_least": 0, "of": ["always"]}, ("at_least",), "from 1 to 1"),
    "count above": ({"at_least": 2, "of": ["always"]}, ("at_least",), "from 1 to 1"),
    "count true": ({"at_least": True, "of": ["always"]}, ("at_least",), "from 1 to 1"),
    "count beside": ({"at_least": 1, "of": ["always"], "x": 1}, (), "only the keys `at_least`"),
    "two words": ({"act": "q", "fact": "f"}, (), "one of all, any, not"),
    "no name": ({"act": ""}, ("act",), "an id"),
    "number as name": ({"met": 3}, ("met",), "an id"),
    "act beside": ({"act": "q", "is": True}, (), "only the key `act`"),
    "unknown flag": ({"flag": "red", "of_threshold": "t"}, (), "`flag` one of alert"),
    "flag alone": ({"flag": "alert"}, (), "`flag` one of alert"),
    "document alone": ({"document": "d"}, (), "`is` with one of covered"),
    "status alone": ({"status": "t"}, (), "`status` with one of at_least"),
    "unassessed named": ({"status": "t", "is": "unassessed"}, ("is",), "one of not_required"),
    "unknown state": ({"safeguard": "g", "is": "fine"}, ("is",), "one of live_and_sufficient"),
    "two relations": ({"fact": "n", "above": 1, "below": 2}, (), "`fact` with one of"),
    "reading above": ({"reading": "r", "above": "wide"}, (), "`reading` with `is: <option>`"),
    "list as constant": ({"fact": "f", "is": [1]}, ("is",), "a word, a number, true or false"),
    "deep inside": (
        {"all": ["always", {"not": {"any": ["always", {"met": 1}]}}]},
        ("all", 1, "not", "any", 1, "met"),
        "an id",
    ),
}


@pytest.mark.parametrize(("plain", "path", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_has_its_place(plain: Any, path: tuple[str | int, ...], expected: str) -> None:
    _, (fault,) = read_condition(plain)
    assert fault.path == path
    assert fault.expected.startswith(expected) or expected in fault.expected
    assert fault.got.startswith("`")


def test_all_faults_of_a_condition_are_found_at_once() -> None:
    _, faults = read_condition({"all": [{"met": 1}, "never", {"any": [{"flag": "x"}]}]})
    assert [fault.path for fault in faults] == [("all", 0, "met"), ("all", 1), ("all", 2, "any", 0)]


def test_nesting_is_bounded() -> None:
    plain: Any = "always"
    for _ in range(500):
        plain = {"not": plain}
    _, faults = read_condition(plain)
    assert len(faults) == 1


def test_hostile_text_is_cut() -> None:
    _, (fault,) = read_condition("x" * 10_000)
    assert len(fault.got) < 100


def test_atoms_come_with_their_polarity() -> None:
    condition, _ = read_condition(
        {"all": [{"act": "a"}, {"not": {"any": [{"act": "b"}, {"not": {"act": "c"}}]}}]}
    )
    assert [(item.name, positive) for item, positive in atoms_of(condition)] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]
