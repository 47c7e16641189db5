"""Write `expected.json` of every case in `examples/` from what the engine finds now.

Run it after a change that is meant to change answers, and read the difference before keeping it.
The `cause` of a difference from a published determination is kept; a new difference is written with
an empty one, which the tests refuse until somebody has said why.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.e2e.replaying import case_folders, differs, replay  # noqa: E402


def with_causes(found: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return what was found, with the causes written so far at each difference."""
    for name, part in found["frameworks"].items():
        old = before.get("frameworks", {}).get(name, {}).get("findings", {})
        for threshold, finding in part["findings"].items():
            if differs(finding):
                finding["cause"] = old.get(threshold, {}).get("cause", "")
    return found


def main() -> None:
    """Write every file anew."""
    for folder in case_folders():
        file = folder / "expected.json"
        before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        text = json.dumps(with_causes(replay(folder), before), indent=2, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"wrote examples/{folder.name}/expected.json\n")


if __name__ == "__main__":
    main()
