"""List the normative sentences of a published text: place, verb and digest, never the words.

    python tools/normative_sentences.py TEXT...              one line per sentence, then counts
    python tools/normative_sentences.py --rows TEXT          rows of a coverage table, as YAML
    python tools/normative_sentences.py --with-present TEXT  the sentences without a verb as well
    python tools/normative_sentences.py --show TEXT          the words too, on stderr, for your eyes

A line that begins with `=>` is not text: it answers the sentence before it, for `--rows`.

    => CBRN-HOLD, CBRN-3               encoded by these elements
    => restates 3.1#2                  says the same as that sentence
    => preamble | what it is about     not encoded, for this reason; our note after the bar
    => !CBRN-HOLD | why                `!`: does not bind the lab; `+`: it does

The rules are those of `scalegate.policy.published_text` and `scalegate.policy.normative`; how the
tables are made and checked: docs/how-to/check-coverage.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from scalegate.policy.coverage import Reason  # noqa: E402
from scalegate.policy.normative import (  # noqa: E402
    PRESENT,
    NormativeSentence,
    normative_sentences,
    sentence_digest,
)
from scalegate.policy.published_text import split_sentences  # noqa: E402

ANSWER = "=>"
REASONS = frozenset(get_args(Reason))
NOT_BINDING = frozenset({"preamble", "definition", "descriptive"})


def main() -> int:
    """Print what was asked for; return 2 where a text cannot be read or an answer stands alone."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("texts", nargs="+", type=Path, metavar="TEXT")
    parser.add_argument("--rows", action="store_true", help="print YAML rows")
    parser.add_argument("--with-present", action="store_true", help="sentences without a verb too")
    parser.add_argument("--show", action="store_true", help="the words on stderr; keep them there")
    asked = parser.parse_args()
    for path in asked.texts:
        try:
            content = path.read_bytes()
            text, answers = split_answers(content.decode("utf-8"))
        except (OSError, ValueError) as cause:
            print(f"{path}: cannot be read: {cause}", file=sys.stderr)
            return 2
        found = normative_sentences(text, with_present=True)
        chosen = {
            index: each
            for index, each in enumerate(found)
            if each.modality != PRESENT or asked.with_present or index in answers
        }
        print(f"# {path.name}: sha256 {hashlib.sha256(content).hexdigest()}")
        if asked.rows:
            print("\n".join(("rows:", *(row(chosen[i], answers.get(i, "")) for i in chosen))))
        else:
            _print_list(tuple(chosen.values()))
        if asked.show:
            _show(text, tuple(chosen.values()))
    return 0


def split_answers(text: str) -> tuple[str, Mapping[int, str]]:
    """Return the text without its answers, and each answer by the index of its sentence.

    Raises:
        ValueError: an answer before the first sentence.
    """
    kept: list[str] = []
    answers: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith(ANSWER):
            kept.append(line)
            continue
        index = len(split_sentences("\n".join(kept))) - 1
        if index < 0 or index in answers:
            raise ValueError(f"line {number}: an answer without a sentence of its own before it")
        answers[index] = line.removeprefix(ANSWER).strip()
    return "\n".join(kept), answers


def row(sentence: NormativeSentence, answer: str) -> str:
    """Return one row of a table; without an answer, it has none and the table is refused."""
    said, _, note = (part.strip() for part in answer.partition("|"))
    mark, said = (said[:1], said[1:].strip()) if said[:1] in {"!", "+"} else ("", said)
    binds = mark == "+" or (mark != "!" and _binds(sentence, said))
    fields = {
        "section": sentence.section,
        "page": sentence.page,
        "ordinal": sentence.ordinal,
        "modality": sentence.modality,
        "binding": binds,
        "sha256": sentence.sha256,
    }
    if said in REASONS:
        fields["reason"] = said
    elif said.startswith("restates "):
        fields["restates"] = said.removeprefix("restates ").strip()
    else:
        fields["encoded"] = [each.strip() for each in said.split(",") if each.strip()]  # type: ignore[assignment]
    if note:
        fields["note"] = note
    lines = [
        f"{key}: {json.dumps(value)}" for key, value in fields.items() if value not in ("", None)
    ]
    return "  - " + "\n    ".join(lines)


def _binds(sentence: NormativeSentence, said: str) -> bool:
    if said in NOT_BINDING:
        return False
    return sentence.modality in {"must", "will", PRESENT}


def _print_list(found: Sequence[NormativeSentence]) -> None:
    for each in found:
        verb = ",".join(each.verbs) + (" (lead-in)" if each.is_led else "")
        place = f"{each.section}#{each.ordinal or '-'}"
        print(f"{place:<24} p{each.page or '-':<4} {each.modality:<8} {verb:<24} {each.sha256}")
    counts = Counter(each.modality for each in found)
    said = ", ".join(f"{word} {count}" for word, count in counts.items())
    print(f"# {len(found)} sentences: {said or 'none'}", flush=True)


def _show(text: str, found: Sequence[NormativeSentence]) -> None:
    words = {sentence_digest(each.words): each.words for each in split_sentences(text)}
    for each in found:
        place = f"{each.section}#{each.ordinal or '-'}"
        print(f"{each.sha256[:8]} {place}: {words[each.sha256]}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
