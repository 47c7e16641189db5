"""Small register documents for tests: a series of models with variants."""

from __future__ import annotations

from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record

HEAD = """\
schema: scalegate/{kind}@1
id: {id}
subject: {subject}
true_from: 2026-01-01
known_from: {known_from}
source: {{document: Register, mark: synthetic}}
payload:
"""


def document(
    kind: str, subject: str, payload: str, *, name: str = "", known_from: str = "2026-01-01"
) -> Record:
    """Return a record with a payload written in flow style."""
    named = name or subject.replace(":", "-").replace("/", "-")
    head = HEAD.format(kind=kind, id=named, subject=subject, known_from=known_from)
    return parse_document(head + "  " + payload.strip().replace("\n", "\n  ") + "\n", file=named)


def model(
    name: str, *lines: str, checkpoints: tuple[str, ...] = (), edges: tuple[str, ...] = ()
) -> Record:
    """Return the record of a model of `series:s`."""
    body = ["series: series:s", "lab: lab:l", *lines]
    if checkpoints:
        body += ["checkpoints:", *(f"  - {{{each}}}" for each in checkpoints)]
    if edges:
        body += ["edges:", *(f"  - {{{each}}}" for each in edges)]
    return document("model", f"model:{name}", "\n".join(body))


def variant(start: str, to: str, kind: str) -> str:
    """Return a `variant_of` edge."""
    return f'kind: variant_of, start: "checkpoint:{start}", to: "checkpoint:{to}", variant: {kind}'


OLD = model("old", "is_root: true", checkpoints=('id: "checkpoint:old/final"',))
NEW = model(
    "new",
    "root: model:old",
    "effective_compute_ratio: 3.5",
    "elicitation_months: 2",
    checkpoints=(
        'id: "checkpoint:new/final", role: shipped, refuses: true',
        'id: "checkpoint:new/helpful", role: elicitation',
        'id: "checkpoint:new/tuned", role: elicitation',
        'id: "checkpoint:new/int8", role: candidate',
        'id: "checkpoint:new/early", role: intermediate',
    ),
    edges=(
        variant("new/helpful", "new/final", "helpful_only"),
        variant("new/tuned", "new/helpful", "fine_tuned"),
        variant("new/int8", "new/final", "quantised"),
        'kind: checkpoint_of, start: "checkpoint:new/early", to: "model:new"',
        'kind: successor_of, start: "model:new", to: "model:old"',
        'kind: bounded_by, start: "model:new", to: "model:old", domains: [cbrn], evidence: [cmp]',
    ),
)
API = document(
    "deployment",
    "deployment:api",
    "checkpoint: checkpoint:new/final\nsurfaces: [{name: api, kind: api}]\naudience: everyone",
)
RUN = document("run", "run:rl", "kind: reinforcement\ncheckpoint: checkpoint:new/final")
SCRATCH = document("run", "run:scratch", "kind: pretraining\nmodel: model:new")
ALL = (OLD, NEW, API, RUN, SCRATCH)
