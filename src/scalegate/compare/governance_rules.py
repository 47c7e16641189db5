"""What moved in who decides, what is owed and when, and how a framework reads a status.

1. A role that need no longer answer a question, approve, be consulted or be told is loosened.
2. A longer window, interval or life is loosened; so is a larger growth before an assessment is due,
   and no interval at all.
3. A discretion, an exemption or an option that is new is loosened; a test of a discretion that is
   gone is loosened too.
4. A role that is gone, or does something else, is `changed`: what it had to do is seen where it had
   to do it.
5. A reading that is new is `changed`: the text became ambiguous; one that is gone, settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from scalegate.compare.model import Change, Element
from scalegate.compare.moved import (
    BY_ID,
    Kin,
    Moved,
    as_element,
    days,
    listed,
    matched,
    number,
    other,
    shown,
    span,
    verb,
)
from scalegate.policy.document import (
    Amendment,
    Cadence,
    Discretion,
    DocumentKind,
    Duty,
    Exemption,
    Policy,
    Question,
    Reading,
    Requirement,
    RoleEntry,
)
from scalegate.policy.vocabulary import (
    BoundingRule,
    Gate,
    PreregistrationRule,
    SofterRule,
    StatusRule,
    WeightsRule,
)

LOOSENED, TIGHTENED, CHANGED = Change.LOOSENED, Change.TIGHTENED, Change.CHANGED
_STRICTNESS = {
    StatusRule.NO_EFFECT: 0,
    StatusRule.TREAT_AS_CROSSED: 1,
    StatusRule.DETERMINATION_REQUIRED: 2,
    SofterRule.COUNTS: 0,
    SofterRule.SHOWN_BESIDE: 1,
    BoundingRule.INHERITS: 0,
    BoundingRule.SHOWN_BESIDE: 1,
    WeightsRule.AS_ELSEWHERE: 0,
    WeightsRule.OWN_EVIDENCE: 1,
    PreregistrationRule.NOT_REQUIRED: 0,
    PreregistrationRule.RECORDED: 1,
    PreregistrationRule.WITNESSED: 2,
}
"""A rule of a higher number is stricter; `determination_required` decides as unassessed."""


_RULES = (
    "not_ruled_out",
    "forecast",
    "softer_determination",
    "bounding",
    "open_weights",
    "preregistration",
)
"""The parts of a framework's semantics that are one rule each."""
_REDACTIONS = ("none", "minor", "significant")


def governance_elements(old: Policy, new: Policy, kin: Kin = BY_ID) -> Iterator[Element]:
    """Yield what moved in duties, cadence, roles, ways out and readings."""
    yield from matched("role", (old.roles, new.roles), _role, lost=CHANGED, kin=kin)
    yield from matched("cadence", (old.cadence, new.cadence), _cadence, lost=LOOSENED, kin=kin)
    yield from matched("duty", (old.duties, new.duties), _duty, lost=LOOSENED, kin=kin)
    yield from matched(
        "elicitation", (old.elicitation, new.elicitation), _requirement, lost=LOOSENED, kin=kin
    )
    yield from matched(
        "question", (old.questions, new.questions), _question, lost=LOOSENED, kin=kin
    )
    yield from matched(
        "document", (old.documents, new.documents), _document, lost=LOOSENED, kin=kin
    )
    yield from matched(
        "discretion", (old.discretions, new.discretions), _discretion, lost=TIGHTENED, kin=kin
    )
    yield from matched(
        "exemption", (old.exemptions, new.exemptions), _exemption, lost=TIGHTENED, kin=kin
    )
    yield from matched("reading", (old.readings, new.readings), _reading, lost=CHANGED, kin=kin)
    yield from _amendment(old.amendment, new.amendment)
    yield from _semantics(old, new)


def _role(old: RoleEntry, new: RoleEntry) -> Iterator[Moved]:
    yield from other("native name", old.native, new.native)
    yield from other("does", old.neutral, new.neutral)
    yield from other("rank", old.rank, new.rank)


