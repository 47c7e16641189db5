"""The same question put to solvers: every minimal situation that one set of rules alone holds.

python-sat and z3 search as one must without knowing more: find a situation, ask for one with less
in it until there is none, rule out all that is at least as bad, go on until nothing is left. clingo
enumerates minimal models by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from benchmarks.diff.world import Atom, Rules, Situation

Clauses = list[list[int]]


class Encoded:
    """Both sets of rules as clauses: the old one holds, the new one does not."""

    def __init__(self, facts: dict[str, int], old: Rules, new: Rules) -> None:
        fresh = count(1)
        self.atoms: dict[Atom, int] = {
            (name, level): next(fresh)
            for name, worst in facts.items()
            for level in range(1, worst + 1)
        }
        self.names = {number: atom for atom, number in self.atoms.items()}
        self.clauses: Clauses = [
            [-number, self.atoms[name, level - 1]]
            for (name, level), number in self.atoms.items()
            if level > 1
        ]
        chosen = []
        for rule in old:
            selector = next(fresh)
            chosen.append(selector)
            self.clauses += [[-selector, self.atoms[atom]] for atom in rule.applies]
            self.clauses.append([-selector, *(self.atoms[atom] for atom in rule.unmet)])
        self.clauses.append(chosen)
        for rule in new:
            applies = [-self.atoms[atom] for atom in rule.applies]
            self.clauses += [[*applies, -self.atoms[atom]] for atom in rule.unmet]
        self.last = next(fresh)

    def situation(self, true: Iterable[int]) -> Situation:
        """Return the highest badness of each fact."""
        worst: dict[str, int] = {}
        for number in true:
            name, level = self.names[number]
            worst[name] = max(level, worst.get(name, 0))
        return frozenset(worst.items())


def by_python_sat(encoded: Encoded) -> set[Situation]:
    """Search with CaDiCaL 1.9.5."""
    from pysat.solvers import Cadical195

    found: set[Situation] = set()
    fresh = count(encoded.last)
    with Cadical195(bootstrap_with=encoded.clauses) as solver:
        while solver.solve():
            true = _true(solver.get_model(), encoded)
            while True:
                less = next(fresh)
                solver.add_clause([-less, *(-each for each in true)])
                others = [-each for each in encoded.names if each not in true]
                if not solver.solve(assumptions=[less, *others]):
                    break
                true = _true(solver.get_model(), encoded)
            found.add(encoded.situation(true))
            solver.add_clause([-each for each in true])
    return found


def _true(model: Sequence[int], encoded: Encoded) -> set[int]:
    return {each for each in model if each in encoded.names}


def by_z3(encoded: Encoded) -> set[Situation]:
    """Search with z3, under assumptions. Its solver for finite domains takes ten times as long."""
    import z3

    said = {}
    for number in range(1, encoded.last):
        said[number] = z3.Bool(str(number))
        said[-number] = z3.Not(said[number])

    def true() -> set[int]:
        model = solver.model()
        held = {int(each.name()) for each in model.decls() if z3.is_true(model[each])}
        return held & encoded.names.keys()

    solver = z3.Solver()
    for clause in encoded.clauses:
        solver.add(z3.Or([said[each] for each in clause]))
    found: set[Situation] = set()
    fresh = count(encoded.last)
    while solver.check() == z3.sat:
        held = true()
        while True:
            less = z3.Bool(str(next(fresh)))
            solver.add(z3.Or([z3.Not(less), *(said[-each] for each in held)]))
            others = [said[-each] for each in encoded.names if each not in held]
            if solver.check(less, *others) != z3.sat:
                break
            held = true()
        found.add(encoded.situation(held))
        solver.add(z3.Or([said[-each] for each in held]))
    return found


def by_clingo(encoded: Encoded) -> set[Situation]:
    """Search with clingo: domain heuristic, minimal models recorded."""
    import clingo

    control = clingo.Control(["--heuristic=Domain", "--enum-mode=domRec", "0"])
    lines = [f"{{v(1..{encoded.last - 1})}}."]
    lines += [
        ":- " + ", ".join(f"not v({each})" if each > 0 else f"v({-each})" for each in clause) + "."
        for clause in encoded.clauses
    ]
    lines += [f"#heuristic v({each}). [1,false]" for each in encoded.names]
    lines += ["#show v/1."]
    control.add("base", [], "\n".join(lines))
    control.ground([("base", [])])
    found: set[Situation] = set()
    with control.solve(yield_=True) as handle:
        for model in handle:
            numbers = {symbol.arguments[0].number for symbol in model.symbols(shown=True)}
            found.add(encoded.situation(numbers & encoded.names.keys()))
    return found
