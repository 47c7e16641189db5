"""Read a policy document: text in, a validated `Policy` out, or every fault at once.

1. The text is read by the safe YAML subset (`base.yaml_text`).
2. The shape is checked field by field; unknown fields are faults.
3. Ids are unique within the document, across kinds that a condition may name.
4. Every reference (in conditions, standards, ladders, roles, ...) names something declared.
5. The ladder (`above`) and the inferences (`rules_out`) have no cycle.
6. A comparison fits its variable: numbers with numbers, choices with declared choices.

Does not check: what `lint` reports, such as rows that can never decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import DocumentPath, YamlDocument, parse_yaml
from scalegate.policy.conditions import ConditionFault
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.policy.references import reference_faults, set_faults
from scalegate.policy.salvage import salvaged_faults

_Model = TypeVar("_Model", bound=BaseModel)


def parse_policy(text: str, *, file: str | None = None) -> Policy:
    """Read a policy document.

    Raises:
        DocumentFaults: every fault found, with file, line, expected and got.
    """
    document = parse_yaml(text, file=file)
    try:
        policy = Policy.model_validate(document.value)
    except ValidationError as error:
        by_item = [(item, tuple(_faults_of(item, document))) for item in error.errors()]
        shape = [fault for _, faults in by_item for fault in faults]
        paths = [_document_path(item["loc"], document) for item, faults in by_item if faults]
        found = [
            document.fault(what, path, expected=expected, got=got)
            for path, what, expected, got in salvaged_faults(document.value, paths)
        ]
        raise DocumentFaults([*shape, *found]) from None
    raise_faults(document, reference_faults(policy))
    return policy


def parse_indicator_set(text: str, policy: Policy, *, file: str | None = None) -> IndicatorSet:
    """Read a set of lines published outside the policy, for thresholds of `policy`.

    Raises:
        DocumentFaults: every fault found; a threshold the policy does not define is one.
    """
    document = parse_yaml(text, file=file)
    indicators = validated(IndicatorSet, document)
    raise_faults(document, set_faults(indicators, policy))
    return indicators


def framework_of(text: str, *, file: str | None = None) -> str:
    """Return the framework that an indicator set names, before the rest is read.

    Raises:
        DocumentFaults: the text is not a mapping with a `framework`.
    """
    document = parse_yaml(text, file=file)
    value = document.value
    name = value.get("framework") if isinstance(value, dict) else None
    if not isinstance(name, str):
        fault = document.fault(
            "no framework named", ("framework",), expected="a name such as `anthropic-rsp@2.2`"
        )
        raise DocumentFaults([fault])
    return name


def with_indicators(policy: Policy, sets: Iterable[IndicatorSet]) -> Policy:
    """Return the policy with the lines of these sets added to its thresholds.

    A set never replaces a line of the policy. Order of the sets does not matter.
    """
    chosen = sorted(sets, key=lambda item: item.id)
    thresholds = []
    for threshold in policy.thresholds:
        own = {indicator.id for indicator in threshold.indicators}
        added = [
            indicator.model_copy(update={"subjects": indicator.subjects or item.subjects})
            for item in chosen
            for indicator in item.indicators
            if indicator.threshold == threshold.id and indicator.id not in own
        ]
        combine = next(
            (item.combine[threshold.id] for item in chosen if threshold.id in item.combine),
            threshold.combine,
        )
        update = {"indicators": (*threshold.indicators, *added), "combine": combine}
        thresholds.append(threshold.model_copy(update=update))
    return policy.model_copy(update={"thresholds": tuple(thresholds)})


def validated(model: type[_Model], document: YamlDocument) -> _Model:
    """Return a read document as a value of this shape.

    Raises:
        DocumentFaults: every fault of its shape.
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        faults = [fault for item in error.errors() for fault in _faults_of(item, document)]
    raise DocumentFaults(faults)


def _faults_of(item: Any, document: YamlDocument) -> Iterable[FormatError]:
    path = _document_path(item["loc"], document)
    context = item.get("ctx", {})
    inner = context.get("faults")
    if isinstance(inner, list):
        for fault in inner:
            yield _condition_fault(fault, path, document)
        return
    kind = item["type"]
    if kind == "extra_forbidden":
        yield document.fault("unknown field", path, expected="a field of the schema")
    elif kind == "missing":
        yield document.fault("missing field", path, expected=f"`{path[-1]}`")
    elif kind != "too_short" or len(item["input"]) < context["min_length"]:
        # A list with a faulty entry also counts as too short; that is no fault of its own.
        got = plain(item["input"], limit=80)
        yield document.fault("wrong value", path, expected=_expected(item), got=f"`{got}`")


def _expected(item: Any) -> str:
    context = item.get("ctx", {})
    if item["type"] == "string_pattern_mismatch" and context["pattern"] in _FORMS:
        return _FORMS[context["pattern"]]
    if item["type"] in _EXPECTED:
        return _EXPECTED[item["type"]].format(**context)
    return str(context.get("expected") or item["msg"]).replace("'", "`")


_FORMS = {
    r"^\d{4}-\d{2}-\d{2}$": "text of the form `2025-05-14`: a day, without a time",
    r"^[1-9]\d{0,5}(min|h|d|w|m|y)$": "text of the form `30d`, `6m` or `1y`",
    r"^[0-9a-f]{64}$": "text of the form of a SHA-256: 64 hexadecimal digits, small letters",
    r"^[A-Za-z0-9][A-Za-z0-9_&+.-]{0,79}$": (
        "text of the form of an id: letters, digits and `_&+.-`, no spaces"
    ),
}
"""What some forms are called; other forms are shown."""

_EXPECTED = {
    "bool_type": "`true` or `false`",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} character",
    "string_type": "text",
    "too_short": "a list with at least {min_length}",
    "tuple_type": "a list",
}
"""What the checker wants, in our words; other kinds keep the checker's."""


def _document_path(location: Iterable[int | str], document: YamlDocument) -> DocumentPath:
    """Drop the steps that the checker adds for alternatives and that no document has."""
    path: tuple[int | str, ...] = ()
    value: Any = document.value
    for step in location:
        inside = _step_into(value, step)
        if inside is not _NOTHING:
            value = inside
        elif isinstance(value, dict) and not str(step).startswith(("function-", "literal[")):
            return (*path, step)
        else:
            continue
        path = (*path, step)
    return path


_NOTHING = object()


def _step_into(value: Any, step: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(step, _NOTHING)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _NOTHING


def _condition_fault(
    fault: ConditionFault, path: DocumentPath, document: YamlDocument
) -> FormatError:
    full = (*path, *fault.path)
    return document.fault("faulty condition", full, expected=fault.expected, got=fault.got)


def raise_faults(
    document: YamlDocument, found: Iterable[tuple[DocumentPath, str, str, str]]
) -> None:
    """Raise what was found in a document: path, what, expected, got.

    Raises:
        DocumentFaults: there is any.
    """
    faults = [
        document.fault(what, path, expected=expected, got=got)
        for path, what, expected, got in found
    ]
    if faults:
        raise DocumentFaults(faults)
