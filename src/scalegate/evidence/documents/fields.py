"""Field types that all evidence documents share: exact numbers, instants, references.

1. Numbers are exact (`Decimal`) and finite; a whole number may be written where an exact number
   is asked. How many decimals were printed is kept.
2. An instant has a zone; a calendar date is the first instant of that day in UTC.
3. A list is read as a tuple, so that a document cannot change after it was read.
4. A reference names what it refers to: `model:claude-opus-4`, `deployment:api-eu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from scalegate.base.errors import FormatError
from scalegate.base.instants import format_duration, format_instant, parse_duration, parse_instant

Item = TypeVar("Item")

SUBJECT_KINDS = (
    "series",
    "model",
    "checkpoint",
    "deployment",
    "run",
    "lab",
    "safeguard",
    "framework",
    "world",
)
_NAME = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}"


class Fault(NamedTuple):
    """One fault that a model found by comparing its fields."""

    path: tuple[str | int, ...]
    what: str
    expected: str = ""
    got: str = ""
    hint: str = ""


def refuse(faults: Iterable[Fault]) -> None:
    """Refuse a model for what its fields say together; does nothing without a fault.

    Raises:
        PydanticCustomError: at least one fault; `evidence.faults` turns it into our errors.
    """
    found = tuple(faults)
    if found:
        raise PydanticCustomError(
            "scalegate_faults",
            "{count} faults",
            {
                "count": len(found),
                "faults": found,
            },
        )


def fault_unless(
    condition: object, path: str, what: str, *, expected: str = "", got: str = "", hint: str = ""
) -> list[Fault]:
    """Return no fault if the condition holds, else one at a field."""
    return [] if condition else [Fault((path,), what, expected, got, hint)]


class Part(BaseModel):
    """A frozen part of a document: strict types, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _as_exact(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _reading(parse: Callable[[object], Any]) -> Callable[[object], Any]:
    def read(value: object) -> Any:
        try:
            return parse(value)
        except FormatError as fault:
            refuse([Fault((), fault.what, fault.expected, fault.got, fault.hint)])

    return read


def _as_label(value: object) -> object:
    """A page or section may be written as a number; it is text, digit for digit."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    return value


def _as_measured(value: object) -> object:
    exact = _as_exact(value)
    if isinstance(exact, (bool, Decimal)):
        return exact
    if isinstance(exact, str) and 0 < len(exact) <= 200:
        return exact
    raise PydanticCustomError(
        "measured", "value of another type", {"expected": "a number, true, false, or short text"}
    )


Many = Annotated[tuple[Item, ...], BeforeValidator(_as_tuple)]
"""A list, kept as a tuple."""
Exact = Annotated[
    Decimal,
    BeforeValidator(_as_exact),
    Field(allow_inf_nan=False),
    WithJsonSchema({"type": "number"}),
]
"""A finite number, exactly as written."""
Amount = Annotated[Exact, Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]
"""An exact number, zero or more."""
Proportion = Annotated[
    Exact,
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
"""An exact number from 0 to 1; a percentage is refused."""
Positive = Annotated[Exact, Field(gt=0), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
"""An exact number above zero."""
Count = Annotated[int, Field(ge=0, le=10**9)]
"""A whole number, zero or more."""
Size = Annotated[int, Field(ge=1, le=10**9)]
"""A whole number, one or more."""
Instant = Annotated[
    datetime,
    BeforeValidator(_reading(parse_instant)),
    PlainSerializer(format_instant),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$",
        }
    ),
]
"""An RFC 3339 instant with a zone, or a calendar date in UTC."""
Duration = Annotated[
    timedelta,
    BeforeValidator(_reading(parse_duration)),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9]\d{0,5}(min|h|d|w|m|y)$"}),
]
"""A span such as `180d`, `6m`, `24h`."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""Text for readers, in our own words."""
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A short name or label."""
Label = Annotated[
    str,
    BeforeValidator(_as_label),
    StringConstraints(min_length=1, max_length=200),
    WithJsonSchema({"type": ["string", "number"]}),
]
"""A page or section as printed; a number is kept as text."""
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
"""A lower-case word with underscores."""
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@&+-]{0,99}$")]
"""An identifier; also the name of a file, so no slash."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""
Subject = Annotated[
    str, StringConstraints(pattern=rf"^(?:{'|'.join(SUBJECT_KINDS)}):{_NAME}(?:/{_NAME}){{0,3}}$")
]
"""What something is about, with its kind: `model:claude-opus-4`."""
CheckpointRef = Annotated[
    str, StringConstraints(pattern=rf"^checkpoint:{_NAME}(?:/{_NAME}){{0,3}}$")
]
ModelRef = Annotated[str, StringConstraints(pattern=rf"^model:{_NAME}(?:/{_NAME}){{0,3}}$")]
NodeRef = Annotated[
    str, StringConstraints(pattern=rf"^(?:checkpoint|model):{_NAME}(?:/{_NAME}){{0,3}}$")
]
"""A checkpoint or a model."""
SeriesRef = Annotated[str, StringConstraints(pattern=rf"^series:{_NAME}(?:/{_NAME}){{0,3}}$")]
LabRef = Annotated[str, StringConstraints(pattern=rf"^lab:{_NAME}$")]
FrameworkRef = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}@[A-Za-z0-9._-]{1,40}$")
]
"""A framework in one version: `anthropic-rsp@2.2`."""
ClauseRef = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9][a-z0-9-]{0,79}(?:@[A-Za-z0-9._-]{1,40})?/[A-Za-z0-9][A-Za-z0-9_&+./-]{0,99}$"
    ),
]
"""Something that a framework or an indicator set defines: `anthropic-rsp@2.2/CBRN-3`."""
Question = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z_]{1,40}:[A-Za-z0-9][A-Za-z0-9@._&+-]{0,120}(?:/[A-Za-z0-9][A-Za-z0-9@_&+.-]{0,99}){0,3}$"
    ),
]
"""The question that an act or judgement answers: `threshold:anthropic-rsp@2.2/CBRN-3`."""
Measured = Annotated[
    Decimal | bool | str,
    PlainValidator(_as_measured),
    WithJsonSchema({"type": ["number", "boolean", "string"]}),
]
"""A measured value: a number, a flag, or a word."""

