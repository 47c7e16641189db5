"""The only place that picks adapters and reads the clock, the environment and configuration files.

Environment variables:

- `SCALEGATE_WORKSPACE`: the workspace's folder, where none is named. Without it the workspace is
  the nearest folder, from the current one upwards, that holds `scalegate.toml`.
- `SCALEGATE_STORE_URL`: where records are kept; goes before `[store] url` of the settings, so that
  a password need not stand in a file.
- `SCALEGATE_PASSPHRASE`: opens private key files that are sealed with one.
- `SCALEGATE_RECORD_RUNS`: `1` lets the hook for Inspect record every log in the workspace.
- `SCALEGATE_PIN`, `PYKCS11LIB`: the PIN of a token, and the library that speaks to it.
- `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and what else the
  client of an S3-compatible store reads: where a log named `s3://bucket/prefix` lies, and by whom.
- `SCALEGATE_DEBUG`: `1` asks for the traceback of a fault of this program.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.app.settings import (
    DEFAULT_STORE_URL,
    SETTINGS_FILE,
    Settings,
    parse_settings,
    settings_text,
)
from scalegate.app.workspace import Workspace
from scalegate.base.errors import FormatError, OutsideError, UsageError
from scalegate.base.plain_text import plain
from scalegate.ports import (
    CaseSource,
    Clock,
    EvidenceReader,
    EvidenceStore,
    HttpPost,
    LogFiles,
    PolicySource,
    PolicyText,
    RecordIndex,
    Signer,
)

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from scalegate.adapters.key_uri import KeyUri
    from scalegate.adapters.response_files import ResponseFiles
    from scalegate.compare.solver import Means
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record
    from scalegate.ledger.envelopes import PublicKey
    from scalegate.ledger.signing import Algorithm
    from scalegate.ports import FiledCase

WORKSPACE_VARIABLE = "SCALEGATE_WORKSPACE"
STORE_VARIABLE = "SCALEGATE_STORE_URL"
PASSPHRASE_VARIABLE = "SCALEGATE_PASSPHRASE"  # noqa: S105 - a name, not a secret
PIN_VARIABLE = "SCALEGATE_PIN"
DEBUG_VARIABLE = "SCALEGATE_DEBUG"
RECORD_VARIABLE = "SCALEGATE_RECORD_RUNS"
_FOLDERS = ("policies", "indicators", "evidence")
_MAX_SETTINGS_BYTES = 1_000_000
_MAX_SIGNED_BYTES = 16 << 20
_MAX_BUNDLE_BYTES = 1 << 30
_MAX_ADDRESS_BYTES = 4_000
_GITIGNORE = "/cache/\n"


class SystemClock:
    """Keeps the promises of `ports.Clock` with the clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class FileReader:
    """Keeps the promises of `ports.EvidenceReader`; remembers logs in a folder, if it is given."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache

    def measure(self, path: Path) -> tuple[str, int]:
        """Return the SHA-256 and the size in bytes of a regular file, in bounded memory.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        from scalegate.adapters.workspace_folder import digest_of_file

        return digest_of_file(path)

    def read_head(self, path: Path, *, at_most_bytes: int) -> bytes:
        """Return the first bytes of a regular file.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        from scalegate.adapters.workspace_folder import open_regular

        with open_regular(path) as file:
            return file.read(at_most_bytes)

    def read_log(self, path: Path, *, digest: str, metadata_keys: tuple[str, ...] = ()) -> EvalLog:
        """Read an evaluation log whose bytes have this digest.

        Raises:
            FormatError: it is damaged, or of a layout that cannot be read.
            OutsideError: the file cannot be read.
        """
        from scalegate.adapters.inspect_log import SideIndex, read_log

        if self._cache is None or not _may_write(self._cache):
            return read_log(path, metadata_keys=metadata_keys)
        index = SideIndex(self._cache)
        return index.read_log(path, metadata_keys=metadata_keys, digest=digest)

    def read_document(self, path: Path) -> Record:
        """Read an evidence document, and the file that it names, beside it or below.

        Raises:
            FormatError: the document, or the file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            UsageError: a file cannot be opened.
        """
        from scalegate.adapters.documents import read_document

        return read_document(path)

    def read_kept(self, path: Path, *, name: str, attached: Mapping[str, Path]) -> Record:
        """Read an evidence document of a workspace, whose files are kept elsewhere.

        Raises:
            FormatError: the document, or a file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            OutsideError: a file cannot be read.
        """
        from scalegate.evidence.documents.results import HorizonRuns
        from scalegate.evidence.horizon import parse_horizon_file
        from scalegate.evidence.parse import parse_document

        record = parse_document(_kept_text(path, name), file=name)
        payload = record.payload
        if not isinstance(payload, HorizonRuns) or payload.file is None:
            return record
        if payload.file.path not in attached:
            raise FormatError("file of runs was not kept", file=name, got=f"`{payload.file.path}`")
        text = _kept_text(attached[payload.file.path], payload.file.path)
        return replace(record, attached=parse_horizon_file(text, payload.file))


def _kept_text(path: Path, name: str) -> str:
    """Read a file that was bounded when it was imported, and has the same digest since."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot read the copy of `{plain(name)}`: {reason}") from cause
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=plain(name), expected="UTF-8") from cause


