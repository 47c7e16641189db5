"""Write a policy as a program: every condition becomes tests of bits.

1. A *literal* is one comparison of one variable with a constant; each distinct literal owns a bit.
   Negation is pushed down to the literals, so a node is `all`, `any` or `at least n` of bits and
   nodes.
2. A situation is written as two numbers: the bits that hold where a condition stands as a trigger
   (`if`), and those that hold where it stands as a requirement (`require`). They differ only for
   what is unknown.
3. Unknown is the worst value whatever the phrasing: every literal of an unknown variable holds in
   a trigger and none holds in a requirement. A fact with burden `to_hold` is the other way round:
   unknown, it does not bind.
4. `not_ruled_out`, `forecast` and `treated_as` are written as the level the framework gives them;
   a rung that is reached carries the rungs below it (`above`).
5. An unassessed threshold counts as crossed, and no safeguard satisfies a row that names it: its
   bit is set in `blocked`.
6. `met: S` becomes: S is specified, and each of its members is live and sufficient.
7. A discretion stands beside the requirement of each commitment it may soften.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from scalegate.policy.conditions import All, AnyOf, AtLeast, Atom, Condition, Not
from scalegate.policy.document import Commitment, Effect, Policy
from scalegate.policy.encode import MEMBERS, Encoding, encoding_of
from scalegate.policy.literals import Literal, bits_of, literal_of
from scalegate.policy.situation import Situation
from scalegate.policy.statuses import decided_statuses, rungs_below
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level

__all__ = [
    "ALL",
    "ANY",
    "COUNT",
    "Encoded",
    "Literal",
    "Node",
    "Program",
    "Row",
    "Step",
    "bits_of",
    "compile_condition",
    "compile_policy",
    "decided_statuses",
    "effect_level",
    "every_row",
    "literal_of",
    "nodes_in",
    "rungs_below",
    "written_out",
]

ALL, ANY, COUNT = 0, 1, 2


class Node(NamedTuple):
    """A compiled condition: `op` over the bits of `mask` and the `children`."""

    op: int
    """`ALL`, `ANY` or `COUNT`."""
    mask: int
    """Bits of the literals that stand directly here."""
    children: tuple[Node, ...]
    """Nodes that stand here."""
    needed: int
    """For `COUNT`: how many must hold."""


class Row(NamedTuple):
    """A compiled commitment at one gate and ask."""

    trigger: Node
    require: Node
    statuses: int
    """Bits of `blocked` for the thresholds that the trigger names."""
    level: EffectLevel
    """What the row does when it is not satisfied."""
    source: Commitment
    owes: bool
    """Whether the row has obligations when satisfied."""
    softened: bool
    """Whether a substitute or a discretion can satisfy the row."""
    name: str
    """Id of the commitment."""
    owed: tuple[str, ...]
    """What is owed while the row is not satisfied."""


class Step(NamedTuple):
    """A row as the evaluator walks it: a plain conjunction is settled by its mask alone."""

    trigger: int
    """Literals of the trigger that must all hold."""
    more: Node | None
    """The trigger, where it is not a plain conjunction."""
    require: int
    """Literals of the requirement, where it is a plain conjunction; else -1, which never holds."""
    statuses: int
    level: EffectLevel
    satisfied: EffectLevel
    """What the row does when it is satisfied, without a look at what softens it."""
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A situation as bits."""

    trigger: int
    """Literals that hold where they stand as triggers."""
    require: int
    """Literals that hold where they stand as requirements."""
    blocked: int
    """Thresholds that no safeguard satisfies, one bit each in declared order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A policy, ready to evaluate."""

    policy: Policy
    literals: tuple[Literal, ...]
    """By bit."""
    rows: Mapping[tuple[Gate, Ask], tuple[Row, ...]]
    """Binding rows per gate and ask, in declared order."""
    steps: Mapping[tuple[Gate, Ask], tuple[Step, ...]]
    """The same rows, as the evaluator walks them."""
    advice: Mapping[tuple[Gate, Ask], tuple[Row, ...]]
    """Rows that do not bind."""
    encoding: Encoding
    """How each variable is written as bits."""
    ladder: Mapping[str, tuple[str, ...]]
    """Per threshold: every rung below it."""
    softening: int
    """Bits of substitutes and discretions."""
    literal_bits: Mapping[Literal, int]
    """The bit of each literal."""

    def encode(self, situation: Situation) -> Encoded:
        """Write a situation as bits."""
        statuses = decided_statuses(self.policy, self.ladder, situation.statuses)
        trigger, require = self.encoding.bits(situation, statuses)
        blocked = 0
        # `statuses` has the order of the thresholds.
        for place, status in enumerate(statuses.values()):
            if status.level is Level.UNASSESSED:
                blocked |= 1 << place
        return Encoded(trigger=trigger, require=require, blocked=blocked)


