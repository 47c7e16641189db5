"""The shipped cases: found in the folder of examples, and imported into a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import DocumentFaults, OutsideError, UnknownName

if TYPE_CHECKING:
    from scalegate.app.importing import ImportReport
    from scalegate.app.workspace import Workspace
    from scalegate.evidence.case import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One shipped case."""

    folder: Path
    """Where it lies."""
    case: CaseFile
    """What its `case.yaml` says."""

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name


def shipped_examples(name: str | None = None) -> tuple[Example, ...]:
    """Return every case of the examples, by name of its folder; or the named one.

    Raises:
        UnknownName: no example of that name.
        OutsideError: the examples did not come with this installation, or cannot be read.
        DocumentFaults: a `case.yaml` is wrong.
    """
    from scalegate.evidence.case import parse_case
    from scalegate.wiring import find_examples

    files = sorted(find_examples().glob("*/case.yaml"))
    names = [file.parent.name for file in files]
    if name is not None and name not in names:
        raise UnknownName("example", name, known=names)
    found = []
    for file in files:
        if name in (None, file.parent.name):
            try:
                text = file.read_text(encoding="utf-8")
            except OSError as cause:
                reason = (cause.strerror or "unreadable").lower()
                raise OutsideError(f"cannot read `{file}`: {reason}") from cause
            case = parse_case(text, file=f"{file.parent.name}/case.yaml")
            found.append(Example(folder=file.parent, case=case))
    return tuple(found)


def frameworks_of(examples: tuple[Example, ...]) -> tuple[str, ...]:
    """Return the policies that the cases ask, each once, in their order."""
    return tuple(dict.fromkeys(name for each in examples for name in each.case.frameworks))


def import_example(workspace: Workspace, example: Example) -> ImportReport:
    """Import a case's documents and logs, and copy its indicator sets into the workspace.

    Raises:
        UsageError: an indicator set of that name is there with other content.
        DocumentFaults: a file of the case was refused; nothing of it is recorded.
        OutsideError: the workspace cannot be written.
    """
    from scalegate.app.importing import ImportOutcome, import_paths
    from scalegate.wiring import add_indicator_set

    for source in sorted(example.folder.glob("indicators/*.yaml")):
        add_indicator_set(workspace.folder, source)
    parts = [example.folder / name for name in ("documents", "logs")]
    report = import_paths(
        workspace.store,
        workspace.reader,
        [part for part in parts if part.is_dir()],
        is_all_or_nothing=True,
    )
    refused = report.of(ImportOutcome.REFUSED)
    if refused:
        raise DocumentFaults([fault for each in refused for fault in each.reasons])
    return report
