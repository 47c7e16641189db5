"""Split the plain text of a published policy into sections and sentences.

1. Pages begin at a form feed or at a line `[[page N]]`. Lines that hold only a page number are
   dropped, and so is a line that stands at the head or foot of three pages or more.
2. A heading is a line that begins with `#`, a numbered line such as `3.1.2 Security`, an
   `Appendix A`, or a short line of its own without an end mark. It names the section.
3. A block is a paragraph, an entry of a list, or a cell of a row with `|`. Lines of a block are
   joined; a hyphen at the end of a line joins two halves of a word. A blank line or a page break
   inside a sentence (no end mark before it, a small letter after it) does not end the block; a
   footnote between the two halves does not either.
4. A sentence ends at `.`, `!` or `?` before a space and a new beginning, but not after an
   abbreviation or an initial. Marks of footnotes (digits after a full stop or a word) are dropped.
5. An entry of a list remembers the line that leads into it (the block before it that ends in `:`).

Does not check: that the text is the one that was published; the caller compares digests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_PAGE = re.compile(r"\s*\[\[page (\d{1,4})\]\]\s*")
_NUMBER = re.compile(r"\s*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\s*", re.IGNORECASE)
_BULLET = re.compile(
    r"\s*(?:(?P<sign>[●○■□▪▫•◦‣∙·*➢✓–—-])|\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)])(?:\s+|$)"
)
_MARKED = re.compile(r"\s*#{1,6}\s+(?P<title>\S.*)")
_NUMBERED = re.compile(r"\s*(?:\d{1,2}(?:\.\d{1,2})+\.?|(?:Appendix|Annex)\s+[A-Z0-9]{1,3})\b")
_LABEL = re.compile(
    r"(?P<label>(?:Appendix|Annex|Section|Part)\s+[A-Z0-9]{1,3}|\d{1,2}(?:\.\d{1,2})*[a-z]?"
    r"|[A-Z](?:\.\d{1,2})+)(?:[.):]|\s|$)"
)
_FOOTNOTE = re.compile(r"\s*\d{1,3}\s+[A-Z“\"]")
_ENDED = re.compile(r"[.!?:;][\"”’')\]]*\d{0,3}\s*$")
_SPLIT = re.compile(r"(?<=[.!?])(?P<close>[\"”’')\]]*)(?P<mark>\d{0,3})\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_MARK_OF_WORD = re.compile(r"(?<=[a-z]{4})([,;:]?)\d{1,2}(?=[\s,;:.!?)]|$)")
_MARK_AT_END = re.compile(r"(?<=[a-z)\"”’][.!?])\d{1,3}$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"])(?:e\.g|i\.e|etc|vs|cf|al|approx|no|nos|sec|secs|fig|ch|p|pp|dr|mr|ms|inc|ltd"
    r"|corp|st|u\.s|u\.k|[A-Z])\.$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 90
_EDGE_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a published text, with its place."""

    section: str
    """Label of the section: its printed number, or the words of its heading."""
    page: str
    """Number of the page of the file; empty where the text marks none."""
    words: str
    """The sentence, white space folded and footnote marks dropped. Never to be printed."""
    lead_in: str = ""
    """For the first sentence of an entry of a list: the sentence that leads into the list."""


@dataclass(slots=True, kw_only=True)
class _Block:
    section: str
    page: str
    is_entry: bool = False
    is_footnote: bool = False
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines of the block, joined."""
        joined = ""
        for part in self.parts:
            piece = part.strip()
            is_broken = joined.endswith("-") and piece[:1].islower()
            joined = joined[:-1] + piece if is_broken else f"{joined} {piece}".strip()
        return joined

    @property
    def is_ended(self) -> bool:
        """Whether an end mark stands at its end."""
        return _ENDED.search(self.text) is not None


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Return every sentence of a plain text, in its order."""
    found: list[Sentence] = []
    lead_in = ""
    for block in _blocks(_without_furniture(text)):
        sentences = _sentences(block.text)
        for index, words in enumerate(sentences):
            led = lead_in if block.is_entry and index == 0 else ""
            place = Sentence(section=block.section, page=block.page, words=words, lead_in=led)
            found.append(place)
        if sentences and not block.is_entry and not block.is_footnote:
            lead_in = sentences[-1] if sentences[-1].endswith(":") else ""
    return tuple(found)


def _without_furniture(text: str) -> list[tuple[str, str]]:
    """Return (page, line), without page numbers, running heads and feet; a page begins blank."""
    pages: list[tuple[str, list[str]]] = [("", [])]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\f\n").split("\n"):
        marked = _PAGE.fullmatch(line)
        if marked:
            pages.append((marked[1], []))
        elif line == "\f":
            before = pages[-1][0]
            pages.append((str(int(before or 1) + 1), []))
        elif not _NUMBER.fullmatch(line):
            pages[-1][1].append(line)
    counts = Counter(key for _, lines in pages for key in {_key(each) for each in _edges(lines)})
    running = {key for key, count in counts.items() if key and count >= 3}
    kept: list[tuple[str, str]] = []
    for page, lines in pages:
        edges = set(_edges(lines))
        kept.append((page, ""))
        kept += [(page, each) for each in lines if not (each in edges and _key(each) in running)]
    return kept


