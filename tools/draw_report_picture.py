"""Draw `docs/images/report.png`: the report on Claude Opus 4 in a real browser.

Needs `chromium` on the path. The page is the one that `scalegate report` writes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from scalegate import __version__  # noqa: E402
from scalegate.adapters.documents import read_case  # noqa: E402
from scalegate.evidence.bundle import Bundle, bundle_of  # noqa: E402
from scalegate.evidence.eval_log import EvalLog  # noqa: E402
from scalegate.gate.assess import assess  # noqa: E402
from scalegate.gate.clocks import clocks  # noqa: E402
from scalegate.gate.decide import decide  # noqa: E402
from scalegate.gate.why_not import why_not  # noqa: E402
from scalegate.policy.vocabulary import Ask, Gate  # noqa: E402
from scalegate.report.arrange import arrange  # noqa: E402
from scalegate.report.html import render_html  # noqa: E402
from scalegate.report.model import decision_key  # noqa: E402
from tests.e2e.replaying import EXAMPLES, inputs_for  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "report.png"
SIZE = (1180, 1500)
MOST_BYTES = 300_000


def page() -> str:
    """Return the report on the shipped case, as HTML."""
    case = read_case(EXAMPLES / "opus-4")
    bundle: Bundle[EvalLog] = bundle_of(case.records, {})
    subject = next(gate.of for gate in case.file.gates if gate.of)
    known = [
        assess(inputs_for(case, bundle, name), subject, case.file.as_of)
        for name in case.file.frameworks
    ]
    asked = [(each, gate) for each in known for gate in case.file.gates]
    decisions = [(each, decide(each, Gate(gate.gate), Ask(gate.ask))) for each, gate in asked]
    report = arrange(
        known,
        [decision for _, decision in decisions],
        {decision_key(decision): why_not(each, decision) for each, decision in decisions},
        {
            (each.inputs.policy.name, each.subject.ref): clocks(each.inputs, each.subject, each.at)
            for each in known
        },
        engine=__version__,
        title=case.file.title,
    )
    return render_html(report)


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(page(), encoding="utf-8")
        subprocess.run(
            [
                shutil.which("chromium") or "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={PICTURE}",
                file.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"the picture has {size} bytes; expected at most {MOST_BYTES}")
    sys.stdout.write(f"wrote {PICTURE.relative_to(ROOT)}, {size} bytes\n")


if __name__ == "__main__":
    main()
