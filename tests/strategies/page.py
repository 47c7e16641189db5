"""Read a page back as a tree of elements, with the standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})


@dataclass(slots=True)
class Element:
    """One element with its attributes, its text and its children."""

    tag: str
    attributes: dict[str, str]
    parts: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in order."""
        yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part.walk()

    def all(self, *tags: str) -> list[Element]:
        """Return all elements of these tags, in order."""
        return [element for element in self.walk() if element.tag in tags]

    @property
    def children(self) -> list[Element]:
        """The elements directly below."""
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """All text below, with single spaces."""
        said = "".join(part if isinstance(part, str) else f" {part.text} " for part in self.parts)
        return " ".join(said.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self.open = [self.root]
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"attribute twice on {tag}")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            self.faults.append(f"{tag} closes {self.open[-1].tag}, line {self.getpos()[0]}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")


def read_page(text: str) -> Element:
    """Return the root of a page whose elements nest properly."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert not reader.faults, reader.faults[:5]
    assert [element.tag for element in reader.open] == ["document"]
    return reader.root
