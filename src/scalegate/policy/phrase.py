"""Say a condition in words, for explanations."""

from __future__ import annotations

from scalegate.policy.conditions import All, AnyOf, AtLeast, Atom, Condition, Not
from scalegate.policy.document import Policy

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


def _atom(policy: Policy, atom: Atom) -> str:
    constant = str(atom.constant).lower() if isinstance(atom.constant, bool) else atom.constant
    name = _native(policy, atom)
    match atom.word:
        case "status":
            words = str(constant).replace("_", " ")
            return f"{name} {_RELATIONS[atom.relation]} {words}"
        case "flag":
            threshold, flag = atom.name.rsplit(".", 1)
            return f"{flag.replace('_', ' ')} on {threshold}"
        case "safeguard":
            return f"{name} {str(constant).replace('_', ' ')}"
        case "met":
            return f"standard {name} met"
        case "specified":
            return f"standard {name} specified"
        case "substitute":
            return f"substitute {atom.name} stands"
        case "act":
            return f"{atom.name} answered"
        case "document":
            document, aspect = atom.name.rsplit(".", 1)
            return f"document {document} {aspect}"
        case "reading":
            return f"clause {atom.name} read as {constant}"
        case _:
            if constant == "true":
                return f"fact {atom.name}"
            return f"fact {atom.name} {_RELATIONS[atom.relation]} {constant}"


def _native(policy: Policy, atom: Atom) -> str:
    names: dict[str, str] = {}
    if atom.word == "status":
        names = {item.id: item.native for item in policy.thresholds}
    elif atom.word == "safeguard":
        names = {item.id: item.native for item in policy.safeguards}
    elif atom.word in ("met", "specified"):
        names = {item.id: item.native for item in policy.standards}
    return names.get(atom.name, atom.name)
