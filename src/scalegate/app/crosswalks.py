"""Read the shipped crosswalk for the policies asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scalegate.app.workspace import policies_of
from scalegate.base.errors import OutsideError
from scalegate.policy.crosswalk import (
    Analogy,
    SharedWords,
    frameworks_of,
    gaps_of,
    parse_crosswalk,
    parse_words,
)
from scalegate.ports import PolicySource

WORDS_FILE = "vocabulary.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkResult:
    """Analogies of the policies asked about."""

    analogies: tuple[Analogy, ...]
    """The analogies."""
    words: SharedWords
    """The shared words with their meanings."""
    without: tuple[str, ...]
    """Policies asked about that no table is about."""
    silent: tuple[tuple[str, str, str], ...]
    """Policy, gate at which it binds nothing, and where that was searched."""
    gaps: tuple[tuple[str, str, str], ...]
    """Policy, kind and native id of what has no analogy yet."""

    def to_mapping(self) -> dict[str, Any]:
        """Return the result as plain data for `--json`."""
        return {
            "words": [item.model_dump(mode="json") for item in self.words.words],
            "analogies": [
                {
                    "framework": each.framework,
                    "kind": each.kind,
                    "native": each.native,
                    "title": each.title,
                    "neutral": each.neutral,
                    "fit": each.fit,
                    "why": each.why,
                    "cites": list(each.cites),
                }
                for each in self.analogies
            ],
            "silent": [
                {"framework": name, "gate": gate, "searched": where}
                for name, gate, where in self.silent
            ],
            "gaps": [
                {"framework": name, "kind": kind, "native": native}
                for name, kind, native in self.gaps
            ],
            "without_a_table": list(self.without),
        }


def crosswalk(
    source: PolicySource, names: Sequence[str], *, kind: str | None = None, word: str | None = None
) -> CrosswalkResult:
    """Return the analogies of named policies; `kind` and `word`: only those.

    Raises:
        UnknownName: a policy that the source does not have.
        DocumentFaults: a policy or a table is wrong.
        OutsideError: the shared words are missing.
    """
    tables = {each.file: each for each in source.tables("crosswalk")}
    if WORDS_FILE not in tables:
        raise OutsideError(
            f"`frameworks/crosswalk/{WORDS_FILE}` did not come with this installation;"
            " install it again"
        )
    shared = tables.pop(WORDS_FILE)
    words = parse_words(shared.text, file=f"crosswalk/{shared.file}")
    policies = {each.name: each.policy for each in policies_of(source, names)}
    found: list[Analogy] = []
    covered: set[str] = set()
    for each in tables.values():
        file = f"crosswalk/{each.file}"
        about = set(frameworks_of(each.text, file=file)) & policies.keys()
        if about:
            covered |= about
            found += parse_crosswalk(each.text, words, policies, file=file)
    return CrosswalkResult(
        analogies=tuple(
            each
            for each in found
            if (kind is None or each.kind == kind) and (word is None or each.neutral == word)
        ),
        words=words,
        without=tuple(sorted(policies.keys() - covered)),
        silent=tuple(
            (name, note.gate.value, note.searched)
            for name, policy in sorted(policies.items())
            for note in policy.silent_at
            if kind in {None, "gate"} and word in {None, note.gate.value}
        ),
        gaps=tuple(
            (name, each, native)
            for name, policy in sorted(policies.items())
            if name in covered
            for each, native in gaps_of(found, policy)
            if kind in {None, each}
        ),
    )
