"""Find the sentences of a published text that commit somebody to something.

1. A sentence counts if it has a verb of the lists below, or if it is the first sentence of an
   entry of a list whose lead-in has one of strength `aim` or more, but not `would`.
2. Its modality is the strongest of its verbs (`design`, order of modalities).
3. Its digest is the SHA-256 of its letters and digits alone: NFKC, case folded. White space,
   ligatures, quotes, dashes and hyphenation make no difference.
4. Its ordinal counts such sentences within a section, from 1.

Does not check: that a verb is meant as a norm ("a customer may want to"); the reader says so in
the table, with a reason. Imperatives and descriptions of practice have no such verb: where they
bind, the reader adds them by hand.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from scalegate.policy.published_text import Sentence, split_sentences
from scalegate.policy.vocabulary import Modality

PRESENT = "present"
"""Modality of a sentence without such a verb: practice described in the present tense."""

_VERBS = {
    Modality.MUST: (
        r"shall|must|requires?|required|(?<!the )needs? to|ha(?:ve|s) to"
        r"|only (?:if|after|once|when)"
    ),
    Modality.WILL: r"will|won['’]t|commits?|committed|committing|pledge[sd]?",
    Modality.WOULD: r"would",
    Modality.INTEND: (
        r"intend(?:s|ed)?|plan(?:s|ned|ning)? (?:to|on)|expects? to|we (?:\w+ )?expect"
    ),
    Modality.AIM: (
        r"should|aim(?:s|ed|ing)?|strives?|striving|recommend(?:s|ed)?|seeks? to"
        r"|endeavou?rs? to"
    ),
    Modality.MAY: r"may(?! \d)",
}
_FOUND = {
    modality: re.compile(rf"\b(?:{verbs})\b", re.IGNORECASE) for modality, verbs in _VERBS.items()
}
_NOT_LED = frozenset({Modality.WOULD, Modality.MAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class NormativeSentence:
    """One sentence with its place, verbs and digest; its words are left behind."""

    section: str
    """Label of the section."""
    page: str
    """Page of the file; empty where the text marks none."""
    ordinal: int | None
    """Its number among the normative sentences of its section; None where it has no verb."""
    modality: str
    """The word of the strongest verb's modality, or `present`."""
    verbs: tuple[str, ...]
    """The verbs found, as printed, strongest first."""
    is_led: bool
    """Whether the verb stands in the lead-in of the list."""
    sha256: str
    """Digest of its letters and digits."""


def sentence_digest(words: str) -> str:
    """Return the SHA-256 of the letters and digits of a sentence, NFKC and case folded."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).casefold())
    plain = "".join(each for each in folded if each.isalnum())
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def normative_sentences(text: str, *, with_present: bool = False) -> tuple[NormativeSentence, ...]:
    """Return the normative sentences of a text; `with_present`: the others too, as `present`."""
    counts: Counter[str] = Counter()
    found: list[NormativeSentence] = []
    for sentence in split_sentences(text):
        modality, verbs, is_led = _graded(sentence)
        if modality is None and not with_present:
            continue
        if modality is not None:
            counts[sentence.section] += 1
        found.append(
            NormativeSentence(
                section=sentence.section,
                page=sentence.page,
                ordinal=None if modality is None else counts[sentence.section],
                modality=PRESENT if modality is None else modality.word,
                verbs=verbs,
                is_led=is_led,
                sha256=sentence_digest(sentence.words),
            )
        )
    return tuple(found)


def _graded(sentence: Sentence) -> tuple[Modality | None, tuple[str, ...], bool]:
    modality, verbs = _verbs_of(sentence.words)
    if modality is not None:
        return modality, verbs, False
    modality, verbs = _verbs_of(sentence.lead_in)
    if modality is None or modality in _NOT_LED:
        return None, (), False
    return modality, verbs, True


def _verbs_of(words: str) -> tuple[Modality | None, tuple[str, ...]]:
    strongest: Modality | None = None
    verbs: list[str] = []
    for modality, pattern in _FOUND.items():
        here = [found[0].lower() for found in pattern.finditer(words)]
        if here and strongest is None:
            strongest = modality
        verbs += here
    return strongest, tuple(dict.fromkeys(verbs))
