"""Find the dangling references of a document whose shape is wrong: all faults come at once.

1. Faulty fields get stand-ins, in the head and in entries of lists; an entry that is faulty still
   is set aside.
2. What is left is checked for references, as a whole document would be.
3. A reference to an entry that was set aside is no fault: the entry is there, only wrong.

Does not check: what was set aside; its own references are seen once it is mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from scalegate.base.yaml_text import DocumentPath
from scalegate.policy.document import Policy
from scalegate.policy.references import SECTIONS, Found, reference_faults

_CITE = {"document": "stand-in"}
_HEAD: Mapping[str, Any] = {
    "schema": "scalegate/policy@1",
    "id": "stand-in",
    "version": "0",
    "lab": "stand-in",
    "title": "stand-in",
    "effective_on": "2000-01-01",
    "source": {"title": "stand-in", "published_at_url": "stand-in"},
}
_FIELDS: Mapping[str, Any] = {
    "statement": "stand-in",
    "native": "stand-in",
    "neutral": "cyber",
    "at": ["train"],
    "otherwise": "hold",
    "modality": "must",
    "native_verb": "stand-in",
    "cite": _CITE,
}
"""Stand-ins of fields that an entry may not lack."""
_ENTRIES: Mapping[str, Any] = {
    "domains": {
        "id": "stand-in",
        **{name: _FIELDS[name] for name in ("native", "neutral", "cite")},
    },
    "commitments": {
        "id": "stand-in",
        **{name: part for name, part in _FIELDS.items() if name not in {"native", "neutral"}},
    },
}
"""Stand-ins where a list that may not be empty has lost its last entry."""
_KEYS = frozenset(field.alias or name for name, field in Policy.model_fields.items())


def salvaged_faults(value: object, paths: Iterable[DocumentPath]) -> Iterator[Found]:
    """Yield the faults of reference in what the faults at these paths leave of a policy."""
    if not isinstance(value, dict):
        return
    kept, places = _without(value, tuple(paths))
    aside = _ids_aside(value, places)
    try:
        policy = Policy.model_validate(kept)
    except ValidationError:
        return
    for path, what, expected, got in reference_faults(policy):
        mapped = _mapped(path, places)
        if mapped is not None and not (what.startswith("unknown") and got.strip("`") in aside):
            yield mapped, what, expected, got


def _without(
    value: Mapping[str, Any], paths: tuple[DocumentPath, ...]
) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return the document without its faults, and per section the places that were kept."""
    kept: dict[str, Any] = {key: part for key, part in value.items() if key in _KEYS}
    for path in paths:
        if path and (len(path) == 1 or not isinstance(value.get(str(path[0])), list)):
            kept.pop(str(path[0]), None)
    places: dict[str, list[int]] = {}
    for section in SECTIONS:
        entries = value.get(section)
        if isinstance(entries, list):
            mended = [_mended(section, at, entry, paths) for at, entry in enumerate(entries)]
            places[section] = [place for place, entry in enumerate(mended) if entry is not None]
            kept[section] = [entry for entry in mended if entry is not None]
    return dict(_HEAD) | kept | _stand_ins(kept), places


def _stand_ins(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {section: [entry] for section, entry in _ENTRIES.items() if not kept.get(section)}


def _mended(
    section: str, place: int, entry: object, paths: tuple[DocumentPath, ...]
) -> object | None:
    """Return an entry with stand-ins for its faults; None where it is faulty still."""
    faulty = [path[2:] for path in paths if path[:2] == (section, place)]
    if not faulty:
        return entry
    if not isinstance(entry, dict) or not all(faulty):
        return None
    fields = {str(path[0]) for path in faulty}
    model: Any = get_args(Policy.model_fields[section].annotation)[0]
    known = {field.alias or name for name, field in model.model_fields.items()}
    mended = {key: part for key, part in entry.items() if key not in fields and key in known}
    mended |= {name: _FIELDS[name] for name in fields & known & _FIELDS.keys()}
    try:
        model.model_validate(mended)
    except ValidationError:
        return None
    return mended


def _ids_aside(value: Mapping[str, Any], places: Mapping[str, list[int]]) -> frozenset[str]:
    return frozenset(
        str(entry["id"])
        for section, kept in places.items()
        for place, entry in enumerate(value[section])
        if place not in kept and isinstance(entry, dict) and "id" in entry
    )


def _mapped(path: DocumentPath, places: Mapping[str, list[int]]) -> DocumentPath | None:
    """Return the path in the document as written; None where it lies in a stand-in."""
    if len(path) < 2 or path[0] not in places or not isinstance(path[1], int):
        return path
    kept = places[str(path[0])]
    return (path[0], kept[path[1]], *path[2:]) if path[1] < len(kept) else None
