"""Write the reference of evidence documents and their JSON Schemas, from the models.

    python tools/generate_document_reference.py          write docs/reference
    python tools/generate_document_reference.py --check   fail if anything there is out of date

What a field means is its docstring line in `src/scalegate/evidence`; the examples are the files in
`docs/reference/examples`. Nothing on the page is typed by hand.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scalegate.evidence.case import CaseFile
from scalegate.evidence.documents.envelope import Envelope
from scalegate.evidence.documents.kinds import PAYLOADS, SUBJECTS
from scalegate.evidence.faults import model_in

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
PAGE = REFERENCE / "documents.md"
SCHEMAS = REFERENCE / "schemas"
EXAMPLES = REFERENCE / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

HEAD = """\
<!-- Written by tools/generate_document_reference.py. Change the models or the examples instead. -->

# Evidence documents

Everything that Scalegate knows, apart from evaluation logs, stands in documents of one format: YAML
or JSON with an envelope and a payload. `scalegate evidence import` reads them. Each kind has a
JSON Schema in [schemas](schemas) for editors and a full example in [examples](examples).

Rules that hold for all of them:

1. `schema: scalegate/<kind>@1` comes first; a field that the kind does not have is refused. All
   faults of a document are shown at once, with file, line, what was expected and what was found.
2. Numbers are exact and finite, and name their unit. A proportion is written from 0 to 1; 83 is not
   83 %. How many decimals were printed is kept.
3. An instant has a zone (`2025-05-22T16:00:00Z`); a date alone is the first instant of that day in
   UTC. `true_from` says from when something was so, `known_from` from when it was known.
4. The source is required, and says how it was read. What is `synthetic` is made up, for tests and
   demonstrations.
5. A later version of a document keeps its `id` and has a later `known_from`; it supersedes the
   earlier one from then on. Two contents of one `id` and one `known_from` are a fault.
6. YAML is read as a safe subset: no anchors, aliases, tags, merge keys or second documents, each
   key once, `true` and `false` and `null` spelled so; `yes`, `no`, `on`, `off` must be quoted.
7. What is not printed is left out. An absent number is unknown; it is never zero.
"""


def described(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring line beneath each field of a model."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for statement, below in pairwise(body):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    for base in model.__mro__[1:]:
        if issubclass(base, BaseModel) and base.model_fields:
            found = {**described(base), **found}
            break
    return found


def parts_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model and every model inside it, in the order they appear."""
    found = [model]
    for part in found:
        for field in part.model_fields.values():
            inner = model_in(field.annotation)
            if inner is not None and inner not in found:
                found.append(inner)
    return found


def described_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model, with the docstring lines as descriptions."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    for part in parts_of(model):
        target = schema if part is model else schema.get("$defs", {}).get(part.__name__, {})
        for name, text in described(part).items():
            shown = part.model_fields[name].alias or name
            target.get("properties", {}).get(shown, {})["description"] = text
    return schema


def document_schema(kind: str, payload: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of one kind of document: envelope and payload together."""
    schema = described_schema(Envelope)
    inner = described_schema(payload)
    definitions = {**schema.pop("$defs", {}), **inner.pop("$defs", {})}
    definitions[payload.__name__] = inner
    properties = schema["properties"]
    properties["schema"] = {
        "const": f"scalegate/{kind}@1",
        "description": "Kind and version of the document.",
    }
    properties["payload"] = {"$ref": f"#/$defs/{payload.__name__}"}
    return {
        "$schema": DIALECT,
        "title": f"scalegate/{kind}@1",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    } | {"title": f"scalegate/{kind}@1"}


def shape(schema: dict[str, Any]) -> str:
    """Say in a few words what a JSON Schema accepts."""
    if "$ref" in schema:
        return (
            f"[{schema['$ref'].rsplit('/', 1)[-1]}](#{schema['$ref'].rsplit('/', 1)[-1].lower()})"
        )
    if "anyOf" in schema:
        return " or ".join(shape(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        return "list of " + shape(schema.get("items", {}))
    kinds = schema.get("type", "any")
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    names = [words.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(names) + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    found = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    return f" ({', '.join(found)})" if found else ""


def table(model: type[BaseModel]) -> list[str]:
    """Return the table of a model's fields."""
    properties = described_schema(model)["properties"]
    rows = ["| field | | what it is | form |", "|---|---|---|---|"]
    texts = described(model)
    for name, field in model.model_fields.items():
        shown = field.alias or name
        form = shape(properties[shown])
        rows.append(f"| `{shown}` | {_need(field)} | {texts.get(name, '')} | {form} |")
    return rows


def _need(field: FieldInfo) -> str:
    return "required" if field.is_required() else ""


def page() -> str:
    """Return the whole reference page."""
    lines = [HEAD, "## Envelope", "", *table(Envelope), ""]
    shared = set(parts_of(Envelope))
    lines += ["### Source", "", *table(next(p for p in shared if p.__name__ == "Source")), ""]
    order: list[type[BaseModel]] = []
    for kind, payload in PAYLOADS.items():
        lines += [f"## {kind.value}", "", *_about(kind.value, payload)]
        allowed = SUBJECTS.get(kind)
        if allowed:
            names = ", ".join(f"`{name}:...`" for name in sorted(allowed))
            lines += [f"Subject: {names}.", ""]
        lines += [*table(payload), "", *_example(kind.value)]
        order += [part for part in parts_of(payload)[1:] if part not in order]
    lines += ["## Case", "", *_about("case", CaseFile), *table(CaseFile), "", *_example("case")]
    order += [part for part in parts_of(CaseFile)[1:] if part not in order and part not in shared]
    lines += ["## Parts", "", "What several kinds, or several fields of one kind, share.", ""]
    for part in sorted(order, key=lambda each: each.__name__):
        lines += [f"### {part.__name__}", "", *_doc(part), *table(part), ""]
    return "\n".join(lines).rstrip() + "\n"


def _doc(model: type[BaseModel]) -> list[str]:
    return [inspect.getdoc(model) or "", ""]


def _about(kind: str, model: type[BaseModel]) -> list[str]:
    return [*_doc(model), f"[JSON Schema](schemas/{kind}.json)", ""]


def _example(kind: str) -> list[str]:
    text = (EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8").rstrip()
    return [f"Example ([file](examples/{kind}.yaml)):", "", "```yaml", text, "```", ""]


def outputs() -> dict[Path, str]:
    """Return every generated file and its text."""
    schemas: dict[str, dict[str, Any]] = {
        kind.value: document_schema(kind.value, payload) for kind, payload in PAYLOADS.items()
    }
    schemas["case"] = {"$schema": DIALECT} | described_schema(CaseFile)
    schemas["case"]["title"] = "scalegate/case@1"
    files = {
        SCHEMAS / f"{name}.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in schemas.items()
    }
    files[PAGE] = page()
    return files


def main() -> int:
    """Write or check; return the exit code."""
    stale = [
        path
        for path, text in outputs().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"out of date: {path.relative_to(ROOT)}")
        return 1 if stale else 0
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")
    print(f"wrote {len(outputs())} files, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
