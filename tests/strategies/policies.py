"""Random small policies, and random situations of them, for Hypothesis.

One fixed vocabulary of every kind of variable; what varies is the rows, how the framework reads
statuses, whether the ladder stands, and who must show a fact. `variables_of` lists every value of
every variable that a policy names, so that a test can walk through all situations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Flag, Level, SafeguardState

CITE = {"document": "Toy", "section": "1", "page": "1"}
GATES = ("train", "internal", "external_general", "open_weights")
THRESHOLDS = ("T1", "T2", "T3")
LEVELS = ("not_required", "ruled_out", "not_ruled_out", "crossed")
STATES = tuple(state.word for state in SafeguardState)
RELATIONS = ("at_least", "at_most", "above", "below")

Plain = dict[str, Any]


@cache
def atoms() -> st.SearchStrategy[Plain]:
    """Draw one comparison of any kind."""
    threshold = st.sampled_from(THRESHOLDS)
    return st.one_of(
        st.builds(
            lambda name, relation, level: {"status": name, relation: level},
            threshold,
            st.sampled_from((*RELATIONS, "is")),
            st.sampled_from(LEVELS),
        ),
        st.builds(lambda name: {"status": name, "at_least": "crossed"}, threshold),
        st.builds(
            lambda flag, name: {"flag": flag, "of_threshold": name},
            st.sampled_from([flag.value for flag in Flag]),
            threshold,
        ),
        st.builds(
            lambda name, relation, state: {"safeguard": name, relation: state},
            st.sampled_from(("G1", "G2")),
            st.sampled_from((*RELATIONS, "is")),
            st.sampled_from(STATES),
        ),
        st.sampled_from(
            (
                {"safeguard": "G1"},
                {"met": "S1"},
                {"met": "S2"},
                {"specified": "S1"},
                {"specified": "S2"},
                {"substitute": "X1"},
                {"act": "Q1"},
                {"document": "D1", "is": "covered"},
                {"fact": "F1"},
                {"fact": "F1", "is": False},
                {"fact": "C1", "is": "eu"},
                {"fact": "C1", "is": "us"},
                {"reading": "R1", "is": "narrow"},
                {"reading": "R1", "is": "wide"},
            )
        ),
        st.builds(
            lambda relation, number: {"fact": "N1", relation: number},
            st.sampled_from(RELATIONS),
            st.sampled_from((4, Decimal("0.5"))),
        ),
    )


@cache
def conditions(most: int = 5) -> st.SearchStrategy[Any]:
    """Draw a condition of at most about `most` atoms."""

    def deeper(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(parts, min_size=1, max_size=3)
        return st.one_of(
            st.builds(lambda items: {"all": items}, several),
            st.builds(lambda items: {"any": items}, several),
            st.builds(lambda part: {"not": part}, parts),
            several.flatmap(
                lambda items: st.builds(
                    lambda count: {"at_least": count, "of": items},
                    st.integers(1, len(items)),
                )
            ),
        )

    return st.recursive(st.one_of(st.just("always"), atoms()), deeper, max_leaves=most)


@cache
def _effects() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(("allow", "allow_with", "hold", "withdraw", "hold")),
        st.builds(
            lambda who: {"level": "restrict", "limits": {"audience": who}},
            st.sampled_from(("staff", "named testers")),
        ),
    )


@st.composite
def commitments(draw: st.DrawFn, index: int, most: int) -> Plain:
    """Draw one row."""
    row: Plain = {
        "id": f"K{index}",
        "statement": "a row",
        "if": draw(conditions(most)),
        "at": draw(st.lists(st.sampled_from(GATES), min_size=1, max_size=2, unique=True)),
        "require": draw(conditions(most)),
        "otherwise": draw(_effects()),
        "modality": draw(st.sampled_from(("must", "will", "must", "may"))),
        "native_verb": "must",
        "cite": CITE,
    }
    if draw(st.booleans()):
        row["obligations"] = [f"owed by {index}"]
    return row


@st.composite
def policies(draw: st.DrawFn, most_rows: int = 4, most_atoms: int = 4) -> Policy:
    """Draw a small policy."""
    count = draw(st.integers(1, most_rows))
    rows = [draw(commitments(index, most_atoms)) for index in range(count)]
    releases = draw(st.lists(st.sampled_from([row["id"] for row in rows]), unique=True))
    ladder = draw(st.sampled_from(([], ["T1"])))
    rules = st.sampled_from(("treat_as_crossed", "determination_required", "no_effect"))
    return policy_of(
        rows,
        releases=releases,
        ladder=ladder,
        not_ruled_out=draw(rules),
        forecast=draw(rules),
        burden=draw(st.sampled_from(("to_release", "to_hold"))),
    )


def policy_of(
    rows: list[Plain],
    *,
    releases: list[str] | None = None,
    ladder: list[str] | None = None,
    not_ruled_out: str = "treat_as_crossed",
    forecast: str = "treat_as_crossed",
    burden: str = "to_release",
) -> Policy:
    """Return the policy with these rows over the fixed vocabulary."""
    return Policy.model_validate(
        plain_policy(
            rows,
            releases=releases or [],
            ladder=ladder or [],
            rules={"not_ruled_out": not_ruled_out, "forecast": forecast},
            burden=burden,
        )
    )


def plain_policy(
    rows: list[Plain],
    *,
    releases: list[str],
    ladder: list[str],
    rules: Mapping[str, str],
    burden: str,
) -> Plain:
    """Return the document with these rows as plain data."""
    fact = {"statement": "a fact", "burden": burden, "cite": CITE}
    guard = {"family": "response", "statement": "a safeguard", "cite": CITE}
    return {
        "schema": "scalegate/policy@1",
        "id": "toy",
        "version": "1",
        "lab": "Toy lab",
        "title": "Toy policy",
        "effective_on": "2025-01-01",
        "source": {"title": "Toy", "published_at_url": "https://example.org/toy"},
        "semantics": {name: {"rule": rule, "cite": CITE} for name, rule in rules.items()},
        "domains": [{"id": "bio", "neutral": "cbrn", "native": "Bio", "cite": CITE}],
        "thresholds": [
            {
                "id": name,
                "native": name,
                "domain": "bio",
                "statement": "a threshold",
                "above": ladder if name == "T2" else [],
                "cite": CITE,
            }
            for name in THRESHOLDS
        ],
        "safeguards": [{"id": name, "native": name, **guard} for name in ("G1", "G2")],
        "standards": [
            {"id": "S1", "native": "S1", "members": ["G1", "G2"], "cite": CITE},
            {"id": "S2", "native": "S2", "unspecified": True, "cite": CITE},
        ],
        "substitutes": [
            {
                "id": "X1",
                "kind": "interim",
                "in_place_of": "S1",
                "statement": "a substitute",
                "obligations": ["tell the board"],
                "cite": CITE,
            }
        ],
        "facts": [
            {"id": "F1", "type": "boolean", **fact},
            {"id": "N1", "type": "number", **fact},
            {"id": "C1", "type": "choice", "choices": ["eu", "us", "asia"], **fact},
        ],
        "roles": [{"id": "ceo", "native": "CEO", "neutral": "decides", "rank": 9, "cite": CITE}],
        "questions": [
            {"id": "Q1", "statement": "may it?", "act": "approve", "by": ["ceo"], "cite": CITE}
        ],
        "documents": [{"id": "D1", "statement": "a report", "cite": CITE}],
        "commitments": rows,
        "discretions": [
            {
                "id": "W1",
                "statement": "a way out",
                "invoked_by": ["ceo"],
                "releases": releases,
                "obligations": ["publish it"],
                "cite": CITE,
            }
        ],
        "readings": [
            {
                "id": "R1",
                "statement": "an ambiguous clause",
                "options": [
                    {"id": "narrow", "statement": "narrow"},
                    {"id": "wide", "statement": "wide"},
                ],
                "cite": CITE,
            }
        ],
    }


Values = dict[tuple[str, str], tuple[Any, ...]]
"""Per field of a situation and key there: every value; `MISSING` where it may be left out."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def _statuses(*, flags: tuple[Flag, ...]) -> tuple[Any, ...]:
    subsets = [frozenset[Flag]()]
    for flag in flags:
        subsets += [subset | {flag} for subset in subsets]
    every = (Status(level=level, flags=subset) for level in Level for subset in subsets)
    return (*every, MISSING)


