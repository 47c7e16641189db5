"""Say a condition in another vocabulary: each part as one other part, or as several joined.

1. A part that is one other part keeps its comparison.
2. What `all` of several make is as good as the worst of them; what `any` make, as good as the best.
   Of thresholds, whose order runs towards harm, `any` make the highest and `all` the lowest.
3. `met: STANDARD` becomes its members, each said anew; a standard that is only named is a part
   like another.
4. `is` a level or a state becomes both bounds; `is: false` becomes the negation of `is: true`.

A condition is rewritten without any situation: nothing here says whether one holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scalegate.policy.conditions import All, AnyOf, AtLeast, Atom, Condition, Not
from scalegate.policy.document import Policy, Standard

SECTION_OF = {
    "status": "thresholds",
    "flag": "thresholds",
    "safeguard": "safeguards",
    "met": "standards",
    "specified": "standards",
    "substitute": "substitutes",
    "act": "questions",
    "document": "documents",
    "fact": "facts",
    "reading": "readings",
}
"""The section that declares what an atom names."""
_MARKED = frozenset({"flag", "document"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What one part of a policy is in another vocabulary."""

    join: str
    """`all` or `any`."""
    atoms: tuple[str, ...]
    """Its ids there."""
    rest: str = ""
    """Where the last of them has no equal: what it covers, in words."""


Wholes = Mapping[str, Mapping[str, Whole]]
"""Per section and id."""


def reworded(condition: Condition, policy: Policy, wholes: Wholes) -> Condition:
    """Return a condition of a policy in another vocabulary.

    Guarantees:
        It holds in a situation if and only if the condition does in the situation in which each
        part has the value that its several parts make.

    Does not check: that every section of `wholes` has every part; a part that lacks is a KeyError.
    """
    match condition:
        case Atom():
            return _atom(condition, policy, wholes)
        case Not(part):
            return Not(reworded(part, policy, wholes))
        case AtLeast(count, parts):
            return AtLeast(count, tuple(reworded(part, policy, wholes) for part in parts))
        case All(parts):
            return All(tuple(reworded(part, policy, wholes) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(reworded(part, policy, wholes) for part in parts))


def _atom(atom: Atom, policy: Policy, wholes: Wholes) -> Condition:
    section = SECTION_OF[atom.word]
    name, dot, mark = atom.name.rpartition(".") if atom.word in _MARKED else (atom.name, "", "")
    if section == "standards":
        standard = next(item for item in policy.standards if item.id == name)
        if not standard.unspecified:
            return _standard(atom, standard, wholes)
    whole = wholes[section][name]
    return _joined(atom, whole, tuple(f"{part}{dot}{mark}" for part in whole.atoms))


def _standard(atom: Atom, standard: Standard, wholes: Wholes) -> Condition:
    if atom.word == "specified":
        return atom
    parts = []
    for member in standard.members:
        whole = wholes["safeguards"][member]
        live = Atom(
            word="safeguard", name=member, relation="at_least", constant="live_and_sufficient"
        )
        parts.append(_joined(live, whole, whole.atoms))
    return All(tuple(parts))


def _joined(atom: Atom, whole: Whole, names: tuple[str, ...]) -> Condition:
    """Return a comparison of what several make together, as comparisons of each."""
    if len(names) == 1:
        return _put(atom, name=names[0])
    if atom.word in ("status", "safeguard"):
        if atom.relation == "is":
            bounds = (_put(atom, relation=word) for word in ("at_least", "at_most"))
            return All(tuple(_joined(bound, whole, names) for bound in bounds))
        rises = atom.relation in ("at_least", "above")
        is_all = rises is (whole.join == "all")
    elif atom.constant is False:
        return Not(_joined(_put(atom, constant=True), whole, names))
    else:
        is_all = whole.join == "all"
    parts = tuple(_put(atom, name=name) for name in names)
    return All(parts) if is_all else AnyOf(parts)


def _put(
    atom: Atom,
    *,
    name: str | None = None,
    relation: str | None = None,
    constant: bool | None = None,
) -> Atom:
    return Atom(
        word=atom.word,
        name=name or atom.name,
        relation=relation or atom.relation,
        constant=atom.constant if constant is None else constant,
    )
