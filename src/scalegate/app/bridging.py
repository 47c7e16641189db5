"""Find the bridge between two policies, and refuse versions that supersede each other in a ring."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.app.crosswalks import WORDS_FILE, crosswalk
from scalegate.base.errors import DocumentFaults, FormatError, UnknownName
from scalegate.compare.bridge import Bridge
from scalegate.compare.bridge_text import ends_of, parse_bridge
from scalegate.compare.shared_bridge import shared_bridge
from scalegate.ports import PolicySource, PolicyText

if TYPE_CHECKING:
    from scalegate.policy.document import Policy

_HEAD = re.compile(r"^(id|version|supersedes):[ ]*[\"']?([^\"'\s#]+)", re.MULTILINE)


def bridge_between(
    old: Policy, new: Policy, source: PolicySource, given: PolicyText | None = None
) -> Bridge | None:
    """Return the bridge between two policies, in the direction asked; None where there is none.

    Between two labs without one of their own, it is made from their tables of shared words.

    Args:
        old: the older policy.
        new: the newer policy.
        source: whose bridges are searched; the workspace's own go before the shipped ones.
        given: this bridge instead.

    Raises:
        DocumentFaults: the bridge is wrong; two bridges of the workspace join the same policies.
        OutsideError: a file cannot be read.
    """
    ends = {old.name: old, new.name: new}
    found = [given] if given is not None else []
    for text in () if given is not None else source.bridges():
        # A shipped file is named for its ends: no need to read it.
        is_shipped, stem = text.is_shipped, Path(text.file).stem
        named = stem.split("--") if is_shipped else ends_of(text.text, file=text.file)
        if set(named) == ends.keys():
            found.append(text)
    own = [text for text in found if not text.is_shipped]
    if len(own) > 1:
        fault = FormatError(
            "two bridges between the same policies",
            file=own[1].file,
            line=1,
            expected="one",
            got=f"another in `{own[0].file}`",
            hint="put the second reading among the `rivals` of the first",
        )
        raise DocumentFaults([fault])
    chosen = (own or found)[:1]
    if chosen:
        return _read(chosen[0], old, new)
    return None if old.id == new.id else _across_labs(old, new, source)


def _across_labs(old: Policy, new: Policy, source: PolicySource) -> Bridge | None:
    """Return the bridge that the tables of shared words make; None where a policy has no table."""
    if not any(text.file == WORDS_FILE for text in source.tables("crosswalk")):
        return None
    found = crosswalk(source, (old.name, new.name), kind="tier")
    return shared_bridge(old, new, found.analogies)


def _read(text: PolicyText, old: Policy, new: Policy) -> Bridge:
    is_turned = ends_of(text.text, file=text.file) == (new.name, old.name)
    ends = (new, old) if is_turned else (old, new)
    bridge = parse_bridge(text.text, *ends, file=text.file)
    return bridge.turned() if is_turned else bridge


def refuse_rings(source: PolicySource, names: tuple[str, ...]) -> None:
    """Refuse policies whose `supersedes` lead back to themselves.

    Raises:
        DocumentFaults: the file and the line that close the ring.
    """
    heads = _heads(source)
    for name in names:
        seen: list[str] = []
        current = name
        while current in heads:
            if current in seen:
                raise DocumentFaults([_ring([*seen, current], heads[seen[-1]][1])])
            seen.append(current)
            current = heads[current][0]


def policy_named(source: PolicySource, name: str) -> PolicyText:
    """Return the text of a policy of a source, by its name.

    Raises:
        UnknownName: the source has none of that name.

    Does not check: that the text is a policy.
    """
    heads = _heads(source)
    if name not in heads:
        raise UnknownName("framework", name, known=heads)
    return heads[name][1]


def _heads(source: PolicySource) -> dict[str, tuple[str, PolicyText]]:
    """Return, per name of a policy, what it says that it supersedes, and its text."""
    found: dict[str, tuple[str, PolicyText]] = {}
    for text in source.policies():
        head = dict(_HEAD.findall(text.text))
        found[name_in(text.text)] = (head.get("supersedes", ""), text)
    return found


def name_in(text: str) -> str:
    """Return the name that the text of a policy gives itself."""
    head = dict(_HEAD.findall(text))
    return f"{head.get('id')}@{head.get('version')}"


def _ring(seen: list[str], text: PolicyText) -> FormatError:
    lines = text.text.splitlines()
    line = next(
        (at for at, words in enumerate(lines, start=1) if words.startswith("supersedes:")), None
    )
    return FormatError(
        "versions that supersede each other in a ring",
        file=text.file,
        path="supersedes",
        line=line,
        expected="an older version",
        got=" -> ".join(f"`{name}`" for name in seen),
    )
