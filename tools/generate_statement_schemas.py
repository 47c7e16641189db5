"""Write the JSON Schemas of signed statements and their reference page, from the models.

python tools/generate_statement_schemas.py          write them
python tools/generate_statement_schemas.py --check   fail if a file would change
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scalegate.app.record.predicates import SAID, schema_of

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGE = REFERENCE / "statements.md"
SCHEMAS = REFERENCE / "schemas" / "statements"
HEAD = """\
<!-- Written by tools/generate_statement_schemas.py. Change the models instead. -->

# Signed statements

What can stand in a record: [in-toto](https://in-toto.io/Statement/v1) statements in RFC 8785 form,
in DSSE envelopes. Each predicate has a type URI with its version, and a JSON Schema of the whole
statement; the tests hold real statements against it.

1. A field that is not listed is kept and ignored, and ignoring one never opens a gate.
2. There are no numbers: a number is decimal text.
3. The payload is its own canonical form, no key stands twice, and every subject has a SHA-256.
4. A change that would refuse an old statement is a new version of the predicate.

`scalegate record KIND FILE` writes those that a lab states, `keys rotate` the trust document,
`plan commit` plans, `decide` decisions, `permit issue` permits, `disclose` disclosures. Who may
sign which, the trust document says (`keys list`). How to: [keep a
record](../how-to/keep-a-record.md).

Behind a decision that opens its gate stands a [SLSA verification
summary](https://slsa.dev/spec/v1.1/verification_summary), in the form that SLSA gives it. Who may
sign `gate-decision` may sign it. No other type that is not ours can be in a log.
"""


def page() -> str:
    """Return the reference page."""
    lines = [HEAD]
    parts: dict[str, Any] = {}
    for kind in SAID:
        schema = schema_of(kind)
        said = schema["properties"]["predicate"]
        lines += [f"## {kind}", "", said["description"].split("\n\n")[0], ""]
        lines += [f"Type `{kind.uri}`; [JSON Schema](schemas/statements/{kind}-v1.json).", ""]
        lines += [*table(said), ""]
        parts |= schema["$defs"]
    lines += ["## Parts", ""]
    for name in sorted(parts):
        if "properties" in parts[name]:
            lines += [f"### {name}", "", parts[name]["description"], "", *table(parts[name]), ""]
    return "\n".join(lines).rstrip() + "\n"


def table(schema: dict[str, Any]) -> list[str]:
    """Return the table of an object's fields."""
    rows = ["| field | | what it is | form |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        needed = "required" if name in schema.get("required", ()) else ""
        text = " ".join(field.get("description", "").split())
        rows.append(f"| `{name}` | {needed} | {text} | {form(field)} |")
    return rows


def form(field: dict[str, Any]) -> str:
    """Say in a few words what a schema accepts."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(form(each) for each in field["anyOf"] if each.get("type") != "null")
    if "const" in field or "enum" in field:
        return ", ".join(f"`{each}`" for each in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"list of {form(field.get('items', {}))}"
    words = {"string": "text", "boolean": "true or false"}
    kind = str(field.get("type", "any"))
    return words.get(kind, kind)


def wanted() -> dict[Path, str]:
    """Return every file, by path."""
    schemas = {
        SCHEMAS / f"{kind}-v1.json": json.dumps(schema_of(kind), indent=2, ensure_ascii=False)
        + "\n"
        for kind in SAID
    }
    return {PAGE: page(), **schemas}


def main(words: list[str]) -> int:
    """Run; return the exit code."""
    stale = [
        path
        for path, text in wanted().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in words:
        for path in stale:
            print(f"out of date: {path.relative_to(REFERENCE)}", file=sys.stderr)
        return 1 if stale else 0
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(wanted()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
