"""Nothing but `policy.evaluate` evaluates a condition (design, "Walls").

Two readers of one policy that disagree on one condition would make every comparison a guess. So
the classes of condition nodes stay inside `policy`, and inside it only the modules listed here
take conditions apart.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source_tree import PACKAGE, SourceFile, package_files

CONDITIONS = "scalegate.policy.conditions"
NODES = frozenset({"Atom", "All", "AnyOf", "Not", "AtLeast"})
OUTSIDE_MAY_USE = frozenset({"ALWAYS", "Condition", "Constant", "atoms_of", "to_plain"})
"""Types, a constant and two projections for readers: none says whether a condition holds."""
MAY_TAKE_APART = {
    "policy/conditions.py": "reads and writes them",
    "policy/compile.py": "pushes `not` to the atoms and numbers the variables",
    "policy/evaluate.py": "the one evaluator",
    "policy/frontier.py": "minimal hold points, through the compiled form",
    "policy/direction.py": "reads which way each variable pulls",
    "policy/phrase.py": "says them in words, without any situation",
    "policy/reword.py": "says them in another vocabulary, without any situation",
}


def imported_from_conditions(tree: ast.Module) -> set[str]:
    """Return the names a module takes from `policy.conditions`; `*` for the module itself."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == CONDITIONS:
            names.update(each.name for each in node.names)
        if isinstance(node, ast.ImportFrom) and node.module == "scalegate.policy":
            names.update("*" for each in node.names if each.name == "conditions")
        if isinstance(node, ast.Import):
            names.update("*" for each in node.names if each.name == CONDITIONS)
    return names


def takes_apart(tree: ast.Module) -> set[str]:
    """Return the node classes that a module tells apart, by `isinstance` or by `match`."""
    told: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            told.update(_names(node.args[1]))
        if isinstance(node, ast.MatchClass):
            told.update(_names(node.cls))
    return told & NODES


def _names(node: ast.AST) -> set[str]:
    return {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute)
    }


def faults(file: SourceFile) -> list[str]:
    if file.name in MAY_TAKE_APART:
        return []
    taken = imported_from_conditions(file.tree)
    found = [
        f"{file.name} takes a condition apart: {each}" for each in takes_apart(file.tree) if taken
    ]
    if file.room != "policy":
        found += [f"{file.name} imports {each}" for each in taken - OUTSIDE_MAY_USE]
    return found


def test_no_second_evaluator_exists() -> None:
    found = [fault for file in package_files() for fault in faults(file)]
    assert not found, "\n".join(found)


def test_the_listed_modules_exist() -> None:
    missing = [name for name in MAY_TAKE_APART if not (PACKAGE / name).exists()]
    assert not missing


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("gate", "from scalegate.policy.conditions import All"),
        ("gate", "from scalegate.policy import conditions"),
        ("report", "import scalegate.policy.conditions as c"),
        (
            "policy",
            "from scalegate.policy.conditions import Not\nf = lambda x: isinstance(x, (int, Not))",
        ),
        (
            "policy",
            "from scalegate.policy import conditions as c\nmatch f():\n    case c.AnyOf(): pass",
        ),
    ],
)
def test_a_planted_second_evaluator_is_found(room: str, text: str) -> None:
    planted = SourceFile(
        path=PACKAGE / room / "planted.py",
        module=f"scalegate.{room}.planted",
        room=room,
        text=text,
        tree=ast.parse(text),
    )
    assert faults(planted)
