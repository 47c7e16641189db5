"""Turn a logged score value into a number, or say why there is none.

1. `C`, `I`, `P`, `N` (any surrounding blanks) are 1, 0, 0.5, 0; `N` also leaves the note
   `no_answer`, because a model that did not try was not measured.
2. Numbers and booleans are themselves; text that is a finite number is that number.
3. `yes`, `true` are 1; `no`, `false` are 0, in any case.
4. A dict gives one column per key (`scorer/key`), a list one per index (`scorer/0`).
5. NaN, infinities, null and anything else are unscored, with the reason; never 0.
6. No range is checked here: what lies outside the asked measure's range is flagged at use.

Source: inspect-ai `value_to_float` (scorer/_metric.py). We depart from it in rule 5: there
anything that cannot be read becomes 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

_LETTERS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_ENTRY_LIMIT = 256
_NAME_LIMIT = 200


def entries_of(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield one named scalar per entry of a score value; a scalar is its own entry.

    At most 256 entries per score; names are cut at 200 characters.
    """
    if isinstance(value, Mapping):
        for index, key in enumerate(value):
            if index < _ENTRY_LIMIT:
                yield f"{name}/{key}"[:_NAME_LIMIT], value[key]
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value[:_ENTRY_LIMIT]):
            yield f"{name}/{index}"[:_NAME_LIMIT], entry
    else:
        yield name[:_NAME_LIMIT], value


def score_number(value: object) -> tuple[float, str, str]:
    """Return (number, reason it is unscored or "", note or "") of one scalar score."""
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, bool | int | float):
        return _of_number(value)
    if value is None:
        return 0.0, "null", ""
    return 0.0, "not_a_scalar", ""


def _of_text(text: str) -> tuple[float, str, str]:
    letter = text.strip() if len(text) < 32 else text
    if letter in _LETTERS:
        return _LETTERS[letter], "", "no_answer" if letter == "N" else ""
    word = letter.lower()
    if word in _WORDS:
        return _WORDS[word], "", ""
    try:
        number = float(word) if len(word) < 32 and "_" not in word else math.nan
    except ValueError:
        return 0.0, "text", ""
    if math.isfinite(number):
        return number, "", ""
    return 0.0, "not_a_number" if len(word) < 32 and word.strip("+-") == "nan" else "text", ""


def _of_number(value: float) -> tuple[float, str, str]:
    try:
        number = float(value)
    except OverflowError:
        return 0.0, "infinite", ""
    if math.isnan(number):
        return 0.0, "not_a_number", ""
    if math.isinf(number):
        return 0.0, "infinite", ""
    return number, "", ""
