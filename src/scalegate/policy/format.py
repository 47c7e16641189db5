"""Put a policy document into the canonical order, and leave every word of it as it is.

1. The keys of the document, and of every part that the language knows, stand in the order of the
   language (`document`); unknown keys come last, in their order.
2. One blank line stands before each top-level key whose value goes over lines, and after it; no
   other blank lines stand between keys. Between entries of a list one may stand.
3. Lines are moved whole: comments, quotes, folded text and flow mappings stay as written. A
   comment goes with the key below it; the head of the file stays the head.
4. What comes out says the same as what went in, value by value, and has the same comments; that is
   checked each time. Formatting twice changes nothing more.

Does not check: that the document is a valid policy; `lint` does.
"""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.yaml_text import parse_yaml
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.policy.layout import chunks_of, is_block, items_of, root_of

MODELS: dict[str, type[BaseModel]] = {
    "scalegate/policy@1": Policy,
    "scalegate/indicators@1": IndicatorSet,
}


def format_document(text: str, *, file: str | None = None) -> str:
    """Return a policy or indicator set in the canonical order.

    Raises:
        DocumentFaults: it cannot be read, is JSON, is of another kind, or has text whose blank
            lines at its end count.
    """
    document = parse_yaml(text, file=file)
    value = document.value
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema not in MODELS:
        expected = " or ".join(f"`{name}`" for name in MODELS)
        raise DocumentFaults(
            [document.fault("another kind of document", ("schema",), expected=expected)]
        )
    if text.lstrip()[:1] == "{":
        fault = FormatError("flow style", file=file, line=1, expected="YAML in block style")
        raise DocumentFaults([fault])
    lines = text.rstrip().split("\n")
    root = root_of(text)
    ordered = _document(root, lines, MODELS[str(schema)])
    written = "\n".join(ordered).rstrip() + "\n"
    if parse_yaml(written).value != value or _comments(text) != _comments(written):
        what = "cannot be put in order without changing what it says"
        fault = FormatError(what, file=file, hint="is there text that ends in blank lines (`|+`)?")
        raise DocumentFaults([fault])
    return written


def _comments(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if line.lstrip().startswith("#"))


def _document(root: Any, lines: Sequence[str], model: type[BaseModel]) -> list[str]:
    chunks = chunks_of(root, lines, len(lines))
    if not chunks:
        return list(lines)
    head = list(lines[: chunks[0].begins])
    written: list[str] = []
    was_long = False
    for place in _order([chunk.key for chunk in chunks], model):
        chunk = chunks[place]
        above = _trimmed(lines[chunk.begins : chunk.line])
        body = _value(chunk, lines, _part(model, chunk.key))
        body = body[: len(body) - _blank_end(body)]
        is_long = len(body) > 1
        if written and (is_long or was_long):
            written.append("")
        written += [*above, *body]
        was_long = is_long
    return [*head, *written]


def _value(chunk: Any, lines: Sequence[str], model: type[BaseModel] | None) -> list[str]:
    """Return the line of a key and its value, the parts of the value in order."""
    if model is None or not is_block(chunk.value) or chunk.value.start_mark.line == chunk.line:
        return list(lines[chunk.line : chunk.ends])
    first = chunk.value.start_mark.line
    inner = _node(chunk.value, lines, (first, chunk.ends), model)
    return [*lines[chunk.line : first], *inner]


def _node(
    node: Any, lines: Sequence[str], span: tuple[int, int], model: type[BaseModel]
) -> list[str]:
    begins, ends = span
    items = list(items_of(node, lines, ends))
    if items:
        written = list(lines[begins : items[0][0]])
        for first, stop, item in items:
            written += _item(item, lines, (first, stop), model)
        return written
    chunks = chunks_of(node, lines, ends)
    if not chunks:
        return list(lines[begins:ends])
    written = list(lines[begins : chunks[0].begins])
    for place in _order([chunk.key for chunk in chunks], model):
        chunk = chunks[place]
        written += _trimmed(lines[chunk.begins : chunk.line])
        body = _value(chunk, lines, _part(model, chunk.key))
        written += body[: len(body) - _blank_end(body)]
    return [*written, *[""] * bool(_blank_end(lines[begins:ends]))]


def _item(
    item: Any, lines: Sequence[str], span: tuple[int, int], model: type[BaseModel]
) -> list[str]:
    """Return one entry of a list; the dash goes to whichever key is first now."""
    first, stop = span
    line, column = item.start_mark.line, item.start_mark.column
    if not is_block(item) or lines[line][column - 2 : column] != "- ":
        return list(lines[first:stop])
    bare = list(lines)
    bare[line] = f"{lines[line][: column - 2]}  {lines[line][column:]}"
    inner = _node(item, bare, (line, stop), model)
    place = next(
        index
        for index, text in enumerate(inner)
        if text[:column].isspace() and text[column : column + 1] not in {"", " ", "#"}
    )
    inner[place] = f"{inner[place][: column - 2]}- {inner[place][column:]}"
    return [*lines[first:line], *inner]


def _order(keys: Sequence[str], model: type[BaseModel]) -> list[int]:
    names = [field.alias or name for name, field in model.model_fields.items()]
    rank = {name: index for index, name in enumerate(names)}
    return sorted(range(len(keys)), key=lambda place: (rank.get(keys[place], len(names)), place))


def _part(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """Return the model of the parts under a key; None where the language knows none."""
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            return _model_in(field.annotation)
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(each) for each in typing.get_args(annotation))
    return next((each for each in found if each is not None), None)


def _trimmed(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in lines if line.strip()]


def _blank_end(lines: Sequence[str]) -> int:
    count = 0
    while count < len(lines) and not lines[-1 - count].strip():
        count += 1
    return count
