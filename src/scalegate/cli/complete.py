"""Complete words in a shell: subjects, gates, policies, codes, ids of evidence.

A completion never fails: where there is no workspace or it cannot be read, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from scalegate.base.errors import ScalegateError
from scalegate.policy.vocabulary import Gate

_REGISTERED = frozenset({"model", "deployment", "run"})


def complete_gate(incomplete: str) -> list[str]:
    """Complete the name of a gate."""
    return _starting(incomplete, (gate.value for gate in Gate))


def complete_subject(incomplete: str) -> list[str]:
    """Complete a subject that is registered in the workspace."""
    return _starting(
        incomplete, (subject for kind, _, subject in _recorded() if kind in _REGISTERED)
    )


def complete_asked(incomplete: str) -> list[str]:
    """Complete a subject, or a gate."""
    return [*complete_subject(incomplete), *complete_gate(incomplete)]


def complete_evidence(incomplete: str) -> list[str]:
    """Complete the id of a recorded item."""
    return _starting(incomplete, (name for _, name, _ in _recorded()))


def complete_order(incomplete: str) -> list[str]:
    """Complete the id of an order."""
    return _starting(incomplete, (name for kind, name, _ in _recorded() if kind == "order"))


def complete_incident(incomplete: str) -> list[str]:
    """Complete the id of an incident."""
    return _starting(incomplete, (name for kind, name, _ in _recorded() if kind == "incident"))


def complete_document(incomplete: str) -> list[str]:
    """Complete the id of a document of the lab's own."""
    return _starting(incomplete, (name for kind, name, _ in _recorded() if kind == "document"))


def complete_framework(incomplete: str) -> list[str]:
    """Complete the name of a policy that is shipped or the workspace's own."""
    from scalegate.wiring import find_frameworks, find_workspace

    found: list[str] = []
    with suppress(ScalegateError, OSError):
        found += [path.stem for path in find_frameworks().glob("*.yaml")]
    with suppress(ScalegateError, OSError):
        found += [path.stem for path in (find_workspace() / "policies").glob("*@*.yaml")]
    return _starting(incomplete, found)


def complete_case(incomplete: str) -> list[str]:
    """Complete the name of a published decision."""
    from scalegate.wiring import case_source

    found: list[str] = []
    with suppress(ScalegateError, OSError):
        found += case_source().names()
    return _starting(incomplete, found)


def complete_code(incomplete: str) -> list[str]:
    """Complete a code of `lint`."""
    from scalegate.policy.codes import CODES

    return _starting(incomplete.upper(), CODES)


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _recorded() -> list[tuple[str, str, str]]:
    """Return kind, id and subject of every record; a subject needs no document to be read."""
    from scalegate.wiring import open_workspace

    with suppress(ScalegateError, OSError):
        workspace = open_workspace()
        return [(item.kind, item.id, item.subject) for item in workspace.store.history()]
    return []
