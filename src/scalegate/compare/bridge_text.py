"""Read a bridge: text in, a validated `Bridge` out, or every fault at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scalegate.base.errors import DocumentFaults
from scalegate.base.yaml_text import YamlDocument, parse_yaml
from scalegate.compare.bridge import Bridge
from scalegate.compare.bridge_faults import bridge_faults
from scalegate.policy.document import Policy
from scalegate.policy.parse import raise_faults, validated
from scalegate.policy.schema import finished


def parse_bridge(text: str, old: Policy, new: Policy, *, file: str | None = None) -> Bridge:
    """Read a bridge between two policies.

    Raises:
        DocumentFaults: every fault found, with file, line, expected and got: an id that the policy
            has not, a part that is mapped twice, facts that cannot be the same.
    """
    document = parse_yaml(text, file=file)
    bridge = validated(Bridge, document)
    raise_faults(document, bridge_faults(bridge, old, new))
    return bridge


def bridge_schema(descriptions: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a bridge, for editors; they know no references.

    Args:
        descriptions: per class and field, the text an editor shows.
    """
    return finished(Bridge.model_json_schema(by_alias=True), "bridge", descriptions or {})


def ends_of(text: str, *, file: str | None = None) -> tuple[str, str]:
    """Return the names of the policies that a bridge joins, before the rest is read.

    Raises:
        DocumentFaults: the text is not a mapping with `old` and `new`.
    """
    document = parse_yaml(text, file=file)
    return _end(document, "old"), _end(document, "new")


def _end(document: YamlDocument, key: str) -> str:
    value = document.value
    name = value.get(key) if isinstance(value, dict) else None
    if not isinstance(name, str):
        expected = "the name of a policy, such as `anthropic-rsp@2.2`"
        fault = document.fault("no policy named", (key,), expected=expected)
        raise DocumentFaults([fault])
    return name
