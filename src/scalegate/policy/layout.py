"""Where the keys of a YAML text stand, so that parts of it can be moved or replaced as they are.

1. A chunk of a block mapping is a key with its value, and the comments and blank lines above it.
2. A mapping that does not begin each key on a line of its own (flow style, `? key`) has no chunks.
3. Nothing is written anew: lines are kept, so that comments, quotes and folds stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A key of a block mapping, its lines, and its value."""

    key: str
    """The key."""
    begins: int
    """First line, comments above it included."""
    line: int
    """The line of the key."""
    ends: int
    """First line after it."""
    value: Any
    """The node of its value."""


def root_of(text: str) -> Any:
    """Return the node of a document that `parse_yaml` has read."""
    return yaml.compose(text, Loader=_LOADER)


def is_block(node: Any) -> bool:
    """Say whether a node is a mapping or list over lines of its own."""
    is_collection = isinstance(node, yaml.MappingNode | yaml.SequenceNode)
    return is_collection and not node.flow_style and bool(node.value)


def chunks_of(node: Any, lines: Sequence[str], ends: int) -> tuple[Chunk, ...]:
    """Return the chunks of a block mapping, in their order; none where it has none.

    Args:
        node: the mapping.
        lines: the lines of the document.
        ends: the first line after the mapping.
    """
    if not isinstance(node, yaml.MappingNode) or not is_block(node):
        return ()
    column = node.start_mark.column
    starts = [key.start_mark.line for key, _ in node.value]
    if any(key.start_mark.column != column for key, _ in node.value) or not _rises(starts):
        return ()
    begins = [starts[0], *(_above(lines, start, column) for start in starts[1:])]
    stops = [*begins[1:], ends]
    return tuple(
        Chunk(key=str(key.value), begins=begin, line=start, ends=stop, value=value)
        for (key, value), begin, start, stop in zip(node.value, begins, starts, stops, strict=True)
    )


def items_of(node: Any, lines: Sequence[str], ends: int) -> Iterator[tuple[int, int, Any]]:
    """Yield first line, first line after it, and node of each entry of a block list."""
    if not isinstance(node, yaml.SequenceNode) or not is_block(node):
        return
    column = node.start_mark.column
    starts = [item.start_mark.line for item in node.value]
    if not _rises(starts):
        return
    begins = [starts[0], *(_above(lines, start, column) for start in starts[1:])]
    for item, begin, stop in zip(node.value, begins, [*begins[1:], ends], strict=True):
        yield begin, stop, item


def _rises(numbers: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(numbers))


def _above(lines: Sequence[str], line: int, column: int) -> int:
    """Return the first of the comments and blank lines that stand above a line."""
    first = line
    while first > 0 and _is_between(lines[first - 1], column):
        first -= 1
    return first


def _is_between(line: str, column: int) -> bool:
    """Say whether a line is blank, or a comment no deeper than the keys; a deeper one is text."""
    bare = line.lstrip(" ")
    return not bare.strip() or (bare.startswith("#") and len(line) - len(bare) <= column)
