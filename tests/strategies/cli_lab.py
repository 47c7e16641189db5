"""The made-up lab of the report's tests, as files and as a workspace, for tests of the verbs."""

from __future__ import annotations

import json
from pathlib import Path

from scalegate.app.importing import import_paths
from scalegate.wiring import create_workspace
from tests.strategies.report_case import (
    DOCUMENTS,
    FIRST,
    HEAD,
    MODEL,
    PLAIN,
    SECOND,
    SUBJECT,
    URL,
    filled,
)

__all__ = ["AS_OF", "MODEL", "POLICIES", "SUBJECT", "make_lab", "write_documents"]

AS_OF = "2031-03-01"
POLICIES = {"meridian-fsf@3.2": FIRST, "other-frame@1": SECOND}
OWNERS = """
[owners]
RND-1 = "evaluations, 21d"
vault = "security, 60d"
filters = "safeguards"
"""


def write_documents(folder: Path, *, words: str = PLAIN) -> None:
    """Write the lab's documents as files, with this free text in them."""
    folder.mkdir()
    for kind, name, subject, since, payload in DOCUMENTS:
        text = HEAD.format(
            kind=kind,
            id=name,
            subject=json.dumps(subject),
            since=since,
            payload=json.dumps(payload),
        )
        (folder / f"{name}.yaml").write_text(filled(text, words, URL), encoding="utf-8")


def make_lab(folder: Path, *, words: str = PLAIN) -> Path:
    """Make a workspace with the lab's two policies, its evidence and its owners."""
    documents = folder.with_name(f"{folder.name}-documents")
    write_documents(documents, words=words)
    workspace = create_workspace(folder, name="Meridian", frameworks=tuple(POLICIES))
    for name, text in POLICIES.items():
        policy = filled(text, words, URL)
        (folder / "policies" / f"{name}.yaml").write_text(policy, encoding="utf-8")
    with (folder / "scalegate.toml").open("a", encoding="utf-8") as settings:
        settings.write(OWNERS)
    report = import_paths(workspace.store, workspace.reader, [documents])
    assert report.is_complete, report
    workspace.store.close()
    return folder
