"""JSON Schemas of policy and indicator-set documents, for editors and other programs.

The shape comes from the models; conditions are described in full, recursively. An editor's schema
accepts a little more than `parse`: it knows no references.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scalegate.policy.conditions import ATOM_WORDS, MAX_PARTS
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.policy.vocabulary import DocumentAspect, Flag, Level, SafeguardState

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def policy_schema(descriptions: Mapping[str, Mapping[str, str]] | None = None) -> Schema:
    """Return the JSON Schema of a policy document.

    Args:
        descriptions: per class of `document` and field, the text an editor shows.
    """
    return finished(Policy.model_json_schema(by_alias=True), "policy", descriptions or {})


def indicators_schema(descriptions: Mapping[str, Mapping[str, str]] | None = None) -> Schema:
    """Return the JSON Schema of an indicator set; `descriptions` as for `policy_schema`."""
    schema = IndicatorSet.model_json_schema(by_alias=True)
    return finished(schema, "indicators", descriptions or {})


def finished(schema: Schema, name: str, texts: Mapping[str, Mapping[str, str]]) -> Schema:
    """Return a schema of a model with its texts, its conditions in full, and its name.

    Args:
        schema: as the model gives it.
        name: of the document, in the address of the schema.
        texts: per class and field, the text an editor shows.
    """
    definitions: dict[str, Schema] = schema.get("$defs", {})
    for title, part in (*definitions.items(), (schema["title"], schema)):
        for field, shape in part.get("properties", {}).items():
            text = texts.get(title, {}).get(field)
            if text:
                shape["description"] = text
    schema = _with_references(schema)
    if any(part == "Condition" for part in _references(schema)):
        schema["$defs"] |= condition_definitions()
    return {"$schema": DIALECT, "$id": f"urn:scalegate:schema:{name}:1", **schema}


def _with_references(value: Any) -> Any:
    """Replace each placeholder of a condition by a reference to its definition."""
    if isinstance(value, list):
        return [_with_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("title") == "Condition" and "type" in value:
        kept = {key: value[key] for key in ("description", "default") if key in value}
        return {"$ref": "#/$defs/Condition", **kept}
    return {key: _with_references(item) for key, item in value.items()}


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"].rsplit("/", 1)[1]] if isinstance(value.get("$ref"), str) else []
    return own + [found for item in value.values() for found in _references(item)]


def condition_definitions() -> dict[str, Schema]:
    """Return the definitions of a condition and its atoms."""
    condition = {"$ref": "#/$defs/Condition"}
    parts = {"type": "array", "items": condition, "minItems": 1, "maxItems": MAX_PARTS}
    count = {"type": "integer", "minimum": 1}
    forms: list[Schema] = [
        {"const": "always", "description": "Holds in every situation."},
        _form({"all": parts}, "Every part holds."),
        _form({"any": parts}, "At least one part holds."),
        _form({"not": condition}, "The part does not hold."),
        _form({"at_least": count, "of": parts}, "At least this many of the parts hold."),
    ]
    atoms = _atoms()
    assert set(atoms) == set(ATOM_WORDS)
    forms += [atoms[word] for word in ATOM_WORDS]
    return {
        "Condition": {
            "description": "A condition over the variables of the policy.",
            "anyOf": forms,
        }
    }


def _form(properties: Schema, text: str) -> Schema:
    return {
        "type": "object",
        "description": text,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _compared(word: str, constant: Schema, text: str) -> Schema:
    relations = ("at_least", "at_most", "above", "below", "is")
    return {
        "type": "object",
        "description": text,
        "properties": {word: _ID, **dict.fromkeys(relations, constant)},
        "required": [word],
        "additionalProperties": False,
        "maxProperties": 2,
    }


_ID: Schema = {"type": "string", "minLength": 1}


def _atoms() -> dict[str, Schema]:
    levels = {"enum": [level.word for level in Level if level is not Level.UNASSESSED]}
    states = {"enum": [state.word for state in SafeguardState]}
    aspects = {"enum": [aspect.value for aspect in DocumentAspect]}
    flags = {"enum": [flag.value for flag in Flag]}
    constants = {"type": ["number", "string", "boolean"]}
    status = _compared("status", levels, "The level of a threshold's status.")
    status["minProperties"] = 2
    return {
        "status": status,
        "flag": _form({"flag": flags, "of_threshold": _ID}, "A threshold carries a flag."),
        "safeguard": _compared(
            "safeguard", states, "The state of a safeguard; by itself, live and sufficient."
        ),
        "met": _form({"met": _ID}, "A standard is specified and each safeguard of it is live."),
        "specified": _form({"specified": _ID}, "It is known what a standard consists of."),
        "substitute": _form({"substitute": _ID}, "A substitute is accepted and unexpired."),
        "act": _form({"act": _ID}, "A question is answered with yes, in force."),
        "document": _form({"document": _ID, "is": aspects}, "What is true of a document."),
        "fact": _compared("fact", constants, "A named fact against a constant; by itself, true."),
        "reading": _form({"reading": _ID, "is": _ID}, "An ambiguous clause means this option."),
    }
