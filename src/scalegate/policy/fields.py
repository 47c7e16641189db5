"""The kinds of value that the parts of a policy document are made of."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from scalegate.policy.conditions import Condition, read_condition, to_plain
from scalegate.policy.vocabulary import EffectLevel, Modality, NamedEnum

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_&+.-]{0,79}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


def _real_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        known = {"expected": "a day that there is, such as `2025-05-14`"}
        raise PydanticCustomError("day", "no such day", known) from None
    return text


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_real_day)]
Span = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,5}(min|h|d|w|m|y)$")]
GraceSpan = Annotated[str, StringConstraints(pattern=r"^(none|[1-9]\d{0,5}(min|h|d|w|m|y))$")]
"""A span, or `none` for a length of zero."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


YesNo = Annotated[bool, Strict()]
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


def number_text(value: object) -> object:
    """Return a number written as text as that number, and any other value as it is.

    `to_plain` writes numbers as decimal text, so that no reader rounds them.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    return value


def _whole_to_exact(value: object) -> object:
    if isinstance(value, float):
        raise PydanticCustomError("number", "not exact", {"expected": "an exact decimal number"})
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Exact = Annotated[Decimal, BeforeValidator(_whole_to_exact), Field(allow_inf_nan=False)]


def _condition(plain: object) -> Condition:
    condition, faults = read_condition(plain)
    if faults:
        raise PydanticCustomError("condition", "faulty condition", {"faults": list(faults)})
    return condition


ConditionField = Annotated[
    Condition,
    PlainValidator(_condition),
    PlainSerializer(to_plain),
    WithJsonSchema({"title": "Condition", "type": ["object", "string"]}),
]


def _reader(kind: type[NamedEnum]) -> PlainValidator:
    """Return a validator that reads an ordered enum from its lower-case word."""

    def read(word: object) -> NamedEnum:
        member = word if isinstance(word, kind) else kind.from_word(word)
        if member is None:
            known = ", ".join(item.word for item in kind)
            raise PydanticCustomError("word", "not a known word", {"expected": f"one of {known}"})
        return member

    return PlainValidator(read)


def _word(member: NamedEnum) -> str:
    return member.word


ModalityField = Annotated[
    Modality,
    _reader(Modality),
    PlainSerializer(_word),
    WithJsonSchema({"enum": [item.word for item in Modality]}),
]
EffectField = Annotated[
    EffectLevel,
    _reader(EffectLevel),
    PlainSerializer(_word),
    WithJsonSchema({"enum": [item.word for item in EffectLevel]}),
]


class Part(BaseModel):
    """Base of every part: frozen, strict about fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)


class Cite(Part):
    """A place in the policy's text (or another named document)."""

    document: Text
    """Short name of the document."""
    section: str = ""
    """Section as printed."""
    page: str = ""
    """Page as printed, or of the file."""
    url: str = ""
    """The publisher's address."""

    def __str__(self) -> str:
        section = f", {self.section}" if self.section else ""
        page = f", p. {self.page}" if self.page else ""
        return f"{self.document}{section}{page}"


class Source(Part):
    """The text a policy document was read from."""

    title: Text
    """Title as published."""
    published_at_url: Text
    """The publisher's address."""
    read_text_sha256: Sha256 | None = None
    """Digest of the plain text that was read; it is not the digest of the publisher's file."""
    read_from: str = ""
    """Where that text lies, with its commit."""
    note: str = ""
    """Anything a reader must know of the edition."""
