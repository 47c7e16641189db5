"""Pin every requirement with its hashes: `python tools/lock_requirements.py`.

Writes `requirements/runtime.txt` (the core and what builds it), `requirements/dev.txt` (the same,
with the extras and the tools), `requirements/bench.txt` (with the peers that benchmarks need) and
`requirements/services.txt` (servers that tests start, from `requirements/services.in`).
They hold for Python 3.11 to 3.13 on every platform, by markers, and name no download address:
`pip install --require-hashes` takes files from whatever index the machine is set up with, and
refuses any that are not the ones pinned here.

1. The resolver is `uv` (found on the path or beside this interpreter). It ignores pip's own
   configuration, so that local wheels and extra indexes of a machine cannot leak in.
2. A release younger than seven days is not taken: most hijacked releases are found by then.
   `--no-cool-off` lifts this for an urgent fix.
3. Pins that still fit are kept; `--upgrade` takes the newest.
4. Extras stay in the pin (`coverage[toml]==...`): for an extra that only another package asks for,
   pip would otherwise look at the newest release, find no hash for it, and give up.
5. The result is checked: each pin exact and hashed, no address in the file.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
COOL_OFF = timedelta(days=7)
HEAD = """\
# Made by tools/lock_requirements.py from pyproject.toml and requirements/build.in; do not edit.
# Install with `pip install --require-hashes -r requirements/{name}`.
"""
PIN = re.compile(r"[A-Za-z0-9._-]+(\[[A-Za-z0-9,._-]+\])?==[^\s;\\]+( ;[^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def main() -> int:
    """Write and check the files."""
    options = _options()
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    extras = ("hsm", "inspect", "organisms", "postgres", "s3", "sat", "dev")
    with_extras = [word for name in extras for word in ("--extra", name)]
    _lock(uv, "bench.txt", [*with_extras, "--extra", "bench"], options)
    _lock(uv, "dev.txt", [*with_extras, "--constraint", "requirements/bench.txt"], options)
    _lock(uv, "runtime.txt", ["--constraint", "requirements/dev.txt"], options)
    # In one environment with the others, so it must not move a pin of theirs.
    beside = ["--constraint", "requirements/dev.txt"]
    _lock(uv, "services.txt", beside, options, sources=("requirements/services.in",))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest releases")
    parser.add_argument("--no-cool-off", action="store_true", help="take releases of this week too")
    return parser.parse_args()


SOURCES = ("pyproject.toml", "requirements/build.in")


def _lock(
    uv: str,
    name: str,
    extras: list[str],
    options: argparse.Namespace,
    *,
    sources: tuple[str, ...] = SOURCES,
) -> None:
    target = REQUIREMENTS / name
    command = [
        uv, "pip", "compile", *sources, *extras,
        "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header",
        "--no-annotate", "--no-strip-extras", "--no-emit-index-url", "--no-emit-find-links",
        "--no-config", "--quiet",
        "--output-file", str(target.relative_to(ROOT)),
    ]  # fmt: skip
    if not options.no_cool_off:
        command += [
            "--exclude-newer",
            (datetime.now(UTC) - COOL_OFF).strftime("%Y-%m-%dT00:00:00Z"),
        ]
    if options.upgrade:
        command += ["--upgrade"]
    kept = {key: text for key, text in os.environ.items() if not key.startswith(("UV_", "PIP_"))}
    subprocess.run(command, cwd=ROOT, env=kept, check=True)
    body = "\n".join(
        line
        for line in target.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("#", "scalegate", "-e "))
    )
    faults = check(body)
    if faults:
        sys.exit("\n".join([f"{target.name} is not a clean lock", *faults]))
    target.write_text(HEAD.format(name=name) + body + "\n", encoding="utf-8")
    count = sum(1 for line in body.splitlines() if PIN.fullmatch(line))
    print(f"requirements/{name}: {count} pins")


def check(text: str) -> list[str]:
    """Return what is wrong with the text of a lock: a line that is neither a pin nor a hash."""
    return [
        f"line {number}: `{line[:80]}` is neither an exact pin nor a hash"
        for number, line in enumerate(text.splitlines(), start=1)
        if line
        and not line.startswith("#")
        and not PIN.fullmatch(line)
        and not HASH.fullmatch(line)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
