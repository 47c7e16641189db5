"""What must be recorded as done before an allowed act, and is not.

An obligation owed beforehand is met when an act of a role that the policy's table names answers
`before:<framework>/<commitment>` with yes; the one that prevails counts, so a later no undoes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from scalegate.gate.acts import acts_on, says_yes
from scalegate.gate.model import Assessment
from scalegate.policy.evaluate import Outcome


def unmet_before(known: Assessment, outcome: Outcome) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each determining commitment with the obligations beforehand that are unmet."""
    rows = {row.id: row for row in known.inputs.policy.commitments}
    for name in outcome.determining:
        owed = tuple(text for text in outcome.before if text in rows[name].before)
        question = f"before:{known.inputs.policy.name}/{name}"
        acts = acts_on(known.inputs, known.subject, question, known.at) if owed else ()
        if owed and (not acts or acts[0].rank < 0 or not says_yes(acts[0])):
            yield name, owed