def _edges(lines: Sequence[str]) -> list[str]:
    filled = [each for each in lines if each.strip() and not _MARKED.fullmatch(each)]
    return filled[:_EDGE_LINES] + filled[-_EDGE_LINES:]


def _key(line: str) -> str:
    return "".join(each for each in line.casefold() if each.isalpha())


def _blocks(lines: Sequence[tuple[str, str]]) -> list[_Block]:
    blocks: list[_Block] = []
    section, is_open = "front", False
    for index, (page, line) in enumerate(lines):
        if not line.strip():
            is_open = False
            continue
        title = _title(lines, index, blocks)
        if title:
            section, is_open = _label(title), False
            blocks.append(_Block(section=section, page=page, parts=[]))
            continue
        for cell in _cells(line):
            started = _start(cell, blocks, is_open=is_open)
            if started is None:
                blocks.append(_block(cell, section, page, is_open=is_open))
            else:
                started.parts.append(cell)
        is_open = "|" not in line
    return [block for block in blocks if block.parts]


def _cells(line: str) -> list[str]:
    cells = [each.strip() for each in line.split("|")] if "|" in line else [line]
    return [each for each in cells if each and not re.fullmatch(r"[-: ]+", each)]


def _block(line: str, section: str, page: str, *, is_open: bool) -> _Block:
    entry = _BULLET.match(line)
    is_footnote = not is_open and entry is None and _FOOTNOTE.match(line) is not None
    words = line[entry.end() :] if entry else line
    if is_footnote:
        words = words.strip().lstrip("0123456789")
    return _Block(
        section=section,
        page=page,
        is_entry=entry is not None,
        is_footnote=is_footnote,
        parts=[words],
    )


def _start(line: str, blocks: Sequence[_Block], *, is_open: bool) -> _Block | None:
    """Return the block that this line goes on with; None where it begins a new one."""
    last = blocks[-1] if blocks else None
    if last is None or not last.parts:
        return None
    entry = _BULLET.match(line)
    if entry is not None:
        is_dash = entry["sign"] in {"–", "—", "-"} and line[entry.end() : entry.end() + 1].islower()
        return last if is_open and is_dash and not last.is_ended else None
    if is_open or last.parts == [""]:
        return last
    return _broken(blocks) if line.strip()[:1].islower() else None


def _broken(blocks: Sequence[_Block]) -> _Block | None:
    """Return the last block if its sentence is not ended, else that before the footnotes."""
    last = blocks[-1]
    before = next((each for each in reversed(blocks) if not each.is_footnote), None)
    chosen = before if last.is_footnote and last.is_ended else last
    is_fit = chosen is not None and bool(chosen.parts) and not chosen.is_ended
    return chosen if is_fit else None


def _title(lines: Sequence[tuple[str, str]], index: int, blocks: Sequence[_Block]) -> str:
    """Return the heading that this line is; empty where it is none."""
    line = lines[index][1]
    marked = _MARKED.fullmatch(line)
    if marked:
        return marked["title"].strip()
    short = line.strip()
    if len(short) > _LONGEST_TITLE or _ENDED.search(short) or _BULLET.match(line) or "|" in short:
        return ""
    is_after_end = not blocks or not blocks[-1].parts or blocks[-1].is_ended
    before = lines[index - 1][1].strip() if index else ""
    if _NUMBERED.match(line) and is_after_end and not before.endswith(","):
        return short
    after = lines[index + 1][1].strip() if index + 1 < len(lines) else ""
    rest = (each for _, each in lines[index + 1 :] if each.strip() and not _FOOTNOTE.match(each))
    following = next(rest, "").strip()
    stands_alone = not before and not after and is_after_end
    return short if stands_alone and short[:1].isupper() and not following[:1].islower() else ""


def _label(title: str) -> str:
    found = _LABEL.match(title)
    if found:
        return found["label"]
    return " ".join(title.split()[:8])[:60]


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    begun = ""
    for piece in _pieces(text):
        begun = f"{begun} {piece}".strip()
        if not _ABBREVIATION.search(begun):
            sentences.append(begun)
            begun = ""
    if begun:
        sentences.append(begun)
    return [_unmarked(each) for each in sentences]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for found in _SPLIT.finditer(text):
        is_number = found["mark"] and text[: found.start()].rstrip(".")[-1:].isdigit()
        end = found.end("mark") if is_number else found.end("close")
        yield text[start:end]
        start = found.end()
    if text[start:].strip():
        yield text[start:]


def _unmarked(sentence: str) -> str:
    folded = " ".join(sentence.split())
    return _MARK_AT_END.sub("", _MARK_OF_WORD.sub(r"\1", folded))