def _may_write(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)


def system_clock() -> Clock:
    """Return the clock of this machine."""
    return SystemClock()


def find_workspace(named: Path | None = None) -> Path:
    """Return the workspace's folder: the named one, the environment's, or the nearest upwards.

    Raises:
        UsageError: there is none, or the named folder is none.
    """
    variable = os.environ.get(WORKSPACE_VARIABLE)
    chosen = named if named is not None else Path(variable) if variable else None
    if chosen is not None:
        if not (chosen / SETTINGS_FILE).is_file():
            raise UsageError(
                f"no workspace in `{plain(chosen)}`",
                hint=f"expected a folder with `{SETTINGS_FILE}`; make one with `scalegate init`",
            )
        return chosen
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise UsageError(
        "no workspace here or above",
        hint=f"make one with `scalegate init`, or name one in `{WORKSPACE_VARIABLE}`",
    )


def create_workspace(
    folder: Path,
    *,
    name: str = "",
    frameworks: tuple[str, ...] = (),
    lab: str = "",
    store_url: str = DEFAULT_STORE_URL,
    clock: Clock | None = None,
) -> Workspace:
    """Make a workspace in a folder that is empty or absent, and open it.

    The settings are written last: a folder without them is no workspace yet, and may be tried
    again.

    Args:
        folder: where to make it.
        name: what readers call it; empty: the folder's name.
        frameworks: the policies that decide; empty: all.
        lab: whose policies decide, as far as they are in force; empty: every lab's.
        store_url: where records are kept; the environment goes before it.
        clock: what dates the records; None: this machine's.

    Raises:
        DocumentFaults: a name, framework or URL that settings cannot hold.
        UsageError: there is a workspace already, or the folder holds other things.
        OutsideError: the folder or the database cannot be written.
    """
    if (folder / SETTINGS_FILE).exists():
        raise UsageError(f"`{plain(folder)}` is a workspace already", hint="open it as it is")
    ours = {*_FOLDERS, "workspace.sqlite", ".gitignore"}
    text = settings_text(
        name=name or folder.resolve().name, frameworks=frameworks, lab=lab, store_url=store_url
    )
    settings = _with_environment(parse_settings(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(path.name for path in folder.iterdir() if path.name not in ours)
        if others:
            raise UsageError(
                f"`{plain(folder)}` is not empty: it holds `{plain(others[0])}`",
                hint="name an empty or a new folder",
            )
        for each in _FOLDERS:
            (folder / each).mkdir(exist_ok=True)
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
        _store(folder, settings, clock or system_clock(), may_create=True).close()
        temporary = folder / f".{SETTINGS_FILE}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / SETTINGS_FILE)
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot make a workspace in `{plain(folder)}`: {reason}") from cause
    return open_workspace(folder, clock=clock)


def open_workspace(folder: Path | None = None, *, clock: Clock | None = None) -> Workspace:
    """Open a workspace: the named folder's, or the one that `find_workspace` finds.

    Raises:
        UsageError: there is none.
        DocumentFaults: its settings are wrong.
        TrustError: its database is damaged.
        OutsideError: its files or database cannot be read.
    """
    place = find_workspace(folder)
    settings = _settings(place)
    used = clock or system_clock()
    return Workspace(
        folder=place,
        settings=settings,
        store=_store(place, settings, used, may_create=False),
        reader=FileReader(place / "cache"),
        policies=policy_source(place),
        clock=used,
    )


def add_indicator_set(folder: Path, source: Path) -> Path:
    """Copy an indicator set into a workspace's `indicators/`, and return where it lies.

    It is checked like every other document when policies are read. A copy of the same bytes is
    left as it is.

    Raises:
        UsageError: another file of that name is there.
        FormatError: the source is a symbolic link or no regular file.
        OutsideError: it cannot be read, or the copy cannot be written.
    """
    from scalegate.adapters.workspace_folder import open_regular

    target = folder / "indicators" / source.name
    with open_regular(source) as file:
        content = file.read(_MAX_SETTINGS_BYTES + 1)
    if len(content) > _MAX_SETTINGS_BYTES:
        raise FormatError("file too large", file=plain(source.name))
    try:
        if target.exists() or target.is_symlink():
            if target.read_bytes() == content:
                return target
            raise UsageError(
                f"`indicators/{plain(source.name)}` is there with other content",
                hint="compare the two, and rename or remove one",
            )
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_name(f".{source.name}.new")
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot write `indicators/{plain(source.name)}`: {reason}") from cause
    return target


def records_runs() -> bool:
    """Say whether the hook for Inspect records each log (`SCALEGATE_RECORD_RUNS=1`)."""
    return os.environ.get(RECORD_VARIABLE) == "1"


def is_debugging() -> bool:
    """Say whether the traceback of an internal error is wanted (`SCALEGATE_DEBUG=1`)."""
    return os.environ.get(DEBUG_VARIABLE) == "1"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file for readers so that it is there whole or not at all.

    Raises:
        OutsideError: the folder is missing, full, or may not be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as cause:
        temporary.unlink(missing_ok=True)
        reason = (cause.strerror or "cannot be written").lower()
        raise OutsideError(f"cannot write `{plain(path)}`: {reason}") from cause


def write_private(path: Path, content: str) -> None:
    """Write a new file that only its owner can read.

    Raises:
        UsageError: the file exists; what is withheld in it may be nowhere else.
        OutsideError: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as cause:
        raise UsageError(f"`{plain(path)}` exists", hint="name another file") from cause
    except OSError as cause:
        reason = (cause.strerror or "cannot be written").lower()
        raise OutsideError(f"cannot write `{plain(path)}`: {reason}") from cause
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def new_secret() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(32)


def evidence_reader(cache: Path | None = None) -> EvidenceReader:
    """Return a reader of evidence files, for verbs that need no workspace."""
    return FileReader(cache)


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


def engine_build() -> str:
    """Return the SHA-256 of what computes a decision: source, numerical libraries, machine.

    The same build gives the same bytes; another one may round or word an explanation otherwise.

    Raises:
        OutsideError: the package is installed inside an archive.
    """
    import platform
    from importlib.metadata import version

    from scalegate.base.canonical import digest_of, sha256_hex

    root = _shipped("frameworks", hint="install Scalegate again, unpacked").parent
    files = {
        path.relative_to(root).as_posix(): sha256_hex(path.read_bytes())
        for path in sorted(root.rglob("*.py"))
    }
    around = {name: version(name) for name in ("numpy", "scipy")}
    where = {"machine": platform.machine(), "python": platform.python_version()}
    return digest_of({"around": around, "source": digest_of(files), "where": where})


def policy_field_texts() -> dict[str, dict[str, str]]:
    """Return what each field of a policy document means, for the schema that an editor reads."""
    from scalegate.adapters.field_texts import field_texts

    return field_texts()


def _index(shipped: Path) -> tuple[str, ...]:
    try:
        return tuple((shipped / "index.txt").read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as cause:
        raise OutsideError(
            "the list of shipped policies cannot be read: `frameworks/index.txt`; install Scalegate"
            " again"
        ) from cause


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


def case_source() -> CaseSource:
    """Return the library of published decisions that came with this program.

    Raises:
        OutsideError: the package is installed without it, or inside an archive.
    """
    from scalegate.adapters.case_library import CaseLibrary

    root = _shipped("frameworks/cases", hint="install Scalegate again, unpacked")
    return CaseLibrary(root, _filed_case)


def _filed_case(folder: Path, name: str) -> FiledCase:
    from scalegate.adapters.documents import read_case
    from scalegate.adapters.inspect_log import read_log
    from scalegate.ports import FiledCase

    case = read_case(folder)
    logs = {each: read_log(folder / each) for each in case.logs}
    return FiledCase(name=name, case=case, logs=logs)


def read_policy_text(path: Path) -> PolicyText:
    """Read a text that the user named, such as a document of the policy language.

    Raises:
        UsageError: there is none.
        FormatError: it is no regular file, no UTF-8 text, or too large.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.policy_files import text_of

    if not path.exists():
        raise UsageError(f"no file `{plain(path)}`", hint="check the path")
    return text_of(path, name=str(path))


def read_signed(path: Path) -> bytes:
    """Return the bytes of a small file, such as an envelope or a trust document.

    Raises:
        UsageError: there is none.
        FormatError: above 16 MiB, or no regular file.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.workspace_folder import read_at_most

    return read_at_most(path, _MAX_SIGNED_BYTES)


def read_bundle_file(path: Path) -> bytes:
    """Return the bytes of a bundle.

    Raises:
        UsageError: there is none.
        FormatError: above 1 GiB, or no regular file.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.workspace_folder import read_at_most

    return read_at_most(path, _MAX_BUNDLE_BYTES)


def log_files(place: Path | str) -> LogFiles:
    """Return the files of a log: in a folder, which need not exist yet, or in a store.

    Args:
        place: a folder; or `s3://bucket/prefix`; or a file that holds such an address.

    Raises:
        UsageError: the address is not in its form, or the extra `s3` is not installed.
        OutsideError: the file cannot be read.
    """
    address = place if isinstance(place, str) else _log_address(place)
    if address.startswith("s3://"):
        from scalegate.adapters.log_bucket import open_bucket

        return open_bucket(address, os.environ)
    from scalegate.adapters.log_folder import LogFolder

    return LogFolder(Path(place))


def record_index(folder: Path | None = None) -> RecordIndex:
    """Open the index of records in a workspace's database.

    Raises:
        UsageError: there is no workspace.
        DocumentFaults: its settings are wrong.
        TrustError: its database is damaged.
        OutsideError: it cannot be reached or written.
    """
    from scalegate.adapters.store_sql.record_index import SqlRecordIndex

    place = find_workspace(folder)
    settings = _settings(place)
    return SqlRecordIndex.open(settings.store_url, folder=place, wait_seconds=settings.wait_seconds)


def _log_address(place: Path) -> str:
    if not place.is_file():
        return ""
    from scalegate.adapters.workspace_folder import read_at_most

    text = read_at_most(place, _MAX_ADDRESS_BYTES).decode(errors="replace").strip()
    if not text.startswith("s3://"):
        raise UsageError(
            f"`{plain(place)}` is neither a folder nor the address of a log",
            hint="expected a folder, or a file with one line `s3://bucket/prefix`",
        )
    return text


def signer_of(path: Path, *, owner: str = "") -> Signer:
    """Return the signer whose private key is in a file, or elsewhere and named by a URI.

    Args:
        path: a key file; or a reference file, which names a URI; or the URI itself.
        owner: who holds it, where the name of the file does not say so.

    Raises:
        UsageError: others can read it, or a passphrase, PIN or package is missing, or wrong.
        FormatError: it holds no key of ours.
        MalformedRecord: it is a reference, and not in its form.
        OutsideError: it cannot be read, or the key cannot be reached.
    """
    from scalegate.adapters.key_file import read_key
    from scalegate.adapters.key_uri import is_uri, parse_reference

    if is_uri(str(path)) and not path.exists():
        return signer_at(str(path), owner=owner)
    if path.is_file():
        content = read_signed(path)
        if content.startswith(b"{"):
            return parse_reference(content, owner=owner, pin=_pin)
    return read_key(path, passphrase=_passphrase(), owner=owner)


def signer_at(uri: str, *, owner: str = "") -> KeyUri:
    """Return the signer of a key that stays where it is, after asking for its public half.

    Raises:
        UsageError: the URI is not in a form of ours, or a package or the PIN is missing.
        OutsideError: the key cannot be reached, or is of another kind.
    """
    try:
        import securesystemslib.signer  # noqa: F401 - is it there?
    except ImportError as cause:
        raise UsageError(
            "a key named by a URI needs a package that is not installed",
            hint="install `scalegate[hsm]`",
        ) from cause
    from scalegate.adapters.key_uri import import_key

    return import_key(uri, owner=owner, pin=_pin)


def import_signer(uri: str, path: Path) -> Signer:
    """Write a reference to a key that stays where it is, and its public half beside it as `.pub`.

    Raises:
        UsageError: the file exists, or the URI is not in a form of ours.
        OutsideError: the key cannot be reached, or the file cannot be written.
    """
    from scalegate.adapters.key_file import write_public

    if path.exists():
        raise UsageError(f"key file `{plain(path.name)}` exists", hint="choose another name")
    found = signer_at(uri, owner=path.stem)
    write_whole(path, found.to_bytes() + b"\n")
    write_public(path.with_suffix(".pub"), found.key)
    return found


def new_signer(path: Path, *, algorithm: Algorithm) -> Signer:
    """Make a private key in a new file, and its public half beside it as `.pub`.

    Raises:
        UsageError: the file exists.
        OutsideError: it cannot be written.
    """
    from scalegate.adapters.key_file import make_key, write_public

    made = make_key(path, algorithm=algorithm, passphrase=_passphrase())
    write_public(path.with_suffix(".pub"), made.key)
    return made


def replace_key_file(path: Path, new: Path, *, kept: Path) -> None:
    """Put a copy of a private key file in place of another, which is kept under a new name.

    The public half beside it is written anew.

    Raises:
        UsageError: `kept` exists, or others can read `new`.
        FormatError: `new` holds no key of ours.
        OutsideError: a file cannot be read or written.
    """
    from scalegate.adapters.key_file import replace_key, write_public

    made = signer_of(new, owner=path.stem)
    replace_key(path, new, kept=kept)
    write_public(path.with_suffix(".pub"), made.key)


def public_key_of(path: Path) -> PublicKey:
    """Return the public key in a `.pub` file.

    Raises:
        MalformedRecord: it is not in the form.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.key_file import read_public

    return read_public(path)


def digest_of_tree(
    path: Path, *, on_progress: Callable[[int, int, str], None] | None = None
) -> str:
    """Return the SHA-256 of a file, or of a folder's listing: path, size and SHA-256 of each file.

    Args:
        path: the file or folder, read block by block.
        on_progress: called after each block with the bytes done, the bytes there are, and the name
            of the file.

    Raises:
        FormatError: a link, device or pipe; nothing is followed.
        OutsideError: absent, or not readable.
    """
    from scalegate.adapters.workspace_folder import digest_of_folder

    return digest_of_folder(path, on_progress=on_progress)


def http_post() -> HttpPost:
    """Return what sends a request to a witness."""
    from scalegate.adapters.http import post

    return post


def witness_server(
    signer: Signer, *, name: str, logs: Sequence[str], store: Path, address: tuple[str, int]
) -> ThreadingHTTPServer:
    """Return a witness's server; the caller runs and closes it.

    Raises:
        MalformedRecord: a log's verifier key is not in its form.
        OutsideError: the table or the address cannot be used.
    """
    from scalegate.adapters.http import serve
    from scalegate.adapters.witness_store import SqliteWitnessStore
    from scalegate.app.record.witnessing import Witness, witness_key
    from scalegate.ledger.notes import parse_key

    witness = Witness(
        SqliteWitnessStore(store),
        {witness_key(signer, name): signer},
        logs=[parse_key(text) for text in logs],
        clock=SystemClock(),
    )

    def answer(body: bytes) -> tuple[int, str, bytes]:
        found = witness.add_checkpoint(body)
        return found.status, found.content_type, found.body

    return serve(*address, path="/add-checkpoint", answer=answer)


def _passphrase() -> bytes | None:
    text = os.environ.get(PASSPHRASE_VARIABLE)
    return text.encode() if text else None


def _pin() -> str | None:
    return os.environ.get(PIN_VARIABLE)


def find_frameworks() -> Path:
    """Return the folder of the shipped frameworks.

    Raises:
        OutsideError: the package is installed without them, or inside an archive.
    """
    return _shipped("frameworks", hint="install Scalegate again, unpacked")


def find_examples() -> Path:
    """Return the folder of the shipped examples.

    In an installed wheel it lies in the package; in a checkout, at the root of the repository.

    Raises:
        OutsideError: neither is there.
    """
    root = Path(__file__).resolve().parents[2]
    is_checkout = (root / "pyproject.toml").is_file() and (root / "examples").is_dir()
    if is_checkout:
        return root / "examples"
    return _shipped("examples", hint="install the wheel, or work in a checkout")


def response_files(folder: Path | None = None) -> ResponseFiles:
    """Return the response tables of planted models: those shipped, or a folder's."""
    from scalegate.adapters.response_files import ResponseFiles

    return ResponseFiles(folder or _shipped("app/organisms/trained/tables", hint="unpack it"))


def _shipped(name: str, *, hint: str) -> Path:
    folder = resources.files("scalegate").joinpath(name)
    if isinstance(folder, Path) and folder.is_dir():
        return folder
    raise OutsideError(f"the folder `{name}` did not come with this installation; {hint}")


def _settings(folder: Path) -> Settings:
    path = folder / SETTINGS_FILE
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_SETTINGS_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot read `{SETTINGS_FILE}`: {reason}") from cause
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=SETTINGS_FILE, expected="UTF-8") from cause
    if len(content) > _MAX_SETTINGS_BYTES:
        raise FormatError("file too large", file=SETTINGS_FILE)
    return _with_environment(parse_settings(text))


def _with_environment(settings: Settings) -> Settings:
    url = os.environ.get(STORE_VARIABLE)
    return replace(settings, store_url=url) if url else settings


def _store(folder: Path, settings: Settings, clock: Clock, *, may_create: bool) -> EvidenceStore:
    from scalegate.adapters.store_sql.store import SqlEvidenceStore
    from scalegate.adapters.workspace_folder import ContentFolder

    files = ContentFolder(folder / "evidence")
    make = SqlEvidenceStore.create if may_create else SqlEvidenceStore.open
    return make(settings.store_url, files, clock, folder=folder, wait_seconds=settings.wait_seconds)
