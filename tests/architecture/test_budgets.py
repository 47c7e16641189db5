"""Functions and files stay small enough to read at once; names say what things are.

Budgets (pure rooms / doors): function 40 / 60 code lines, 8 / 10 branches, nesting 3, positional
parameters 4, file 600 / 800 lines. A breach with a reason and an end stands in
docs/adr/violations.md; an entry there that is no longer needed fails too.

Code lines are lines with code between `def` and the end, without docstring, comments and blanks.
A branch is an `if`, `elif`, loop, `except`, `case`, conditional expression or comprehension `if`.
An inner function has budgets of its own and counts for its lines only.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.source_tree import ROOT, SourceFile, package_files

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)
BLANK = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
VAGUE_MODULES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager"}
VAGUE_VERB = re.compile(r"_*(get|process|handle|do|manage)_")
ENTRY = re.compile(r"^\| `(?P<where>[^`]+)` \| (?P<budget>[a-z ]+) \|")


def budget(file: SourceFile, *, pure: int, door: int) -> int:
    return pure if file.is_pure else door


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                continue  # an expression holds no function with a name
            if isinstance(child, Function):
                yield prefix + child.name, child
            below = f"{prefix}{child.name}." if isinstance(child, Scope) else prefix
            yield from walk(child, below)

    return walk(tree, "")


def code_lines(file: SourceFile) -> set[int]:
    """Return the numbers of the lines that hold code, docstrings left out."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
        if token.type not in BLANK:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(file.tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                lines.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Scope):
            waiting.extend(ast.iter_child_nodes(node))


def branches(function: Function) -> int:
    return sum(
        len(node.ifs) if isinstance(node, ast.comprehension) else isinstance(node, BRANCHES)
        for node in own_nodes(function)
    )


def nesting(node: ast.AST, *, is_elif: bool = False) -> int:
    """Return how deep blocks stand in each other below a node; `elif` adds no depth."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, Scope | ast.expr) or not isinstance(child, ast.AST):
                continue  # no block stands in an expression
            chained = (
                isinstance(node, ast.If)
                and name == "orelse"
                and len(children) == 1
                and isinstance(child, ast.If)
            )
            deepest = max(deepest, nesting(child, is_elif=chained))
    return deepest + (isinstance(node, BLOCKS) and not is_elif)


def positional(function: Function) -> int:
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in ("self", "cls")])


def breaches() -> Iterator[tuple[str, str, int, int]]:
    """Yield where, which budget, measured, allowed."""
    for file in package_files():
        yield file.name, "file lines", file.text.count("\n"), budget(file, pure=600, door=800)
        lines = code_lines(file)
        for name, function in functions(file.tree):
            where = f"{file.name}:{name}"
            spanned = lines.intersection(range(function.lineno, (function.end_lineno or 0) + 1))
            depth = max((nesting(statement) for statement in function.body), default=0)
            yield where, "code lines", len(spanned), budget(file, pure=40, door=60)
            yield where, "branches", branches(function), budget(file, pure=8, door=10)
            yield where, "nesting", depth, 3
            yield where, "positional parameters", positional(function), 4


def agreed() -> set[tuple[str, str]]:
    text = (ROOT / "docs" / "adr" / "violations.md").read_text(encoding="utf-8")
    found = (ENTRY.match(line) for line in text.splitlines())
    return {(entry["where"], entry["budget"].strip()) for entry in found if entry}


def test_every_breach_of_a_budget_is_agreed_on_and_no_agreement_is_needless() -> None:
    known, needed, faults = agreed(), set(), ["over budget"]
    for where, kind, measured, allowed in breaches():
        if measured > allowed:
            needed.add((where, kind))
            faults.append(f"{where}: {measured} {kind}, at most {allowed}")
    assert needed <= known, "\n".join(faults)
    assert known <= needed, f"remove from violations.md: {sorted(known - needed)}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [file.name for file in package_files() if file.path.stem in VAGUE_MODULES]
    assert not vague


def test_no_function_has_a_verb_that_says_nothing() -> None:
    vague = [
        f"{file.name}:{name}"
        for file in package_files()
        for name, _ in functions(file.tree)
        if VAGUE_VERB.match(name.rpartition(".")[2])
    ]
    assert not vague


def test_the_measures_count_what_they_say() -> None:
    text = (
        "def f(a, b, *, c):\n"
        '    """Text\n    over lines."""\n'
        "    # a comment\n"
        "\n"
        "    if a:\n"
        "        for x in b:\n"
        "            if x: return 1\n"
        "    elif c:\n"
        "        return [y for y in b if y]\n"
        "    return 2 if b else 3\n"
    )
    file = SourceFile(path=ROOT, module="m", room="base", text=text, tree=ast.parse(text))
    ((name, function),) = functions(file.tree)
    assert name == "f"
    assert len(code_lines(file)) == 7
    assert branches(function) == 6
    assert max(nesting(statement) for statement in function.body) == 3
    assert positional(function) == 2
