"""Say a condition in words, for explanations."""

from __future__ import annotations

from scalegate.policy.conditions import All, AnyOf, AtLeast, Atom, Condition, Not
from scalegate.policy.document import Policy, Safeguard, Standard, Threshold

_RELATIONS = {
    "at_least": "at least",
    "at_most": "at most",
    "above": "above",
    "below": "below",
    "is": "is",
}


def phrase(policy: Policy, condition: Condition) -> str:
    """Return the words of a condition's head; its parts are phrased by themselves."""
    match condition:
        case All(parts):
            return "all of these" if parts else "always"
        case AnyOf():
            return "any of these"
        case AtLeast(count, parts):
            return f"at least {count} of these {len(parts)}"
        case Not(part):
            return f"not: {whole_phrase(policy, part)}"
        case Atom():
            return _atom(policy, condition)


def whole_phrase(policy: Policy, condition: Condition) -> str:
    """Return a condition with all its parts as one line."""
    match condition:
        case All(parts) | AnyOf(parts) if parts:
            word = " and " if isinstance(condition, All) else " or "
            return "(" + word.join(whole_phrase(policy, part) for part in parts) + ")"
        case AtLeast(count, parts):
            listed = ", ".join(whole_phrase(policy, part) for part in parts)
            return f"at least {count} of ({listed})"
        case _:
            return phrase(policy, condition)


_PATTERNS = {
    "status": "{native} {relation} {constant}",
    "flag": "{last} on {first}",
    "safeguard": "{native} {constant}",
    "met": "standard {native} met",
    "specified": "standard {native} specified",
    "substitute": "substitute {name} stands",
    "act": "{name} answered",
    "document": "document {first} {last}",
    "reading": "clause {name} read as {constant}",
    "fact": "fact {name} {relation} {constant}",
}


def _atom(policy: Policy, atom: Atom) -> str:
    is_true = atom.constant is True
    if atom.word == "fact" and is_true:
        return f"fact {atom.name}"
    first, _, last = atom.name.rpartition(".")
    constant = str(atom.constant).lower() if isinstance(atom.constant, bool) else atom.constant
    return _PATTERNS[atom.word].format(
        native=_native(policy, atom),
        name=atom.name,
        first=first,
        last=last.replace("_", " "),
        relation=_RELATIONS[atom.relation],
        constant=str(constant).replace("_", " ") if atom.word != "reading" else constant,
    )


def _native(policy: Policy, atom: Atom) -> str:
    tables: dict[str, tuple[Threshold | Safeguard | Standard, ...]] = {
        "status": policy.thresholds,
        "safeguard": policy.safeguards,
        "met": policy.standards,
        "specified": policy.standards,
    }
    named = tables.get(atom.word, ())
    return next((item.native for item in named if item.id == atom.name), atom.name)
