"""What is kept besides evaluations: the register, orders, incidents, the labs' documents.

No policy has a part in these; a log has none either, so none is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalegate.app.deciding import Instants
from scalegate.app.workspace import Workspace, load_documents
from scalegate.evidence.register import Register, register_from

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The documents of a workspace at two instants, with the register they make."""

    instants: Instants
    bundle: Bundle[EvalLog]
    register: Register


def keep(workspace: Workspace, instants: Instants) -> Kept:
    """Read the documents of a workspace at two instants.

    Raises:
        DocumentFaults: a document or the register is wrong.
        TrustError: recorded evidence no longer has its digest.
        OutsideError: the store cannot be read.
    """
    bundle = load_documents(workspace, instants.true_at, instants.known_at)
    return Kept(instants=instants, bundle=bundle, register=register_from(bundle.records))
