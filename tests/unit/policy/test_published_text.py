"""A published text falls into the same sentences however it was extracted."""

from __future__ import annotations

import pytest

from scalegate.policy.normative import normative_sentences, sentence_digest
from scalegate.policy.published_text import split_sentences

PLAIN = """\
# 2 Rules

We will test each model. The tests must be of high quality.

## 2.1 Holds

The following holds. We will:

- stop the efficient run;
- inform the board.

We may go on afterwards.
"""

EXTRACTED = """\
[[page 3]]
A made-up policy  12
# 2 Rules
We will test each
model.1 The tests must be of high qual-
ity.

3

[[page 4]]
A made-up policy  13

2.1 Holds

The following holds. We will:
●
stop the e\ufb03cient run;
● inform the board.

1 Some say otherwise.

4

[[page 5]]
A made-up policy  14

We may
go

on afterwards.
5
"""


def words(text: str) -> list[tuple[str, str]]:
    return [(each.section, each.words) for each in split_sentences(text)]


def normative(text: str) -> list[tuple[str, int | None, str, str]]:
    return [
        (each.section, each.ordinal, each.modality, each.sha256)
        for each in normative_sentences(text)
    ]


def test_page_numbers_running_heads_footnotes_wraps_and_ligatures_make_no_difference() -> None:
    assert normative(EXTRACTED) == normative(PLAIN)
    assert [row[:3] for row in normative(PLAIN)] == [
        ("2", 1, "will"),
        ("2", 2, "must"),
        ("2.1", 1, "will"),
        ("2.1", 2, "will"),
        ("2.1", 3, "will"),
        ("2.1", 4, "may"),
    ]


def test_entries_of_a_list_take_the_verb_of_the_line_that_leads_into_it() -> None:
    led = [each for each in normative_sentences(PLAIN) if each.is_led]
    assert [each.verbs for each in led] == [("will",), ("will",)]


@pytest.mark.parametrize("lead", ["This would be one of:", "Examples may include:"])
def test_a_possibility_does_not_lead_a_list(lead: str) -> None:
    found = normative_sentences(f"{lead}\n\n- a run.\n- a release.\n")
    assert [each.is_led for each in found] == [False]


def test_pages_are_told_by_marks_and_by_form_feeds() -> None:
    text = "We will see.\f\nWe must go.\n[[page 9]]\nWe aim high."
    assert [(each.page, each.modality) for each in normative_sentences(text)] == [
        ("", "will"),
        ("2", "must"),
        ("9", "aim"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "We hold, e.g. Where it matters, and go.",
        "See Fig. 3 of Dr. A. Smith et al. This ends.",
        "Version 2.2 of the U.S. Policy stands.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    count = 2 if "This ends" in text else 1
    assert len(split_sentences(text.replace("et al. This", "others. This"))) == count


def test_a_sentence_goes_on_over_a_page_break_and_round_a_footnote() -> None:
    text = (
        "[[page 1]]\nWe will stop a run that\n\n2 A note of ours.\n\n1\n[[page 2]]\n\n"
        "reaches the level.\n"
    )
    assert ("front", "We will stop a run that reaches the level.") in words(text)


def test_a_number_at_the_end_of_a_sentence_is_kept_and_a_mark_is_not() -> None:
    assert [said for _, said in words("It is version 2. It ends so.3 The rest follows.")] == [
        "It is version 2.",
        "It ends so.",
        "The rest follows.",
    ]


def test_cells_of_a_row_are_apart() -> None:
    found = words("| Level | Action |\n|---|---|\n| High | We must stop |\n")
    assert [said for _, said in found] == ["Level", "Action", "High", "We must stop"]


def test_a_dash_in_mid_sentence_begins_no_list() -> None:
    text = "We apply controls\n– for training and use – and\nwe must say so."
    assert [said for _, said in words(text)] == [
        "We apply controls – for training and use – and we must say so."
    ]


def test_a_short_line_alone_is_a_heading_and_names_the_section() -> None:
    text = "Introduction\n\nWe will begin.\n\nAppendix A: More\nWe will end.\n"
    assert [each.section for each in normative_sentences(text)] == ["Introduction", "Appendix A"]


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("We shall and may.", "must"),
        ("It is required before release.", "must"),
        ("We go on only if it is met.", "must"),
        ("We are committed to it.", "will"),
        ("This would help.", "would"),
        ("We plan to publish.", "intend"),
        ("We currently expect this.", "intend"),
        ("It is recommended.", "aim"),
        ("They may use it.", "may"),
    ],
)
def test_the_strongest_verb_grades_a_sentence(sentence: str, modality: str) -> None:
    assert [each.modality for each in normative_sentences(sentence)] == [modality]


@pytest.mark.parametrize(
    "sentence", ["Published in May 2025.", "A commitment.", "The plan is long."]
)
def test_a_month_and_a_noun_are_no_verbs(sentence: str) -> None:
    assert normative_sentences(sentence) == ()
    assert [each.modality for each in normative_sentences(sentence, with_present=True)] == [
        "present"
    ]


def test_a_digest_is_of_letters_and_digits_alone() -> None:
    known = "387b8e8247fe18fffa39fa2dfcdfb555633a0585b6f7d781ffcda8e82aa20232"
    same = ("Level 3", "level-3.", "“LEVEL\u00ad  3”", "\uff2cevel\u00a03")
    assert {sentence_digest(each) for each in same} == {sentence_digest("level3")}
    assert sentence_digest("Level 3") != sentence_digest("Level 4")
    assert sentence_digest("level3") == known
