"""What a policy has, counted: each count is a list of clauses, and nothing is graded.

1. Every figure is computed from the encoded document, and each item names its clause.
2. A threshold has a *named safeguard* if a binding row whose trigger names it (or a lower rung)
   requires a safeguard or a standard.
3. A *hold clause* at a gate is a row that holds or withdraws there when its requirement is unmet.
4. *Bindingness* looks at each commitment by itself: whether it names an eval, a threshold, a
   safeguard, a gate, a deadline and a public record; whether only judgement decides it; whether a
   discretion can lift it.

Does not check: that the encoding is faithful, or that a clause is worth anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from scalegate.policy.compile import Program, Row
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.fields import Cite
from scalegate.policy.ruler import Threshold
from scalegate.policy.space import literals_in
from scalegate.policy.vocabulary import Burden, EffectLevel, Gate, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that was counted."""

    id: str
    """Its id in the policy."""
    text: str
    """What it is, in words."""
    cite: str
    """The clause."""
    modality: str = ""
    """How strongly its verb binds; empty where it is no commitment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A count with its list."""

    key: str
    """Name of the figure, the same for every policy."""
    title: str
    """What is counted."""
    items: tuple[Item, ...]
    """Each thing counted, with its clause."""
    of: int | None = None
    """Out of how many, where that is a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One policy's figures."""

    framework: str
    """`id@version`."""
    lab: str
    """Who published it."""
    figures: tuple[Figure, ...]
    """In one order for every policy."""
    bindingness: tuple[Figure, ...]
    """Counts over the commitments."""

    def figure(self, key: str) -> Figure:
        """Return a figure by its name.

        Raises:
            KeyError: there is no such figure; a bug of the caller.
        """
        return {each.key: each for each in (*self.figures, *self.bindingness)}[key]


def profile(program: Program) -> Profile:
    """Compute every figure of a compiled policy."""
    policy = program.policy
    return Profile(
        framework=policy.name,
        lab=policy.lab,
        figures=tuple(_figures(program)),
        bindingness=tuple(_bindingness(program)),
    )


class _Named(Protocol):
    """A part of a policy with an id and a clause."""

    @property
    def id(self) -> str: ...

    @property
    def cite(self) -> Cite: ...


def _item(part: _Named, text: str) -> Item:
    return Item(id=part.id, text=text, cite=str(part.cite))


def _figures(program: Program) -> Iterator[Figure]:
    policy = program.policy
    yield from _ruler(program)
    yield from _gates(program)
    yield Figure(
        key="discretions",
        title="ways out that the text gives the lab, and who may use them",
        items=tuple(
            _item(each, f"{each.statement} (by {', '.join(each.invoked_by) or 'nobody named'})")
            for each in policy.discretions
        ),
    )
    yield Figure(
        key="only_if_shown",
        title="facts that bind only if somebody shows them",
        items=tuple(
            _item(each, each.statement) for each in policy.facts if each.burden is Burden.TO_HOLD
        ),
    )
    yield Figure(
        key="cadence",
        title="rules on when to assess again",
        items=tuple(_item(each, each.statement) for each in policy.cadence),
    )
    yield Figure(
        key="elicitation",
        title="requirements on how hard evaluators must try",
        items=tuple(_item(each, each.statement) for each in policy.elicitation),
    )
    yield from _people(policy)
    yield Figure(
        key="readings",
        title="clauses that can be read in several ways",
        items=tuple(_item(each, each.statement) for each in policy.readings),
    )


