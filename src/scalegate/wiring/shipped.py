"""What came with this installation: frameworks, cases, examples, tables, solvers; and its build."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import OutsideError
from scalegate.ports import CaseSource, PolicySource

if TYPE_CHECKING:
    from scalegate.adapters.response_files import ResponseFiles
    from scalegate.compare.solver import Means
    from scalegate.ports import FiledCase


def find_frameworks() -> Path:
    """Return the folder of the shipped frameworks.

    Raises:
        OutsideError: the package is installed without them, or inside an archive.
    """
    return shipped_folder("frameworks", hint="install Scalegate again, unpacked")


def find_examples() -> Path:
    """Return the folder of the shipped examples.

    In an installed wheel it lies in the package; in a checkout, at the root of the repository.

    Raises:
        OutsideError: neither is there.
    """
    root = Path(__file__).resolve().parents[3]
    is_checkout = (root / "pyproject.toml").is_file() and (root / "examples").is_dir()
    if is_checkout:
        return root / "examples"
    return shipped_folder("examples", hint="install the wheel, or work in a checkout")


def shipped_folder(name: str, *, hint: str) -> Path:
    """Return a folder that came along in the package.

    Raises:
        OutsideError: the package is installed without it, or inside an archive.
    """
    folder = resources.files("scalegate").joinpath(name)
    if isinstance(folder, Path) and folder.is_dir():
        return folder
    raise OutsideError(f"the folder `{name}` did not come with this installation; {hint}")


def _index(shipped: Path) -> tuple[str, ...]:
    try:
        return tuple((shipped / "index.txt").read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as cause:
        raise OutsideError(
            "the list of shipped policies cannot be read: `frameworks/index.txt`; install Scalegate"
            " again"
        ) from cause


def policy_source(folder: Path | None = None) -> PolicySource:
    """Return the shipped policies, with those of a workspace's folder where one is named.

    Raises:
        OutsideError: the shipped policies, or their list, did not come along.
    """
    from scalegate.adapters.policy_files import PolicyFiles

    shipped = find_frameworks()
    return PolicyFiles(
        shipped=shipped,
        expected=_index(shipped),
        own_policies=folder / "policies" if folder else None,
        own_sets=folder / "indicators" if folder else None,
        own_bridges=folder / "bridges" if folder else None,
    )


def policy_field_texts() -> dict[str, dict[str, str]]:
    """Return what each field of a policy document means, for the schema that an editor reads."""
    from scalegate.adapters.field_texts import field_texts

    return field_texts()


def engine_build() -> str:
    """Return the SHA-256 of what computes a decision: source, numerical libraries, machine.

    The same build gives the same bytes; another one may round or word an explanation otherwise.

    Raises:
        OutsideError: the package is installed inside an archive.
    """
    import platform
    from importlib.metadata import version

    from scalegate.base.canonical import digest_of, sha256_hex

    root = shipped_folder("frameworks", hint="install Scalegate again, unpacked").parent
    files = {
        path.relative_to(root).as_posix(): sha256_hex(path.read_bytes())
        for path in sorted(root.rglob("*.py"))
    }
    around = {name: version(name) for name in ("numpy", "scipy")}
    where = {"machine": platform.machine(), "python": platform.python_version()}
    return digest_of({"around": around, "source": digest_of(files), "where": where})


def case_source() -> CaseSource:
    """Return the library of published decisions that came with this program.

    Raises:
        OutsideError: the package is installed without it, or inside an archive.
    """
    from scalegate.adapters.case_library import CaseLibrary

    root = shipped_folder("frameworks/cases", hint="install Scalegate again, unpacked")
    return CaseLibrary(root, _filed_case)


def _filed_case(folder: Path, name: str) -> FiledCase:
    from scalegate.adapters.documents import read_case
    from scalegate.adapters.inspect_log import read_log
    from scalegate.ports import FiledCase

    case = read_case(folder)
    logs = {each: read_log(folder / each) for each in case.logs}
    return FiledCase(name=name, case=case, logs=logs)


def response_files(folder: Path | None = None) -> ResponseFiles:
    """Return the response tables of planted models: those shipped, or a folder's."""
    from scalegate.adapters.response_files import ResponseFiles

    return ResponseFiles(folder or shipped_folder("app/organisms/trained/tables", hint="unpack it"))


def comparison_means(engine: str) -> Means:
    """Return with what to search a comparison; a solver where the extra `sat` is installed.

    Raises:
        UsageError: the engine `sat` is asked for and not installed.
    """
    from importlib.util import find_spec

    from scalegate.compare.model import Engine
    from scalegate.compare.solver import Means

    if find_spec("pysat") is None:
        return Means(engine=Engine(engine))
    from scalegate.adapters.cadical import Cadical

    return Means(engine=Engine(engine), kit=Cadical())
