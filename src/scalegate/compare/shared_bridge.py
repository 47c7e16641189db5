"""A bridge between two labs' policies, made from what is said of each in shared words.

Each lab has its own table: which of its thresholds is the first dangerous one in a domain, and
which the next (`policy.crosswalk`). Two tables together say which thresholds of two policies may be
looked at together. That is an analogy and no equality, and the bridge says so.

1. Thresholds of one neutral domain and one tier are matched; where one policy has several there,
   `any` of them.
2. Where both have several, none is matched: several with several would not say which.
3. Nothing else is matched: what safeguards ask for differs from lab to lab. An id that both
   policies use by chance is held apart.
4. How well either table says that the word fits stands in the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scalegate.compare.bridge import Bridge, Entry, PartKind
from scalegate.compare.bridge_faults import parts_of
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.document import Policy

Word = tuple[str, str]
"""A neutral domain and a tier."""
STATEMENT = (
    "Made from the labs' tables of shared words: thresholds of one domain and one tier are looked"
    " at together. These are analogies, not equalities; nothing else is matched."
)

_OWN = "An id of each lab's own."


def shared_bridge(old: Policy, new: Policy, analogies: Iterable[Analogy]) -> Bridge | None:
    """Return the bridge that the tables of two policies make; None where they share no word.

    Does not check: that an analogy is a good one; its reason stands in the entry.
    """
    said = [each for each in analogies if each.kind == "tier"]
    tables = (_tiers(old, said), _tiers(new, said))
    matched = [
        _entry(word, (tables[0][word], tables[1][word]))
        for word in tables[0]
        if word in tables[1] and min(len(tables[0][word]), len(tables[1][word])) == 1
    ]
    if not matched:
        return None
    return Bridge(
        schema="scalegate/bridge@1",
        old=old.name,
        new=new.name,
        statement=STATEMENT,
        entries=(*matched, *_apart(old, new, matched)),
    )


def _tiers(policy: Policy, analogies: Iterable[Analogy]) -> dict[Word, list[Analogy]]:
    """Return the thresholds of a policy by neutral domain and tier."""
    neutral = {entry.id: entry.neutral.value for entry in policy.domains}
    domains: Mapping[str, str] = {
        threshold.id: neutral[threshold.domain] for threshold in policy.thresholds
    }
    found: dict[Word, list[Analogy]] = {}
    for each in analogies:
        if each.framework == policy.name and each.native in domains:
            found.setdefault((domains[each.native], each.neutral), []).append(each)
    return found


def _entry(word: Word, sides: tuple[list[Analogy], list[Analogy]]) -> Entry:
    domain, tier = (part.replace("_", " ") for part in word)
    reasons = "; ".join(
        f"{found[0].framework} ({found[0].fit}): {found[0].why.rstrip('.')}" for found in sides
    )
    return Entry(
        kind=PartKind.THRESHOLD,
        old=tuple(each.native for each in sides[0]),
        new=tuple(each.native for each in sides[1]),
        reason=f"Both are `{tier}` in the domain {domain}. {reasons}.",
    )


def _apart(old: Policy, new: Policy, matched: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries that hold apart what has one id in both policies by chance."""
    said = {named for entry in matched for named in entry.named()}
    for kind in PartKind:
        ids = [{part.id for part in parts_of(policy, kind)} for policy in (old, new)]
        for name in sorted(ids[0] & ids[1]):
            both = (
                Entry(kind=kind, old=(name,), reason=_OWN),
                Entry(kind=kind, new=(name,), reason=_OWN),
            )
            yield from (entry for entry in both if not said.intersection(entry.named()))