TRUTH = (False, True, MISSING)
ALL_VALUES: Values = {
    **{("statuses", name): _statuses(flags=tuple(Flag)) for name in THRESHOLDS},
    **{("safeguards", name): (*SafeguardState, MISSING) for name in ("G1", "G2")},
    ("specified", "S2"): TRUTH,
    ("specified_members", "S2"): TRUTH,
    ("substitutes", "X1"): TRUTH,
    ("acts", "Q1"): TRUTH,
    ("documents", "D1.covered"): TRUTH,
    ("facts", "F1"): (*TRUTH, None),
    ("facts", "N1"): (*map(Decimal, ("0.1", "0.5", "2", "4", "7")), MISSING, None),
    ("facts", "C1"): ("eu", "us", "asia", "mars", MISSING),
    ("discretions", "W1"): TRUTH,
    ("readings", "R1"): ("narrow", "wide", MISSING),
}


def variables_of(policy: Policy) -> Values:
    """Return every value of the variables that the policy's rows can name, and no other."""
    ladder = {item.id: item.above for item in policy.thresholds}
    atoms = [
        atom
        for row in policy.commitments
        for condition in (row.if_, row.require)
        for atom, _ in atoms_of(condition)
    ]
    used: set[tuple[str, str]] = set()
    for atom in atoms:
        name = atom.name.rsplit(".", 1)[0] if atom.word == "flag" else atom.name
        if atom.word in ("status", "flag"):
            used |= {("statuses", name)}
            used |= {("statuses", upper) for upper, lower in ladder.items() if name in lower}
        elif atom.word in ("met", "specified"):
            guards = {("safeguards", "G1"), ("safeguards", "G2")}
            both = {("specified", "S2"), ("specified_members", "S2")}
            used |= guards if name == "S1" else both
        else:
            used |= {key for key in ALL_VALUES if key[1] in (name, f"{name}.covered")}
    if any(item.releases for item in policy.discretions):
        used.add(("discretions", "W1"))
    alerts = {atom.name for atom in atoms if atom.word == "flag"}
    found: Values = {}
    for (field, key), values in ALL_VALUES.items():
        if (field, key) in used:
            found[field, key] = values
        if (field, key) in used and field == "statuses":
            named = [flag for flag in Flag if flag is not Flag.ALERT or f"{key}.alert" in alerts]
            found[field, key] = _statuses(flags=tuple(named))
    return found


