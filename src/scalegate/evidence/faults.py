"""Turn what a model refused into faults with file, line, expected and got."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import DocumentPath, YamlDocument

_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "is_instance_of": "a number",
    "decimal_type": "a number",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}


def faults_of(
    error: ValidationError,
    document: YamlDocument,
    *,
    model: type[BaseModel],
    below: DocumentPath = (),
) -> list[FormatError]:
    """Return every fault of a refused model, each at its line.

    Args:
        error: what pydantic raised.
        document: the document that was validated, for lines and values.
        model: the model that refused it, for the names it knows.
        below: path of the validated part inside the document.
    """
    found: list[FormatError] = []
    for entry in error.errors(include_url=False):
        path = (*below, *entry["loc"])
        context = entry.get("ctx") or {}
        if entry["type"] == "scalegate_faults":
            found.extend(_own(context["faults"], path, document))
        else:
            found.append(_translated(entry, path, document, _names_at(model, entry["loc"])))
    return found


def _own(
    faults: Sequence[Any], path: DocumentPath, document: YamlDocument
) -> Iterator[FormatError]:
    for fault in faults:
        yield document.fault(
            fault.what,
            (*path, *fault.path),
            expected=fault.expected,
            got=fault.got,
            hint=fault.hint,
        )


def _translated(
    entry: Mapping[str, Any], path: DocumentPath, document: YamlDocument, names: Sequence[str]
) -> FormatError:
    kind = entry["type"]
    if kind == "missing":
        return document.fault("field missing", path, expected=f"`{path[-1]}`")
    if kind == "extra_forbidden":
        return _unknown_field(path, document, names)
    context = entry.get("ctx") or {}
    expected = _expected(kind, context, str(entry["msg"]))
    got = _shown(document.value, path)
    hint = "quote it to make it text" if kind == "string_type" and _is_number(got) else ""
    return document.fault(_what(kind), path, expected=expected, got=got, hint=hint)


def _unknown_field(path: DocumentPath, document: YamlDocument, names: Sequence[str]) -> FormatError:
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    got = f"`{plain(path[-1], limit=60)}`"
    if close:
        return document.fault("unknown field", path, expected=f"perhaps `{close[0]}`", got=got)
    known = ", ".join(f"`{name}`" for name in names)
    return document.fault("unknown field", path, expected=f"one of {known}", got=got)


def _what(kind: str) -> str:
    if kind.endswith("_type") or kind in ("is_instance_of", "measured"):
        return "value of the wrong type"
    if kind in ("string_pattern_mismatch", "literal_error", "enum"):
        return "value not accepted"
    return "value out of range"


_BOUNDS: Mapping[str, str] = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "min_length": "at least this long:",
    "max_length": "at most this long:",
}


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind == "string_pattern_mismatch":
        return f"text of the form `{context['pattern']}`"
    for key in ("expected", *_BOUNDS):
        if key in context:
            return f"{_BOUNDS.get(key, '')} {context[key]}".strip().replace("'", "`")
    return message[:1].lower() + message[1:]


def _shown(value: Any, path: DocumentPath) -> str:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return ""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool) or value is None:
        return {True: "`true`", False: "`false`", None: "`null`"}[value]
    return f"`{plain(value, limit=60)}`"


def _is_number(got: str) -> bool:
    return got.strip("`-").replace(".", "", 1).isdigit()


def _names_at(model: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """Field names of the model inside which the last step of a path stands."""
    current: type[BaseModel] | None = model
    for step in path[:-1]:
        if current is None or isinstance(step, int):
            continue
        field = current.model_fields.get(step)
        current = model_in(field.annotation) if field is not None else None
    if current is None:
        return ()
    return tuple(field.alias or name for name, field in current.model_fields.items())


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model inside an annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = model_in(part)
        if found is not None:
            return found
    return None
