"""Compare two policies completely: per gate, ask, strength of the verb, and cut.

1. Per gate and ask, the question is put for the binding rows and then for the rows of each
   strength of verb (`strengths`), and for each effect that some row of either policy begins (the
   cut).
2. `loosened` is where the old policy does at least the cut and the new one does not; `tightened` is
   the mirror image. Both lists are minimal and complete (`search`, rule 2).
3. At the cut `allow` the question is whether the gate is governed at all: a gate that no row names
   is the most permissive there is, so it is looser than one that some row names, everywhere.
4. Variables are matched by id (`joint`), or as a bridge says (`crossing`); what only one policy has
   is listed as unmatched.
5. A fact with burden `to_hold` is unknown unless somebody shows it, and then does not bind. An item
   at which the other policy would reach the cut were such facts shown is marked *unless shown*.
6. What is too large to be compared completely is `undecided`, with the reason; nothing is guessed.

Does not check: that two parts mean the same in both texts. That is a judgement; a bridge says it.
"""

from __future__ import annotations

from scalegate.compare.bridge import Bridge, PartKind
from scalegate.compare.crossing import crossing_of, programs_of
from scalegate.compare.describe import compared, heirs_of
from scalegate.compare.elements import elements_of
from scalegate.compare.model import Difference
from scalegate.compare.pair import Pair, unmatched
from scalegate.compare.solver import BY_POINTS, Means
from scalegate.policy.compile import Program


def diff(
    old: Program, new: Program, bridge: Bridge | None = None, *, means: Means = BY_POINTS
) -> Difference:
    """Return all that the newer policy loosened or tightened against the older one.

    Args:
        old: the older policy.
        new: the newer policy.
        bridge: which of their parts are the same; None: those of one kind and id.
        means: with what to search.

    Guarantees:
        Sound and complete (law 7): a situation is loosened if and only if it is at least as bad as
        a listed one in every variable, and the new policy does not reach the cut there. Empty for
        a policy and itself. Swapping the policies gives the mirror.

    Source: design, law 7.
    """
    crossing = crossing_of(old.policy, new.policy, bridge)
    pair = Pair.of(*programs_of(crossing, old, new), means=means)
    heirs = heirs_of(pair, crossing.kin[PartKind.COMMITMENT])
    return Difference(
        old=old.policy.name,
        new=new.policy.name,
        policies=(old.policy, new.policy),
        comparisons=tuple(compared(pair, question, heirs) for question in pair.questions()),
        unmatched=tuple(unmatched(pair.index)),
        elements=elements_of(old.policy, new.policy, crossing),
    )