def situation_of(values: Mapping[tuple[str, str], Any]) -> Situation:
    """Return the situation with these values; `MISSING` leaves a key out."""
    fields: dict[str, dict[str, Any]] = {}
    for (field, key), value in values.items():
        if value is not MISSING:
            fields.setdefault(field, {})[key] = value
    return Situation(**fields)


def every_situation(policy: Policy) -> Iterator[Situation]:
    """Yield every situation that the policy's rows can tell apart."""
    variables = variables_of(policy)
    for values in product(*variables.values()):
        yield situation_of(dict(zip(variables, values, strict=True)))


def count_situations(policy: Policy) -> int:
    """Return how many situations `every_situation` yields."""
    total = 1
    for values in variables_of(policy).values():
        total *= len(values)
    return total


_PLACES = st.tuples(*(st.integers(0, len(values) - 1) for values in ALL_VALUES.values()))


@st.composite
def situation_values(draw: st.DrawFn) -> dict[tuple[str, str], Any]:
    """Draw a value, or `MISSING`, for every variable of the vocabulary."""
    places = draw(_PLACES)
    return {
        key: values[place] for (key, values), place in zip(ALL_VALUES.items(), places, strict=True)
    }


def situations() -> st.SearchStrategy[Situation]:
    """Draw a situation over the vocabulary."""
    return situation_values().map(situation_of)
