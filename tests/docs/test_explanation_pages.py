"""Each room has a page that begins with its docstring; the glossary has every word."""

from __future__ import annotations

import ast
import re
from enum import Enum
from pathlib import Path

import pytest

from scalegate.policy import vocabulary

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "explanation"
SOURCE = ROOT / "src" / "scalegate"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
TERMS = [
    term.strip()
    for entry in re.findall(r"^\*\*([^*]+)\*\*:", GLOSSARY, re.MULTILINE)
    for term in entry.split(",")
]
PURE_ROOMS = ("base", "policy", "evidence", "estimate", "gate", "ledger", "report")
DOORS = ("ports", "adapters", "app", "wiring", "cli")


def first_sentence(name: str) -> str:
    """What a room's docstring begins with, on one line."""
    file = SOURCE / name / "__init__.py"
    source = file if file.exists() else SOURCE / f"{name}.py"
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def first_paragraph(text: str, heading: str) -> str:
    after = text.split(f"{heading}\n\n", maxsplit=1)[1]
    return " ".join(after.split("\n\n", maxsplit=1)[0].split())


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_the_page_of_a_room_begins_with_its_docstring(room: str) -> None:
    page = (PAGES / f"{room}.md").read_text(encoding="utf-8")
    assert first_paragraph(page, f"# Room: {room}") == first_sentence(room)


@pytest.mark.parametrize("door", DOORS)
def test_the_section_of_a_door_begins_with_its_docstring(door: str) -> None:
    page = (PAGES / "doors.md").read_text(encoding="utf-8")
    assert first_paragraph(page, f"## {door}") == first_sentence(door)


def test_glossary_is_in_order_and_says_each_word_once() -> None:
    entries = re.findall(r"^\*\*([^*]+)\*\*:", GLOSSARY, re.MULTILINE)
    firsts = [entry.split(",")[0] for entry in entries]
    assert firsts == sorted(firsts, key=lambda term: term.replace("_", " ").lower())
    assert len(set(TERMS)) == len(TERMS)


@pytest.mark.parametrize("words", ["EffectLevel", "Level", "Flag", "SafeguardState", "Gate", "Ask"])
def test_every_word_of_a_closed_list_stands_in_the_glossary(words: str) -> None:
    listed: type[Enum] = getattr(vocabulary, words)
    known = set(re.findall(r"\*\*([^*]+)\*\*|`([^`]+)`", GLOSSARY))
    flat = {word for pair in known for word in pair}
    for member in listed:
        assert member.name.lower() in flat, member