def compile_policy(policy: Policy) -> Program:
    """Write a policy as a program. Pure; the cost is paid once per policy."""
    compiler = _Compiler(policy)
    rows: dict[tuple[Gate, Ask], list[Row]] = {}
    advice: dict[tuple[Gate, Ask], list[Row]] = {}
    for commitment in policy.commitments:
        table = rows if commitment.binds else advice
        # Its conditions are the same at every gate, so they are compiled once.
        row = compiler.row(commitment)
        for gate in commitment.at:
            for ask in commitment.asks:
                level = effect_level(commitment.otherwise, gate, ask)
                there = row if level is row.level else row._replace(level=level)
                table.setdefault((gate, ask), []).append(there)
    return Program(
        policy=policy,
        literals=tuple(compiler.bits),
        rows={key: tuple(value) for key, value in rows.items()},
        steps={key: tuple(map(_step, value)) for key, value in rows.items()},
        advice={key: tuple(value) for key, value in advice.items()},
        encoding=encoding_of(policy, compiler.bits),
        ladder=rungs_below(policy),
        softening=sum(1 << bit for literal, bit in compiler.bits.items() if _softens(literal)),
        literal_bits=compiler.bits,
    )


def every_row(program: Program) -> Program:
    """Return the program in which every row decides, advice too, over the same bits."""
    declared = {row.id: place for place, row in enumerate(program.policy.commitments)}
    rows = {
        at: tuple(
            sorted(
                (*program.rows.get(at, ()), *program.advice.get(at, ())),
                key=lambda row: declared[row.name],
            )
        )
        for at in dict.fromkeys((*program.rows, *program.advice))
    }
    steps = {at: tuple(map(_step, found)) for at, found in rows.items()}
    return replace(program, rows=rows, steps=steps, advice={})


def _step(row: Row) -> Step:
    plain_trigger = row.trigger.op == ALL and not row.trigger.children
    plain_require = row.require.op == ALL and not row.require.children and not row.softened
    return Step(
        row.trigger.mask if plain_trigger else 0,
        None if plain_trigger else row.trigger,
        row.require.mask if plain_require else -1,
        row.statuses,
        row.level,
        EffectLevel.ALLOW_WITH if row.owes else EffectLevel.ALLOW,
        row,
    )


def compile_condition(policy: Policy, condition: Condition) -> tuple[Node, Program]:
    """Write one condition by itself, with a program that encodes just its variables."""
    compiler = _Compiler(policy)
    node = compiler.node(condition, positive=True)
    program = Program(
        policy=policy,
        literals=tuple(compiler.bits),
        rows={},
        steps={},
        advice={},
        encoding=encoding_of(policy, compiler.bits),
        ladder=rungs_below(policy),
        softening=0,
        literal_bits=compiler.bits,
    )
    return node, program


def nodes_in(program: Program, conditions: Iterable[Condition]) -> tuple[Node, ...] | None:
    """Write parts of a program's own conditions over the program's bits.

    Returns None where a condition compares what the program never does: it has no bit for it.
    """
    compiler = _Compiler(program.policy)
    compiler.bits = dict(program.literal_bits)
    nodes = tuple(compiler.node(condition, positive=True) for condition in conditions)
    return nodes if len(compiler.bits) == len(program.literal_bits) else None


def written_out(policy: Policy, atom: Atom) -> tuple[Condition, ...]:
    """Return what an atom stands for: the members of a standard that must be met, or nothing."""
    if atom.word != "met":
        return ()
    standard = next(item for item in policy.standards if item.id == atom.name)
    return tuple(
        Atom(word="safeguard", name=name, relation="at_least", constant="live_and_sufficient")
        for name in standard.members
    )


