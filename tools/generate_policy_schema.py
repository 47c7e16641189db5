"""Write the JSON Schemas and the reference pages of the policy language and of bridges.

Run without arguments to write them; with `--check` it writes nothing and fails where a file would
change. The texts of fields are the docstrings beneath them in the source.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scalegate.adapters.field_texts import field_texts
from scalegate.compare.bridge_text import bridge_schema
from scalegate.policy.codes import CODES, explain
from scalegate.policy.schema import indicators_schema, policy_schema

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
MARK = "<!-- Everything below is written by tools/generate_policy_schema.py -->"

Texts = Mapping[str, Mapping[str, str]]


def tables(texts: Texts) -> str:
    """Return one table per part of a document, in the order of the schema."""
    policy, indicators = policy_schema(texts), indicators_schema(texts)
    lines = [MARK, "", "## Every field", ""]
    lines += _table("Policy", policy)
    lines += _table("IndicatorSet", indicators)
    definitions = {**policy["$defs"], **indicators["$defs"]}
    for name in sorted(definitions):
        if "properties" in definitions[name]:
            lines += _table(name, definitions[name])
    return "\n".join(lines).rstrip() + "\n"


def bridge_tables(texts: Texts) -> str:
    """Return one table per part of a bridge."""
    schema = bridge_schema(texts)
    lines = [MARK, "", "## Every field", "", *_table("Bridge", schema)]
    for name in ("Entry", "Rival", "Cite"):
        lines += _table(name, schema["$defs"][name])
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str, shape: Mapping[str, Any]) -> list[str]:
    required = set(shape.get("required", ()))
    lines = [f"### {name}", "", " ".join(shape.get("description", "").split()), ""]
    lines += ["| field | value | meaning |", "|---|---|---|"]
    for field, part in shape["properties"].items():
        needed = "" if field in required else ", optional"
        text = part.get("description", "").replace("|", "\\|")
        lines.append(f"| `{field}` | {_kind(part)}{needed} | {text} |")
    return [*lines, ""]


def _kind(part: Mapping[str, Any]) -> str:
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[1]
        if name == "Condition":
            return "[condition](#conditions)"
        return f"[{name}](#{name.lower()})" if name not in _WORDS else _words(_WORDS[name])
    if "const" in part or "enum" in part:
        return _words(part.get("enum") or [part["const"]])
    if "anyOf" in part:
        kinds = dict.fromkeys(_kind(item) for item in part["anyOf"] if item != {"type": "null"})
        return "number" if set(kinds) == {"number", "text"} else " or ".join(kinds)
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    if part.get("type") == "object":
        return f"mapping of {_kind(part.get('additionalProperties', {}))}"
    return {"string": "text", "integer": "whole number"}.get(
        str(part.get("type")), str(part.get("type"))
    )


def _words(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


_WORDS: dict[str, list[str]] = {
    name: part["enum"]
    for schema in (policy_schema(), indicators_schema(), bridge_schema())
    for name, part in schema["$defs"].items()
    if "enum" in part
}


def codes_page() -> str:
    """Return the page of every code of `lint`."""
    lines = [
        "# Lint codes",
        "",
        (
            "`scalegate lint FILE` reports what was probably not meant; `scalegate explain CODE`"
            " prints the text below."
        ),
        (
            "A code keeps its number and its meaning. The page is written by"
            " `tools/generate_policy_schema.py`."
        ),
        "",
        "| code | severity | finding |",
        "|---|---|---|",
    ]
    lines += [
        f"| [{c.code}](#{c.code.lower()}) | {c.severity.value} | {c.title} |"
        for c in CODES.values()
    ]
    for code in CODES.values():
        body = explain(code.code).split("\n\n", 1)[1].rstrip()
        lines += ["", f"## {code.code}", "", f"**{code.severity.value}: {code.title}**", "", body]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return every file with the text it should have."""
    texts = field_texts()
    language = REFERENCE / "policy-language.md"
    bridges = REFERENCE / "bridges.md"
    heads = {
        page: page.read_text(encoding="utf-8").split(MARK)[0] if page.exists() else ""
        for page in (language, bridges)
    }
    schemas = REFERENCE / "schemas"
    return {
        schemas / "policy.schema.json": json.dumps(policy_schema(texts), indent=2) + "\n",
        schemas / "indicators.schema.json": json.dumps(indicators_schema(texts), indent=2) + "\n",
        schemas / "bridge.schema.json": json.dumps(bridge_schema(texts), indent=2) + "\n",
        language: heads[language] + tables(texts),
        bridges: heads[bridges] + bridge_tables(texts),
        REFERENCE / "lint-codes.md": codes_page(),
    }


def main() -> int:
    """Write the files, or with `--check` name those that would change."""
    check = sys.argv[1:] == ["--check"]
    changed = []
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for name in changed:
        print(("would change: " if check else "wrote: ") + name)
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
