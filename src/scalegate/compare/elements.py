"""List what changed between two policies and is not an effect of a gate.

1. Elements are matched by id. One that the new text no longer has is loosened where it asked for
   something (a threshold, an indicator, a duty, a cadence, a check), and tightened where it gave a
   way out (a discretion, an exemption, a substitute). One that is added is the other way round.
2. A line, a span, a list or a verb that moved has a direction of its own (`moved`). Where the text
   alone does not say which way a change goes, it is `changed`.
3. What a part covered beyond its match in the new text, as a bridge says, is loosened; what a new
   part covers beyond its match is tightened. For ways out it is the other way round.
4. Words alone (a statement put differently) are no change: they are for people to read.

Each module of rules names the parts of a policy it looks at; no rule looks at a condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from scalegate.compare.crossing import Crossing, crossing_of, renamed
from scalegate.compare.element_rules import rest_elements, ruler_elements
from scalegate.compare.governance_rules import governance_elements
from scalegate.compare.model import Change, Element
from scalegate.policy.document import Policy

_ORDER = {Change.LOOSENED: 0, Change.TIGHTENED: 1, Change.CHANGED: 2}


def elements_of(old: Policy, new: Policy, crossing: Crossing | None = None) -> tuple[Element, ...]:
    """Return every changed element: loosened ones first, then in the order of the file.

    Args:
        old: the older policy.
        new: the newer policy.
        crossing: which of their parts are the same; None: those of one kind and id.

    Guarantees:
        Empty for a policy and itself. Swapping the policies turns each direction round.
    """
    crossing = crossing or crossing_of(old, new, None)
    found = _all(renamed(old, crossing.kin), new, crossing)
    return tuple(sorted(found, key=lambda element: _ORDER[element.change]))


def _all(old: Policy, new: Policy, crossing: Crossing) -> Iterator[Element]:
    yield from rest_elements(old, new, crossing.entries)
    yield from ruler_elements(old, new, crossing.kin)
    yield from governance_elements(old, new, crossing.kin)
