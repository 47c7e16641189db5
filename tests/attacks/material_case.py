"""A small record whose one decision was really computed, with the material it was computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from scalegate.adapters.inspect_log import read_log
from scalegate.app.deciding import Instants, Prepared, decide_all, inputs_from
from scalegate.app.record.bundling import write_files
from scalegate.app.record.deciding import Seen, decision_statement
from scalegate.app.record.material import (
    evidence_list,
    material_path,
    policy_list,
    table_list,
    tables_digest,
    tables_of,
)
from scalegate.app.workspace import LoadedPolicy, policies_of
from scalegate.base.canonical import sha256_hex
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.parse import parse_document
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.statements import Statement
from scalegate.ledger.tree import Tree
from scalegate.policy.vocabulary import Ask, Gate
from scalegate.ports import PolicyText, TableKind
from tests.attacks.test_bundles import ROOT, files_of
from tests.e2e.test_cli_permit import FACT, MODEL, POLICY
from tests.unit.ledger.signers import sealed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOGS = Path(__file__).parents[2] / "examples" / "inspect-logs" / "logs"


class OnePolicy:
    """A source with one policy."""

    def __init__(self, text: str) -> None:
        content = text.encode()
        self._text = PolicyText(
            file="house.yaml", text=text, digest=sha256_hex(content), is_shipped=False
        )

    def policies(self) -> tuple[PolicyText, ...]:
        return (self._text,)

    def indicator_sets(self) -> tuple[PolicyText, ...]:
        return ()

    def tables(self, kind: TableKind) -> tuple[PolicyText, ...]:
        return ()

    def bridges(self) -> tuple[PolicyText, ...]:
        return ()


@cache
def small_log() -> EvalLog:
    """Return the smallest of the shipped logs."""
    return read_log(min(LOGS.glob("*.eval"), key=lambda path: path.stat().st_size))


@dataclass(frozen=True)
class Material:
    """A decision with everything it was computed from."""

    stated: Statement
    policy: LoadedPolicy
    bundle: Bundle[EvalLog]

    def content(self) -> dict[str, bytes]:
        """Return the material by digest."""
        tables = tables_of(self.bundle)
        found = [
            policy_list(self.policy),
            POLICY.encode(),
            evidence_list(self.bundle),
            *(each.canonical for each in self.bundle.history),
            table_list(tables),
            *tables.values(),
        ]
        return {sha256_hex(each): each for each in found}

    def files(self, stated: Statement | None = None) -> dict[str, bytes]:
        """Return the files of a log with this decision, and of the material."""
        envelope = sealed((stated or self.stated).to_payload(), "gate-1")
        held = files_of(ROOT, envelope)
        return held | {material_path(name): each for name, each in self.content().items()}

    def bundled(self, stated: Statement | None = None) -> bytes:
        """Return the bundle."""
        return write_files(self.files(stated), {})

    def lying(self, **fields: object) -> Statement:
        """Return the statement with other fields."""
        return replace(self.stated, predicate={**self.stated.predicate, **fields})


@cache
def material() -> Material:
    """Return a decision at one gate, from a policy, two documents and a log."""
    log = small_log()
    records = [parse_document(MODEL), parse_document(FACT)]
    bundle = bundle_of(records, {log.digest_sha256: log}).as_of(NOON, NOON)
    (policy,) = policies_of(OnePolicy(POLICY), ["house@1"])
    instants = Instants(true_at=NOON, known_at=NOON)
    inputs = (inputs_from(policy, bundle, instants),)
    prepared = Prepared(instants=instants, inputs=inputs, bundle=bundle)
    (decided,) = decide_all(prepared, "model:m", (Gate.EXTERNAL_GENERAL,), ask=Ask.START)
    seen = Seen(size=1, root=Tree([leaf_of(ROOT).to_bytes()]).root())
    stated = decision_statement(
        decided.decisions[0], decided_at=NOON, seen=seen, tables=tables_digest(bundle)
    )
    return Material(stated=stated, policy=policy, bundle=bundle)
