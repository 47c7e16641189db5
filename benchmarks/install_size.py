"""Print what the installed core weighs, by distribution.

`python benchmarks/install_size.py` counts the files that each distribution recorded when it was
installed, for scalegate and everything its core needs on this machine (no extras). Byte code that
Python writes later is left out. Sizes are in units of 1,000,000 bytes.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def main() -> int:
    """Print one row for each distribution, heaviest first."""
    sizes = {name: _size(found) for name, found in _closure("scalegate").items()}
    total = sum(sizes.values())
    print(f"{'distribution':<24}{'MB':>8}{'share':>8}")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{name:<24}{size / 1e6:>8.1f}{size / total:>8.1%}")
    print(f"{'total':<24}{total / 1e6:>8.1f}")
    heavy = sum(sizes.get(name, 0) for name in ("numpy", "scipy"))
    print(f"NumPy and SciPy: {heavy / total:.0%} of the total")
    return 0


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


def _size(found: Distribution) -> int:
    paths = [
        Path(str(found.locate_file(each)))
        for each in found.files or []
        if "__pycache__" not in each.parts and each.suffix != ".pyc"
    ]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    raise SystemExit(main())
