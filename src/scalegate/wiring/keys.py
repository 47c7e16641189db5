"""Keys: in files, or elsewhere and named by a URI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.ports import Signer
from scalegate.wiring.environment import passphrase, pin
from scalegate.wiring.files import read_signed, write_whole

if TYPE_CHECKING:
    from scalegate.adapters.key_uri import KeyUri
    from scalegate.ledger.envelopes import PublicKey
    from scalegate.ledger.signing import Algorithm


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
            with _named(path):
                return parse_reference(content, owner=owner, pin=pin)
    return read_key(path, passphrase=passphrase(), owner=owner)


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

    return import_key(uri, owner=owner, pin=pin)


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

    made = make_key(path, algorithm=algorithm, passphrase=passphrase())
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

    with _named(path):
        return read_public(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in what is refused of it."""
    from scalegate.ledger.faults import Refused

    try:
        yield
    except Refused as fault:
        raise fault.in_file(plain(path.name)) from fault
