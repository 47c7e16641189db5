"""Read one evidence document from its text.

1. The text is YAML or JSON of the safe subset (`base.yaml_text`).
2. `schema: scalegate/<kind>@1` says which payload follows; an unknown kind is a fault.
3. Envelope and payload are checked together, so that all their faults are shown at once.
4. A document may be about the subjects of its kind only (`documents.kinds.SUBJECTS`).
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import DocumentPath, YamlDocument, parse_yaml
from scalegate.evidence.documents.envelope import Envelope
from scalegate.evidence.documents.fields import Part
from scalegate.evidence.documents.kinds import PAYLOADS, SUBJECTS
from scalegate.evidence.faults import faults_of
from scalegate.evidence.model import Kind, subject_kind
from scalegate.evidence.record import Record, canonical_digest

Model = TypeVar("Model", bound=BaseModel)


def parse_document(text: str, *, file: str | None = None) -> Record:
    """Read an evidence document.

    Raises:
        DocumentFaults: every fault of text, envelope and payload, with file, line, expected, got.

    Does not check: that the source says what the document claims; that ids and subjects it
    refers to exist (`register`, `bundle`); the file that a horizon document names (adapters).
    """
    document = parse_yaml(text, file=file)
    return record_of(document, bytes_sha256=sha256_hex(text.encode("utf-8", "surrogatepass")))


def record_of(document: YamlDocument, *, bytes_sha256: str) -> Record:
    """Validate a document that was read as plain data.

    Raises:
        DocumentFaults: every fault of envelope and payload.
    """
    kind = kind_of(document)
    value = document.value
    assert isinstance(value, dict)
    faults: list[FormatError] = []
    envelope = validated(Envelope, value, document, faults=faults)
    payload = None
    if isinstance(value.get("payload"), dict):
        payload = validated(
            PAYLOADS[kind], value["payload"], document, faults=faults, below=("payload",)
        )
    if envelope is not None:
        _check_subject(kind, envelope.subject, document, faults)
    if faults or envelope is None or payload is None:
        raise DocumentFaults(faults)
    return _record(kind, envelope, payload, file=document.file, bytes_sha256=bytes_sha256)


def _record(
    kind: Kind, envelope: Envelope, payload: Part, *, file: str | None, bytes_sha256: str
) -> Record:
    def made(digest: str) -> Record:
        return Record(
            kind=kind,
            id=envelope.id,
            subject=envelope.subject,
            true_from=envelope.true_from,
            true_until=envelope.true_until,
            known_from=envelope.known_from,
            source=envelope.source,
            note=envelope.note,
            payload=payload,
            digest=digest,
            bytes_sha256=bytes_sha256,
            file=file,
        )

    return made(canonical_digest(made("").to_mapping()))


def kind_of(document: YamlDocument) -> Kind:
    """Return the kind that a document's `schema` names.

    Raises:
        DocumentFaults: not a mapping, no schema, or one that this version does not read.
    """
    value = document.value
    if not isinstance(value, dict):
        fault = document.fault("not an evidence document", (), expected="a mapping with `schema`")
        raise DocumentFaults([fault])
    schema = value.get("schema")
    for kind in Kind:
        if schema == kind.schema:
            return kind
    known = ", ".join(kind.value for kind in Kind)
    raise DocumentFaults(
        [
            document.fault(
                "unknown schema" if "schema" in value else "no schema named",
                ("schema",),
                expected="`scalegate/<kind>@1`",
                got=f"`{plain(schema, limit=60)}`" if "schema" in value else "",
                hint=f"kinds: {known}",
            )
        ]
    )


def validated(
    model: type[Model],
    value: Any,
    document: YamlDocument,
    *,
    faults: list[FormatError],
    below: DocumentPath = (),
) -> Model | None:
    """Return the validated model, or None with its faults added to `faults`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults.extend(faults_of(error, document, model=model, below=below))
        return None


def _check_subject(
    kind: Kind, subject: str, document: YamlDocument, faults: list[FormatError]
) -> None:
    allowed = SUBJECTS.get(kind)
    if allowed is not None and subject_kind(subject) not in allowed:
        faults.append(
            document.fault(
                f"a `{kind}` cannot be about this",
                ("subject",),
                expected=" or ".join(f"`{name}:...`" for name in sorted(allowed)),
                got=f"`{plain(subject, limit=80)}`",
            )
        )