def _ruler(program: Program) -> Iterator[Figure]:
    policy = program.policy
    count = len(policy.thresholds)
    with_threshold = {each.domain for each in policy.thresholds}
    yield Figure(
        key="domains",
        title="domains with a threshold",
        items=tuple(_item(d, d.native) for d in policy.domains if d.id in with_threshold),
        of=len(policy.domains),
    )
    tests: tuple[tuple[str, str, Callable[[Threshold], bool]], ...] = (
        ("numeric_line", "thresholds with a numeric line that the text prints", _has_number),
        ("named_eval", "thresholds with an eval that the text names", _has_eval),
        ("operational", "thresholds with a test that the text describes", _has_test),
        ("named_safeguard", "thresholds with a safeguard named in a binding row",
         partial(_has_safeguard, program)),
    )  # fmt: skip
    for key, title, test in tests:
        found = tuple(_item(each, each.native) for each in policy.thresholds if test(each))
        yield Figure(key=key, title=title, items=found, of=count)


def _has_number(threshold: Threshold) -> bool:
    return any(not each.ours and not isinstance(each.value, str) for each in threshold.indicators)


def _has_eval(threshold: Threshold) -> bool:
    return any(not each.ours for each in threshold.indicators)


def _has_test(threshold: Threshold) -> bool:
    return bool(threshold.operational_test)


def _has_safeguard(program: Program, threshold: Threshold) -> bool:
    below = {threshold.id, *program.ladder.get(threshold.id, ())}
    return any(
        below & names_in(program, row, Kind.STATUS, of_trigger=True)
        and (
            names_in(program, row, Kind.SAFEGUARD, of_trigger=False)
            or names_in(program, row, Kind.SPECIFIED, of_trigger=False)
        )
        for row in binding_rows(program)
    )


def binding_rows(program: Program) -> Iterator[Row]:
    """Yield each binding row once, whatever number of gates it stands at."""
    seen = set()
    for rows in program.rows.values():
        for row in rows:
            if row.name not in seen:
                seen.add(row.name)
                yield row


def names_in(program: Program, row: Row, kind: Kind, *, of_trigger: bool) -> frozenset[str]:
    """Return the names of one kind that a row's trigger, or its requirement, looks at."""
    node = row.trigger if of_trigger else row.require
    return frozenset(
        literal.name for literal in literals_in(node, program.literals) if literal.kind is kind
    )


def _gates(program: Program) -> Iterator[Figure]:
    policy = program.policy
    for gate in Gate:
        holds = tuple(
            _row_item(each, f"{each.modality.word}: {each.statement}")
            for each in policy.commitments
            if gate in each.at and each.otherwise.level >= EffectLevel.HOLD
        )
        yield Figure(key=f"hold_at_{gate}", title=f"clauses that hold at {gate}", items=holds)
    bound = {gate for each in policy.commitments if each.binds for gate in each.at}
    notes = {note.gate: note for note in policy.silent_at}
    silent = tuple(
        Item(
            id=gate.value,
            text="the text binds nothing here",
            cite=notes[gate].searched if gate in notes else "no row",
        )
        for gate in Gate
        if gate not in bound
    )
    yield Figure(key="ungoverned", title="gates that nobody guards", items=silent, of=len(Gate))


def _people(policy: Policy) -> Iterator[Figure]:
    for key, title, words in (
        ("approvers", "roles that decide or approve", {"decides", "approves", "may_overrule"}),
        ("reviewers", "roles that review or oversee", {"reviews", "oversees"}),
    ):
        found = tuple(
            _item(each, f"{each.native} ({each.neutral})")
            for each in policy.roles
            if each.neutral in words
        )
        yield Figure(key=key, title=title, items=found)
    yield Figure(
        key="disclosure",
        title="documents and duties owed to the public",
        items=tuple(_public(policy)),
    )
    outside = tuple(
        _item(each, each.statement)
        for each in policy.duties
        if any(_is_outside(to) for to in each.to)
    )
    yield Figure(key="owed_outside", title="duties owed to somebody outside", items=outside)
    amendment = policy.amendment
    changes = (
        (Item(id="amendment", text=amendment.statement, cite=str(amendment.cite)),)
        if amendment
        else ()
    )
    yield Figure(key="amendment", title="rules on how the policy changes", items=changes)


