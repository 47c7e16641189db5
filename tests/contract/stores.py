"""What the tests of stores share: clocks, offers of small files, and stores of each kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scalegate.adapters.store_sql.store import SqlEvidenceStore
from scalegate.adapters.workspace_folder import ContentFolder
from scalegate.ports import Attachment, EvidenceItem, Offer

SQLITE = "sqlite:///workspace.sqlite"
MEMORY = "sqlite://"
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class TickingClock:
    """A clock that moves one second whenever it is asked."""

    at: datetime = field(default=START)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def make_store(
    url: str, folder: Path, *, wait_seconds: float = 5.0, is_new: bool = True
) -> SqlEvidenceStore:
    make = SqlEvidenceStore.create if is_new else SqlEvidenceStore.open
    files = ContentFolder(folder / "evidence")
    return make(url, files, TickingClock(), folder=folder, wait_seconds=wait_seconds)


def offer(
    folder: Path,
    text: str,
    *,
    id: str = "a",  # noqa: A002 - the document's own word
    kind: str = "fact",
    subject: str = "model:m",
    true_from: int = 0,
    true_until: int | None = None,
    known_from: int = 0,
    content: str | None = None,
    attached: Mapping[str, str] | None = None,
) -> Offer:
    """Write a file with this text and offer it; instants are days of January 2026."""
    folder.mkdir(exist_ok=True)
    digest = sha256(text)
    path = folder / f"{digest[:12]}.yaml"
    path.write_text(text, encoding="utf-8")
    beside = {}
    attachments = []
    for name, body in (attached or {}).items():
        beside[name] = folder / name
        beside[name].write_text(body, encoding="utf-8")
        attachments.append(Attachment(name=name, digest=sha256(body), size_bytes=len(body)))
    item = EvidenceItem(
        digest=digest,
        content_digest=sha256(content if content is not None else text),
        kind=kind,
        id=id,
        subject=subject,
        true_from=day(true_from),
        true_until=None if true_until is None else day(true_until),
        known_from=day(known_from),
        recorded_at=START,
        source_name=path.name,
        extension="yaml",
        size_bytes=len(text.encode()),
        attachments=tuple(attachments),
    )
    return Offer(path=path, item=item, attached=beside)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


Maker = Callable[[Path], SqlEvidenceStore]
"""Makes a new store in a folder."""
Fresh = Callable[[], str]
"""Makes an empty database and gives its URL."""