def _cadence(old: Cadence, new: Cadence) -> Iterator[Moved]:
    yield from verb(old, new)
    yield from number(
        "effective compute",
        old.effective_compute_ratio,
        new.effective_compute_ratio,
        larger=LOOSENED,
        none=LOOSENED,
    )
    yield from span("elapsed", old.elapsed, new.elapsed, longer=LOOSENED)
    yield from listed("may call for one", old.discretion_of, new.discretion_of)


def _duty(old: Duty, new: Duty) -> Iterator[Moved]:
    yield from verb(old, new)
    yield from span("within", old.within, new.within, longer=LOOSENED)
    yield from span("every", old.every, new.every, longer=LOOSENED)
    yield from listed("owed to", old.to, new.to)
    yield from listed("must contain", old.must_contain, new.must_contain)
    if old.started_by != new.started_by:
        change = LOOSENED if new.started_by == "self_determined" else CHANGED
        change = TIGHTENED if old.started_by == "self_determined" else change
        yield from other("started by", old.started_by, new.started_by, change)


def _requirement(old: Requirement, new: Requirement) -> Iterator[Moved]:
    yield from verb(old, new)
    yield from listed("asked at", _gates(old), _gates(new))
    yield from listed("shown by", old.shown_by, new.shown_by)
    if old.binds != new.binds:
        yield from other("decides", old.binds, new.binds, LOOSENED if old.binds else TIGHTENED)


def _gates(row: Requirement) -> tuple[str, ...]:
    """Return the gates for which a row is asked; none said is all."""
    return tuple(gate.value for gate in row.at or Gate)


def _question(old: Question, new: Question) -> Iterator[Moved]:
    if old.any_of == new.any_of:
        # Where one role suffices, one more role is one more way to a yes.
        yield from listed("by", old.by, new.by, lost=TIGHTENED if old.any_of else LOOSENED)
    else:
        change = LOOSENED if new.any_of else TIGHTENED
        yield from other("by", _answerers(old), _answerers(new), change)
    yield from other("act", old.act, new.act)
    yield from span("expires after", old.expires_after, new.expires_after, longer=LOOSENED)


def _answerers(question: Question) -> str:
    return f"{'any' if question.any_of else 'all'} of {', '.join(question.by)}"


def _document(old: DocumentKind, new: DocumentKind) -> Iterator[Moved]:
    yield from listed("must contain", old.must_contain, new.must_contain)
    yield from listed("approved by", old.approved_by, new.approved_by)
    yield from listed("can be asked of it", old.aspects, new.aspects, lost=CHANGED)
    yield from _audiences(old, new)


def _audiences(old: DocumentKind, new: DocumentKind) -> Iterator[Moved]:
    """Yield who must have received it: fewer, later, or with more withheld, is looser."""
    before, after = ({item.audience: item for item in each.sent_to} for each in (old, new))
    yield from listed("sent to", before, after)
    for name in before:
        if name in after:
            levels = [_REDACTIONS.index(item[name].redaction) for item in (before, after)]
            change = LOOSENED if levels[1] > levels[0] else TIGHTENED
            part = f"withheld from {name}"
            yield from other(part, before[name].redaction, after[name].redaction, change)
            within = (before[name].within, after[name].within)
            yield from span(f"sent to {name} within", *within, longer=LOOSENED)
    yield from span("covers within", old.covers_within, new.covers_within, longer=LOOSENED)


def _discretion(old: Discretion, new: Discretion) -> Iterator[Moved]:
    yield from listed("tests", [test.id for test in old.tests], [test.id for test in new.tests])
    yield from listed("approvals", old.approvals, new.approvals)
    yield from listed("obligations", old.obligations, new.obligations)
    yield from listed("invoked by", old.invoked_by, new.invoked_by, lost=TIGHTENED)
    yield from listed("releases", old.releases, new.releases, lost=TIGHTENED)
    yield from span("expires after", old.expires_after, new.expires_after, longer=LOOSENED)
    if bool(old.notice) != bool(new.notice):
        change = LOOSENED if old.notice else TIGHTENED
        yield from other("notice", old.notice or "none", new.notice or "none", change)


