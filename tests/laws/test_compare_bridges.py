"""A policy in the words of a bridge decides as it did: only its vocabulary is finer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.compare.bridge import Bridge, Entry, PartKind
from scalegate.compare.crossing import crossing_of
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, Flag, Gate, Level, SafeguardState
from tests.strategies.policies import policies

SPLIT = {
    PartKind.THRESHOLD: ("T1", "T2"),
    PartKind.SAFEGUARD: ("G1", "G2"),
    PartKind.FACT: ("F1",),
    PartKind.QUESTION: ("Q1",),
    PartKind.DOCUMENT: ("D1",),
}


def finer(policy: Policy) -> Policy:
    """Return a policy in which each of some parts is two parts."""
    plain = policy.model_dump(mode="json", by_alias=True)
    plain["id"] = "fine"
    for kind, names in SPLIT.items():
        parts = plain[kind.section]
        plain[kind.section] = [
            {**part, "id": f"{part['id']}{mark}", "above": []}
            if kind is PartKind.THRESHOLD
            else {**part, "id": f"{part['id']}{mark}"}
            for part in parts
            for mark in (("a", "b") if part["id"] in names else ("",))
        ]
    plain["standards"] = [{**each, "members": []} for each in plain["standards"]]
    for each in plain["standards"]:
        each["unspecified"] = True
    plain["substitutes"] = []
    plain["commitments"] = [
        {
            "id": "K",
            "statement": "a row",
            "at": ["store"],
            "otherwise": "hold",
            "modality": "must",
            "native_verb": "must",
            "cite": plain["domains"][0]["cite"],
        }
    ]
    plain["discretions"] = [{**each, "releases": []} for each in plain["discretions"]]
    return Policy.model_validate(plain)


@st.composite
def splits(draw: st.DrawFn) -> dict[tuple[PartKind, str], str]:
    """Draw which parts are split, and how they are joined."""
    found = {}
    for kind, names in SPLIT.items():
        for name in names:
            how = ("any",) if kind is PartKind.THRESHOLD else ("all", "any")
            chosen = draw(st.sampled_from((None, *how)))
            if chosen:
                found[kind, name] = chosen
    return found


def bridge_of(old: Policy, new: Policy, split: dict[tuple[PartKind, str], str]) -> Bridge:
    entries = [
        Entry(
            kind=kind,
            old=(name,),
            new=(f"{name}a", f"{name}b"),
            joined=how,  # type: ignore[arg-type]
            reason="a toy",
        )
        for (kind, name), how in split.items()
    ]
    return Bridge(
        schema="scalegate/bridge@1",
        old=old.name,
        new=new.name,
        statement="a toy",
        entries=tuple(entries),
    )


STATUSES = st.builds(
    lambda level, flags: Status(level=level, flags=frozenset(flags)),
    st.sampled_from(Level),
    st.sets(st.sampled_from(Flag), max_size=1),
)
TRUTH = st.sampled_from((True, False, None))
FIELDS: dict[PartKind, tuple[str, Any]] = {
    PartKind.THRESHOLD: ("statuses", STATUSES),
    PartKind.SAFEGUARD: ("safeguards", st.sampled_from(SafeguardState)),
    PartKind.FACT: ("facts", TRUTH),
    PartKind.QUESTION: ("acts", st.booleans()),
    PartKind.DOCUMENT: ("documents", st.booleans()),
}


def joined(kind: PartKind, how: str, one: Any, other: Any) -> Any:
    """Return what two values make together: the definition, without the code under test."""
    if kind is PartKind.THRESHOLD:
        return Status(level=max(one.level, other.level), flags=one.flags | other.flags)
    if kind is PartKind.SAFEGUARD:
        return max(one, other) if how == "all" else min(one, other)
    values = {one, other}
    strong = how == "any"
    if strong in values:
        return strong
    return None if None in values else not strong


@settings(max_examples=150)
@given(policies(), splits(), st.data())
def test_a_reworded_policy_decides_as_the_policy_itself(
    policy: Policy, split: dict[tuple[PartKind, str], str], data: st.DataObject
) -> None:
    new = finer(policy)
    crossed = crossing_of(policy, new, bridge_of(policy, new, split)).old
    coarse: dict[str, dict[str, Any]] = {}
    fine: dict[str, dict[str, Any]] = {}
    for kind, names in SPLIT.items():
        field, values = FIELDS[kind]
        end = ".covered" if kind is PartKind.DOCUMENT else ""
        for name in (*names, *(("T3",) if kind is PartKind.THRESHOLD else ())):
            if (kind, name) in split:
                two = data.draw(values), data.draw(values)
                made = joined(kind, split[kind, name], *two)
                fine.setdefault(field, {}).update(
                    {f"{name}{mark}{end}": value for mark, value in zip("ab", two, strict=True)}
                )
            else:
                made = data.draw(values)
                fine.setdefault(field, {})[f"{name}{end}"] = made
            coarse.setdefault(field, {})[f"{name}{end}"] = made
    programs = compile_policy(policy), compile_policy(crossed)
    for gate in Gate:
        for ask in Ask:
            one = evaluate(programs[0], Situation(**coarse), gate, ask)
            other = evaluate(programs[1], Situation(**fine), gate, ask)
            assert (one.governed, one.level) == (other.governed, other.level)