class _Compiler:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.bits: dict[Literal, int] = {}
        self.places = {threshold.id: place for place, threshold in enumerate(policy.thresholds)}
        self.standards = {standard.id: standard for standard in policy.standards}
        self.softeners: dict[str, list[str]] = {}
        for discretion in policy.discretions:
            for name in discretion.releases:
                self.softeners.setdefault(name, []).append(discretion.id)

    def row(self, commitment: Commitment) -> Row:
        """Compile a commitment, with the effect that it names."""
        trigger = self.node(commitment.if_, positive=True)
        require = self.node(commitment.require, positive=True)
        softeners = self.softeners.get(commitment.id, [])
        if softeners:
            bits = sum(
                1 << self._bit(Literal(Kind.DISCRETION, name, "in", frozenset({True})))
                for name in softeners
            )
            require = Node(ANY, bits, (require,), 0)
        statuses = 0
        for literal in self._mentioned(trigger):
            if literal.kind is Kind.STATUS:
                statuses |= 1 << self.places[literal.name]
        soft = any(_softens(literal) for literal in self._mentioned(require))
        level = commitment.otherwise.level
        owes = bool(commitment.obligations or commitment.before)
        said = (commitment.id, commitment.otherwise.obligations)
        return Row(trigger, require, statuses, level, commitment, owes, soft, *said)

    def _mentioned(self, node: Node) -> Iterator[Literal]:
        by_bit = list(self.bits)
        stack = [node]
        while stack:
            current = stack.pop()
            stack.extend(current.children)
            for bit in bits_of(current.mask):
                yield by_bit[bit]

    def node(self, condition: Condition, *, positive: bool) -> Node:
        match condition:
            case Atom():
                return self._atom(condition, positive=positive)
            case Not(part):
                return self.node(part, positive=not positive)
            case All(parts):
                return self._join(ALL if positive else ANY, parts, 0, positive=positive)
            case AnyOf(parts):
                return self._join(ANY if positive else ALL, parts, 0, positive=positive)
            case AtLeast(count, parts):
                needed = count if positive else len(parts) - count + 1
                return self._join(COUNT, parts, needed, positive=positive)

    def _join(self, op: int, parts: Sequence[Condition], count: int, *, positive: bool) -> Node:
        mask = 0
        children: list[Node] = []
        for part in parts:
            child = self.node(part, positive=positive)
            single = child.op == ALL and not child.children and child.mask.bit_count() == 1
            whole = child.op == op and op != COUNT
            if whole:
                mask |= child.mask
                children.extend(child.children)
            elif single and not (op == COUNT and child.mask & mask):
                mask |= child.mask
            else:
                children.append(child)
        return Node(op, mask, tuple(children), count)

    def _atom(self, atom: Atom, *, positive: bool) -> Node:
        if atom.word == "met":
            return self._met(atom.name, positive=positive)
        if atom.word == "specified" and not self.standards[atom.name].unspecified:
            return Node(ALL if positive else ANY, 0, (), 0)
        literal = literal_of(atom, self.policy, positive=positive)
        return Node(ALL, 1 << self._bit(literal), (), 0)

    def _met(self, name: str, *, positive: bool) -> Node:
        standard = self.standards[name]
        accepted = frozenset({positive})
        if standard.unspecified:
            literals = [
                Literal(Kind.SPECIFIED, name, "in", accepted),
                Literal(Kind.SPECIFIED, f"{name}{MEMBERS}", "in", accepted),
            ]
        else:
            atoms = [
                Atom(
                    word="safeguard",
                    name=member,
                    relation="at_least",
                    constant="live_and_sufficient",
                )
                for member in standard.members
            ]
            literals = [literal_of(atom, self.policy, positive=positive) for atom in atoms]
        mask = 0
        for literal in literals:
            mask |= 1 << self._bit(literal)
        return Node(ALL if positive else ANY, mask, (), 0)

    def _bit(self, literal: Literal) -> int:
        return self.bits.setdefault(literal, len(self.bits))


def _softens(literal: Literal) -> bool:
    """Say whether the literal is a way round the requirement; the absence of one is not."""
    return literal.kind in (Kind.SUBSTITUTE, Kind.DISCRETION) and literal.constant == {True}


def effect_level(effect: Effect, gate: Gate, ask: Ask) -> EffectLevel:
    """Return the level of an effect at a gate: nothing can be withdrawn that never began."""
    level = effect.level
    if level is EffectLevel.WITHDRAW and (ask is Ask.START or gate is Gate.OPEN_WEIGHTS):
        return EffectLevel.HOLD
    return level
