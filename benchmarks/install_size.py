"""Print what the installed core weighs, by distribution.

`python benchmarks/install_size.py` counts the files that each distribution recorded when it was
installed, for scalegate and everything its core needs on this machine (no extras). Run it in an
environment made by `make setup-runtime`, with scalegate installed as users do (`pip install
--no-deps --no-build-isolation .`): of an editable one nothing is recorded. Byte code
(`__pycache__`, which pip writes on installation) is counted apart. Of the rest, two parts are never
used and shown as well: the distributions' own tests, and the debug symbols that a wheel's publisher
left in its libraries (read from the ELF sections, so on Linux only). Sizes are in units of
1,000,000 bytes.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

HEAVY = ("numpy", "scipy")
_LEAST = 1_000_000
"""Fewer bytes than this are an editable install, which records no files of the package."""
_DEBUG = (b".debug_", b".symtab", b".strtab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes of one distribution."""

    files: int
    """All but byte code."""
    tests: int
    """Of these, in folders named `tests`."""
    symbols: int
    """Of these, debug symbols of compiled libraries."""
    byte_code: int
    """Byte code, not part of `files`."""


def main() -> int:
    """Print one row for each distribution, heaviest first."""
    found = {name: _weigh(each) for name, each in _closure("scalegate").items()}
    if found["scalegate"].files < _LEAST:
        raise SystemExit("scalegate is installed editable; expected `pip install .`, as users do")
    total = sum(weight.files for weight in found.values())
    print("| distribution | MB | share | of which tests | debug symbols | byte code besides |")
    print("|---|---|---|---|---|---|")
    for name, weight in sorted(found.items(), key=lambda item: -item[1].files):
        _print(name, weight, total)
    whole = Weight(
        files=total,
        tests=sum(weight.tests for weight in found.values()),
        symbols=sum(weight.symbols for weight in found.values()),
        byte_code=sum(weight.byte_code for weight in found.values()),
    )
    _print("total", whole, total)
    heavy = sum(found[name].files for name in HEAVY)
    needed = {name: each.files - each.tests - each.symbols for name, each in found.items()}
    share = sum(needed[name] for name in HEAVY) / sum(needed.values())
    print(f"\nNumPy and SciPy: {heavy / total:.0%}; without tests and symbols {share:.0%}")
    return 0


def _print(name: str, weight: Weight, total: int) -> None:
    parts = (weight.tests, weight.symbols, weight.byte_code)
    shown = " | ".join(f"{part / 1e6:.1f}" if part >= 5e4 else "" for part in parts)
    print(f"| {name} | {weight.files / 1e6:.1f} | {weight.files / total:.1%} | {shown} |")


def _closure(root: str) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    waiting = [root]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(f"`{name}` is not installed; run `make setup` first") from None
        for line in found[name].requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def _weigh(found: Distribution) -> Weight:
    files = tests = symbols = byte_code = 0
    for each in found.files or []:
        path = Path(str(found.locate_file(each)))
        if not path.is_file():
            continue
        size = path.stat().st_size
        if "__pycache__" in each.parts or each.suffix == ".pyc":
            byte_code += size
            continue
        files += size
        tests += size if "tests" in each.parts[:-1] else 0
        symbols += _symbols(path) if ".so" in each.name else 0
    return Weight(files=files, tests=tests, symbols=symbols, byte_code=byte_code)


def _symbols(path: Path) -> int:
    """Sum the sections of a 64-bit ELF library that `strip` would take away."""
    content = path.read_bytes()
    if content[:6] != b"\x7fELF\x02\x01":
        return 0
    (table,) = struct.unpack_from("<Q", content, 40)
    size, count, names = struct.unpack_from("<3H", content, 58)
    sections = [struct.unpack_from("<2I4Q", content, table + size * at) for at in range(count)]
    begin = sections[names][4] if count else 0
    return sum(section[5] for section in sections if content.startswith(_DEBUG, begin + section[0]))


if __name__ == "__main__":
    raise SystemExit(main())
