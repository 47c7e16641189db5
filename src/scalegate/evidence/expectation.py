"""What a case expects: `expected.json`, read with every fault at once.

1. `own`, `status`, `effect` and the like are compared with what the engine finds; a field that is
   left out is not compared.
2. `published` says what the lab published: of a finding the level that it determined, of a gate
   what it did. It is compared with the acts on record, never with the engine's answer.
3. `cause`, `because` and `clause` are written by people wherever the two differ.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.yaml_text import parse_yaml
from scalegate.evidence.documents.fields import (
    FrameworkRef,
    Identifier,
    Many,
    Part,
    Short,
    Subject,
    Text,
)
from scalegate.evidence.parse import validated

EXPECTED_SCHEMA = "scalegate/expected@1"

Because = Literal[
    "judgement_softened",
    "evidence_not_published",
    "reading",
    "reference_model",
    "inherited",
    "discretion",
    "beyond_policy",
    "not_modelled",
]
"""Why a computed answer and a published one differ, from a closed list."""
BECAUSE: tuple[str, ...] = get_args(Because)
"""The same, as words."""
LevelWord = Literal["not_required", "ruled_out", "not_ruled_out", "crossed", "unassessed"]
EffectWord = Literal["allow", "allow_with", "restrict", "hold", "withdraw", "ungoverned"]
OutcomeWord = Literal["open", "restricted", "held", "withdrawn", "not_said"]
HUMAN = frozenset({"cause", "because", "clause", "published_at"})
"""Fields that people write and nothing computes."""


class Explained(Part):
    """Why a computed and a published answer differ, where they do."""

    cause: Text | None = None
    """Why, in words."""
    because: Because | None = None
    """The kind of cause."""
    clause: Short | None = None
    """The clause of the policy, or the place in the source, on which it turns."""
    published_at: Short | None = None
    """Where the published answer stands: section and page."""


class ExpectedDetermination(Part):
    """A published determination as the engine grades it."""

    by: Short
    """The role."""
    level: LevelWord
    """The level it counts as."""
    grade: Identifier
    """How it stands to the finding."""
    counts: bool
    """Whether it fixes the status."""


class ExpectedFinding(Explained):
    """What is expected of one threshold."""

    published: LevelWord | None = None
    """The level that the lab determined; absent: that of the acts on record, if any."""
    own: LevelWord
    """The engine's own finding."""
    status: LevelWord
    """The level that decides, determinations entered."""
    reasons: Many[Identifier] | None = None
    """Why."""
    flags: Many[Identifier] | None = None
    """Flags of the status."""
    determinations: Many[ExpectedDetermination] | None = None
    """Published determinations with their grades."""


class ExpectedGate(Explained):
    """What is expected of one gate."""

    gate: Identifier
    """The gate."""
    ask: Literal["start", "continue"] = "start"
    """Whether something begins, or goes on."""
    of: Subject | None = None
    """The deployment or run, where one was named."""
    effect: EffectWord
    """What the policy answers on the record."""
    inconclusive: bool | None = None
    """Whether it is held only for what is not known."""
    at_its_word: EffectWord | None = None
    """What the policy answers where the lab is taken at its word."""
    published: OutcomeWord = "not_said"
    """What the lab did."""


class ExpectedFramework(Part):
    """What is expected under one framework."""

    findings: dict[Identifier, ExpectedFinding]
    """Per threshold."""
    gates: Many[ExpectedGate]
    """In the order of `case.yaml`."""


class ExpectedLog(Part):
    """What is expected of one log."""

    samples: int
    """Sample runs in the file."""
    clean: int
    """Those without a blemish."""
    flags: dict[Identifier, int]
    """Blemishes, counted."""


class ExpectedFile(Part):
    """What `expected.json` says."""

    schema_name: Annotated[Literal["scalegate/expected@1"], Field(alias="schema")]
    """`scalegate/expected@1`; written `schema` in the file."""
    case: Identifier
    """The case's `id`."""
    frameworks: dict[FrameworkRef, ExpectedFramework]
    """One entry for each framework of the case."""
    logs: dict[Short, ExpectedLog] | None = None
    """One entry for each log."""


def parse_expectation(text: str, *, file: str | None = None) -> dict[str, Any]:
    """Read `expected.json` and return it as plain data, checked.

    Raises:
        DocumentFaults: every fault, with file, line, expected, got.

    Does not check: that the case has these thresholds and gates; `app.replaying` compares.
    """
    document = parse_yaml(text, file=file)
    if not isinstance(document.value, dict):
        raise DocumentFaults([document.fault("not an expectation", (), expected="a mapping")])
    faults: list[FormatError] = []
    read = validated(ExpectedFile, document.value, document, faults=faults)
    if read is None:
        raise DocumentFaults(faults)
    return document.value