def _public(policy: Policy) -> Iterator[Item]:
    for document in policy.documents:
        if any("public" in each.audience.lower() for each in document.sent_to):
            yield _item(document, document.statement)
    for duty in policy.duties:
        if any("public" in to.lower() for to in duty.to):
            yield _item(duty, duty.statement)


def _is_outside(to: str) -> bool:
    return any(word in to.lower() for word in ("public", "government", "external", "regulator"))


def _bindingness(program: Program) -> Iterator[Figure]:
    rows = tuple(binding_rows(program))
    for key, (title, test) in _ROW_TESTS.items():
        found = tuple(
            _row_item(row.source, row.source.statement) for row in rows if test(program, row)
        )
        yield Figure(key=key, title=f"binding rows that {title}", items=found, of=len(rows))
    duties = program.policy.duties
    dated = tuple(_item(each, each.statement) for each in duties if each.within or each.every)
    yield Figure(
        key="deadline", title="duties with a deadline or a rhythm", items=dated, of=len(duties)
    )


def _names_eval(program: Program, row: Row) -> bool:
    evaluated = {
        each.id for each in program.policy.thresholds if _has_eval(each) or _has_test(each)
    }
    return bool(evaluated & _both(program, row, Kind.STATUS))


def _names_threshold(program: Program, row: Row) -> bool:
    return bool(_both(program, row, Kind.STATUS))


def _names_safeguard(program: Program, row: Row) -> bool:
    return bool(
        names_in(program, row, Kind.SAFEGUARD, of_trigger=False)
        or names_in(program, row, Kind.SPECIFIED, of_trigger=False)
    )


def _holds_a_gate(_: Program, row: Row) -> bool:
    return row.level >= EffectLevel.HOLD


def _asks_for_the_public(program: Program, row: Row) -> bool:
    return bool(_public_documents(program.policy) & _documents(program, row))


def _can_be_lifted(program: Program, row: Row) -> bool:
    return row.softened or row.name in _released(program.policy)


def _row_item(source: Commitment, text: str) -> Item:
    return replace(_item(source, text), modality=source.modality.word)


def _both(program: Program, row: Row, kind: Kind) -> frozenset[str]:
    return names_in(program, row, kind, of_trigger=True) | names_in(
        program, row, kind, of_trigger=False
    )


def _documents(program: Program, row: Row) -> frozenset[str]:
    return frozenset(name.split(".")[0] for name in _both(program, row, Kind.DOCUMENT))


def _public_documents(policy: Policy) -> frozenset[str]:
    return frozenset(
        each.id
        for each in policy.documents
        if any("public" in sent.audience.lower() for sent in each.sent_to)
    )


def _is_judgement(program: Program, row: Row) -> bool:
    kinds = {literal.kind for literal in literals_in(row.require, program.literals)}
    kinds -= {Kind.DISCRETION, Kind.SUBSTITUTE}  # what softens a row is counted by itself
    return bool(kinds) and kinds <= {Kind.ACT, Kind.DOCUMENT}


def _released(policy: Policy) -> frozenset[str]:
    return frozenset(name for each in policy.discretions for name in each.releases)


def count_of(figures: Iterable[Figure], key: str) -> int:
    """Return how many a figure counts."""
    return next(len(each.items) for each in figures if each.key == key)


_ROW_TESTS: Mapping[str, tuple[str, Callable[[Program, Row], bool]]] = {
    "names_eval": ("name a threshold that has an eval or a test in the text", _names_eval),
    "names_threshold": ("name a threshold", _names_threshold),
    "names_safeguard": ("require a safeguard or a standard", _names_safeguard),
    "holds_a_gate": ("hold a gate when they are not met", _holds_a_gate),
    "public_record": ("ask for a document that goes to the public", _asks_for_the_public),
    "judgement_only": ("are decided by signed acts and documents alone", _is_judgement),
    "can_be_lifted": ("can be softened by a discretion or a substitute", _can_be_lifted),
}
"""What is asked of each binding row."""