Domain = Literal["cbrn", "cyber", "ai_rnd", "misalignment", "manipulation", "autonomy"]
Comparator = Literal["at_least", "above", "at_most", "below", "equals"]
Level = Literal["E0", "E1", "E2", "E3a", "E3b", "E3c"]
"""The elicitation ladder, weakest first (docs/explanation: statistics)."""


class Cite(Part):
    """A place in a named document; never the words."""

    document: Short
    """Short name of the document, such as `Claude 4 system card`."""
    section: Label | None = None
    """Section number or heading as printed."""
    page: Label | None = None
    """Page or pages as printed."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S{1,1990}$")] | None = None
    """The publisher's address."""


class Elicitation(Part):
    """How hard the tester tried to bring the capability out."""

    level: Level
    """Where it stands on the ladder; without evidence it is `E0`."""
    description: Text
    """Scaffold, tools, removed refusals, sampling, fine-tuning: what was done."""
    demonstrations: Count | None = None
    """Fine-tuning demonstrations used, for `E3a` to `E3c`."""
    effort: Short | None = None
    """Reasoning effort it was run at, where the model has several."""
    source: Cite | None = None
    """Where this is printed, if not at the document's own source."""


class EvalName(Part):
    """An evaluation in a harness version; two versions are two evaluations."""

    name: Short
    """Name of the evaluation as printed, or of the task."""
    harness: Short | None = None
    """Who or what ran it: a harness, a contractor, the lab itself."""
    harness_version: Label | None = None
    """Version of the harness as printed; several sets are never comparable."""
    task_version: Label | None = None
    """Version of the task or question set."""
    dataset_sha256: Sha256 | None = None
    """Digest of the samples."""