def _exemption(old: Exemption, new: Exemption) -> Iterator[Moved]:
    yield from listed("thresholds", old.thresholds, new.thresholds, lost=TIGHTENED)
    yield from other("keeps the root's determination", old.inherits, new.inherits)
    if old.when != new.when:
        yield Moved(part="when", change=CHANGED, old="another condition", new="another condition")


def _reading(old: Reading, new: Reading) -> Iterator[Moved]:
    options = [[option.id for option in item.options] for item in (old, new)]
    yield from listed("options", *options, lost=CHANGED)
    yield from listed("fixed by", old.fixed_by, new.fixed_by, lost=CHANGED)


def _amendment(old: Amendment | None, new: Amendment | None) -> Iterator[Element]:
    for moved in _amendment_moves(old, new):
        yield as_element("amendment", moved, (old and old.cite, new and new.cite))


def _amendment_moves(old: Amendment | None, new: Amendment | None) -> Iterator[Moved]:
    if old is not None and new is not None:
        yield from listed("approved by", old.approved_by, new.approved_by)
        yield from listed("consulted", old.consulted, new.consulted)
        yield from listed("proposed by", old.proposed_by, new.proposed_by, lost=CHANGED)
        if old.notice != new.notice:
            # No notice at all is the shortest.
            before, after = (days(item.notice) if item.notice else 0 for item in (old, new))
            change = TIGHTENED if after > before else LOOSENED
            yield from other("notice", old.notice, new.notice, change)
    elif old is not None:
        yield Moved(part="amendment", change=LOOSENED, old=old.statement, new="")
    elif new is not None:
        yield Moved(part="amendment", change=TIGHTENED, old="", new=new.statement)


def _carriage(old: Policy, new: Policy) -> Iterator[Element]:
    """Yield which edges carry a rule-out now and did not, or the other way round."""
    before, after = (policy.semantics.carriage for policy in (old, new))
    for moved in listed("carries a rule-out", before.edges, after.edges, lost=TIGHTENED):
        yield as_element("semantics", moved, (before.cite, after.cite))


def _grace(old: Policy, new: Policy) -> Iterator[Element]:
    """Yield what moved in the grace of what runs: longer is looser, and to go on after it is, too.

    A longer one counts even where it cites no clause, though no permit grants it: a text changed.
    """
    before, after = (policy.semantics.grace for policy in (old, new))
    moves = [
        *_grace_length("training", before.training, after.training),
        *_grace_length("serving", before.serving, after.serving),
        *_after_grace(before.afterwards, after.afterwards),
    ]
    for moved in moves:
        yield as_element("semantics", moved, (before.cite, after.cite))


def _grace_length(part: str, old: str, new: str) -> Iterator[Moved]:
    before, after = (Decimal(0) if each == "none" else days(each) for each in (old, new))
    if before != after:  # 24h and 1d are the same
        yield from other(f"grace of {part}", old, new, LOOSENED if after > before else TIGHTENED)


def _after_grace(old: str, new: str) -> Iterator[Moved]:
    """Yield what is to happen then: where nothing is said it stops, which is the strictest."""
    change = CHANGED if old and new else TIGHTENED if old else LOOSENED
    yield from other("after the grace", old or "it stops", new or "it stops", change)


def _semantics(old: Policy, new: Policy) -> Iterator[Element]:
    for part in _RULES:
        before, after = (getattr(policy.semantics, part) for policy in (old, new))
        if before.rule != after.rule:
            looser = _STRICTNESS[after.rule] < _STRICTNESS[before.rule]
            yield Element(
                what="semantics",
                name=part,
                change=LOOSENED if looser else TIGHTENED,
                old=shown(before.rule),
                new=shown(after.rule),
                cites=(str(before.cite or ""), str(after.cite or "")),
            )
    yield from _carriage(old, new)
    yield from _grace(old, new)
    spans = (old.semantics.verdict_valid_for, new.semantics.verdict_valid_for)
    for moved in span("verdict valid for", *spans, longer=LOOSENED):
        yield as_element("semantics", moved, ("", ""))
