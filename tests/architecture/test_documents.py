"""What we write keeps its word: links resolve, nothing is promised that nobody can promise.

The words `certified`, `compliant` and "is safe" are claims that no program can make about a model.
They may stand only in a sentence that denies them. Paths of one machine and names of package
registries have no place in a repository that others clone.
"""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

SUFFIXES = {".md", ".py", ".toml", ".yaml", ".yml", ".cfg", ".ini", ".txt", ".html", ".j2", ".css",
            ".in", ".sh", ".json"}  # fmt: skip
NAMED = {"Makefile", "NOTICE", ".gitignore", "run"}
# Data from outside keeps the words and paths of its authors.
FOREIGN = ("tests/data/", "examples/", "LICENSE", "src/scalegate/frameworks/cases/")
THIS = "tests/architecture/test_documents.py"

MACHINE = re.compile(r"(?<![\w.~-])/(?:work|root|tmp|home/\w+|Users/\w+)/|\.pyenv")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.com|deb\.debian|--(?:extra-)?index-url"
    r"|--find-links|--trusted-host",
)
CLAIM = re.compile(
    r"\b(certified|certifies|compliant|(?:is|are|be|proven|provably|guaranteed) safe)\b",
    re.IGNORECASE,
)
DENIAL = re.compile(
    r"\b(not|never|no|nor|neither|cannot|nothing|nobody|without|none)\b|n't", re.IGNORECASE
)
SPEAKS_OF_CLAIMS: dict[str, str] = {
    "tools/lock_requirements.py": "names the options that keep addresses out of the lock",
}
"""Files that must name what they keep out, each with the reason."""
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


@functools.cache
def ours() -> tuple[str, ...]:
    """Return the names of all files that belong to the repository, or would on `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0 and listed.stdout:
        return tuple(sorted({name for name in listed.stdout.split("\0") if name}))
    top = [each for each in ROOT.iterdir() if not each.name.startswith(".") or each.name == ".ci"]
    found = [path for each in top for path in ([each] if each.is_file() else each.rglob("*"))]
    return tuple(sorted(path.relative_to(ROOT).as_posix() for path in found))


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every text file of ours."""
    for name in ours():
        path = ROOT / name
        if name.startswith(FOREIGN) or "__pycache__" in name or not path.is_file():
            continue
        if path.suffix in SUFFIXES or path.name in NAMED:
            yield name, path.read_text(encoding="utf-8")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number and sentence; a sentence ends at a full stop, a blank line or a row end."""
    line, start = 1, 0
    for stop in re.finditer(r"[.!?:;](?=\s)|\n\s*\n|\|\n|$(?![\s\S])", text):
        sentence = text[start : stop.end()]
        yield line, sentence
        line += sentence.count("\n")
        start = stop.end()


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
        for name, text in texts()
        if name != THIS and name not in SPEAKS_OF_CLAIMS
        for hit in pattern.finditer(text)
    ]


def claims(text: str) -> list[tuple[int, str]]:
    return [
        (line, " ".join(sentence.split()))
        for line, sentence in sentences(text)
        if CLAIM.search(sentence) and not DENIAL.search(sentence)
    ]


def test_no_path_of_one_machine_is_written_down() -> None:
    assert not found(MACHINE)


def test_no_package_registry_is_named() -> None:
    assert not found(REGISTRY)


POLICIES = "src/scalegate/frameworks/"
"""Paraphrases of what a lab's policy asks: its words, not our claims."""


def test_nothing_is_claimed_that_no_program_can_know() -> None:
    made = [
        f"{name}:{line}: {sentence[:120]}"
        for name, text in texts()
        if name != THIS and not name.startswith(POLICIES)
        for line, sentence in claims(text)
    ]
    assert not made, "\n".join(made)


@pytest.mark.parametrize(
    ("text", "is_claim"),
    [
        ("The model is safe.", True),
        ("Certified by Scalegate. It does not say more.", True),
        ("This never says that a model is safe.", False),
        ("Nothing here is certified; nobody can.", False),
        ("A compliant lab", True),
    ],
)
def test_a_claim_is_told_from_its_denial(text: str, is_claim: bool) -> None:
    assert bool(claims(text)) is is_claim


def slug(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
    return re.sub(r"\s", "-", words.strip())


def dead_links(name: str, text: str) -> Iterator[str]:
    for link in LINK.finditer(CODE.sub("", text)):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (ROOT / name).parent / target if target else ROOT / name
        if not place.exists():
            yield f"{name}: {link['target']} does not exist"
        elif anchor and place.suffix == ".md":
            headings = HEADING.findall(place.read_text(encoding="utf-8"))
            if anchor not in {slug(each) for each in headings}:
                yield f"{name}: {link['target']} has no such heading"


def test_every_link_to_a_local_file_resolves() -> None:
    dead = [
        each for name, text in texts() if name.endswith(".md") for each in dead_links(name, text)
    ]
    assert not dead, "\n".join(dead)


def test_a_dead_link_is_found() -> None:
    text = "[a](nowhere.md) and [b](LICENSE) and [c](https://example.org) and `[d](code.md)`"
    assert list(dead_links("README.md", text)) == ["README.md: nowhere.md does not exist"]


def test_the_locks_hold_exact_hashed_pins_only() -> None:
    pin = re.compile(r"[A-Za-z0-9._-]+(\[[A-Za-z0-9,._-]+\])?==[^\s;\\]+( ;[^\\]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    for lock in ("runtime.txt", "dev.txt"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert lines
        odd = [line for line in lines if not pin.fullmatch(line) and not digest.fullmatch(line)]
        assert not odd, odd[:5]


def test_every_adr_names_its_price_and_its_review_date() -> None:
    pages: list[Path] = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert pages
    for page in pages:
        headings = HEADING.findall(page.read_text(encoding="utf-8"))
        assert {"Context", "Decision", "Consequences", "Price", "Review"} <= set(headings), (
            page.name
        )
