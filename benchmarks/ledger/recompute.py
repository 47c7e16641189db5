"""Recompute every hash of a log's folder; print CPU seconds and peak megabytes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.reading import check_tree
from scalegate.ledger.checkpoints import Checkpoint, TreeHead
from scalegate.ledger.notes import Note


def main() -> None:
    """Check the tree of the folder, the size and the root that are named."""
    folder, size, root = sys.argv[1:]
    head = TreeHead(origin="log.example/bench", size=int(size), root=bytes.fromhex(root))
    checkpoint = Checkpoint(head=head, note=Note(text=head.to_text(), signatures=()))
    started = time.process_time()
    check_tree(LogFolder(Path(folder)), checkpoint)
    taken = time.process_time() - started
    print(taken, _peak_megabytes())


def _peak_megabytes() -> float:
    # `ru_maxrss` would include the process that started this one; `VmHWM` begins anew. Linux only.
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmHWM in /proc/self/status")


if __name__ == "__main__":
    main()
