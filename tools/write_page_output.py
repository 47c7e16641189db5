"""Write what the commands of the documentation print into its pages, where it has changed.

Read the difference before keeping it. Output that a page shortens with `...` is left as it is while
it holds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.docs.pages import CONSOLE, DOCS, play, rewritten  # noqa: E402


def main() -> None:
    """Play every page that shows commands, or the named ones."""
    pages = sys.argv[1:] or [
        page.relative_to(DOCS).as_posix()
        for page in sorted([*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")])
        if CONSOLE.search(page.read_text(encoding="utf-8"))
    ]
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            played = play(page, Path(folder))
        broken = [step.command for step in played if "fault of this program" in step.got]
        if broken:
            raise SystemExit(f"docs/{page} is left as it is: `{broken[0]}` breaks the program")
        text = rewritten(page, played)
        file = DOCS / page
        if text != file.read_text(encoding="utf-8"):
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote docs/{page}\n")


if __name__ == "__main__":
    main()
