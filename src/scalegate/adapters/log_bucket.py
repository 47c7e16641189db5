"""The files of a log in a bucket of an S3-compatible store.

1. A path is created with `If-None-Match: *` and swapped with `If-Match: <ETag>`, so that the store
   itself lets one of several writers through. What it acknowledged is durable.
2. Before the first such write it is proved, on a path of its own, that the store heeds both
   conditions: one that ignores them would let two writers fork a tree. Such a store is refused.
3. A conditional write is never sent twice: the answer to the second could not tell whether the
   first had succeeded. Where no answer came, the caller learns that, and may append again.
4. Endpoint, region and credentials come from the usual environment variables, and are never shown.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scalegate.base.errors import OutsideError, UsageError
from scalegate.base.plain_text import plain

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore

SCHEME = "s3://"
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,60})</Code>")
_MOST_BYTES = 1 << 28
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAddress:
    """Where a log lies in a store."""

    bucket: str
    """The bucket's name."""
    prefix: str
    """What its paths begin with; may be empty."""


def parse_address(text: str) -> BucketAddress:
    """Read `s3://bucket/prefix`.

    Raises:
        UsageError: it is not in that form. The text is not shown: it may hold a password.
    """
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    prefix = prefix.rstrip("/")
    is_plain = not prefix or (_PATH.fullmatch(prefix) and not _leaves(prefix))
    if not text.startswith(SCHEME) or not _BUCKET.fullmatch(bucket) or not is_plain:
        raise UsageError(
            "not an address of a log in a store",
            hint="expected `s3://bucket/prefix`; credentials belong into the environment",
        )
    return BucketAddress(bucket=bucket, prefix=prefix)


def open_bucket(text: str, environment: Mapping[str, str]) -> LogBucket:
    """Return the files of the log at an address; nothing is asked of the store yet.

    Args:
        text: `s3://bucket/prefix`.
        environment: what says whether the endpoint is on this machine, where plain http will do.
            The client reads the other variables itself.

    Raises:
        UsageError: the address is not in its form, or the extra `s3` is not installed.
    """
    address = parse_address(text)
    try:
        from obstore.store import S3Store
    except ImportError as cause:
        raise UsageError(
            "a log in an S3-compatible store needs a client that is not installed",
            hint="install `scalegate[s3]`",
        ) from cause
    endpoint = next((environment[name] for name in ENDPOINTS if environment.get(name)), "")
    options: ClientConfig = {"connect_timeout": "5s", "timeout": "60s"}
    if endpoint.startswith("http://") and urlsplit(endpoint).hostname in _LOOPBACK:
        options["allow_http"] = True
    with _in_words("open", text):
        patient, strict = (
            S3Store(
                address.bucket,
                prefix=address.prefix or None,
                client_options=options,
                retry_config={"max_retries": tries},
            )
            for tries in (3, 0)
        )
    return LogBucket(patient, conditional=strict)


class LogBucket:
    """Keeps the promises of `ports.LogFiles` in a store."""

    def __init__(self, store: ObjectStore, *, conditional: ObjectStore | None = None) -> None:
        """Take the store, and the same one without retries for conditional writes (rule 3)."""
        self._store: Any = store
        self._conditional: Any = conditional or store
        self._is_proved = False

    def read(self, path: str) -> bytes | None:
        """Return the content, or nothing where the path does not exist.

        Raises:
            OutsideError: it cannot be read, or is larger than 256 MiB.
        """
        return self._read(path)[0]

    def _read(self, path: str) -> tuple[bytes | None, str]:
        """Return content and ETag."""
        _check(path)
        with _in_words("read", path):
            try:
                found = self._store.get(path)
            except FileNotFoundError as cause:
                if "NoSuchBucket" in str(cause):
                    raise
                return None, ""
            if found.meta["size"] > _MOST_BYTES:
                raise OutsideError(f"`{plain(path)[:120]}` of the log is larger than 256 MiB")
            return found.bytes().to_bytes(), found.meta["e_tag"] or ""

    def create(self, path: str, content: bytes) -> bool:
        """Write a new path durably; tell whether this call created it.

        Raises:
            OutsideError: it cannot be written, no answer came (then it may be written), or the
                store does not heed conditions.
        """
        _check(path)
        self._prove()
        return self._create(path, content)

    def _create(self, path: str, content: bytes) -> bool:
        from obstore.exceptions import AlreadyExistsError, NotModifiedError, PreconditionError

        with _in_words("write", path):
            try:
                self._conditional.put(path, content, mode="create", use_multipart=False)
            except (AlreadyExistsError, NotModifiedError, PreconditionError):
                return False
        return True

    def write(self, path: str, content: bytes) -> None:
        """Write a path atomically, whether or not it exists.

        Raises:
            OutsideError: it cannot be written.
        """
        _check(path)
        with _in_words("write", path):
            self._store.put(path, content, use_multipart=False)

    def swap(self, path: str, old: bytes, new: bytes) -> bool:
        """Replace `old` by `new`; tell whether the content was still `old`.

        Raises:
            OutsideError: it cannot be read or written, no answer came (then it may be written), or
                the store does not heed conditions.
        """
        self._prove()
        found, tag = self._read(path)
        return found == old and self._replace(path, new, tag)

    def _replace(self, path: str, content: bytes, tag: str) -> bool:
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with _in_words("write", path):
            try:
                self._conditional.put(path, content, mode={"e_tag": tag}, use_multipart=False)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return False
        return True

    def settle(self, paths: Sequence[str]) -> None:
        """Do nothing: a store acknowledges what is durable only."""

    def remove(self, path: str) -> None:
        """Remove a path, if it exists.

        Raises:
            OutsideError: it cannot be removed.
        """
        _check(path)
        with _in_words("remove", path):
            try:
                self._store.delete(path)
            except FileNotFoundError:
                return

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below a folder, sorted.

        Raises:
            OutsideError: the store cannot list them.
        """
        _check(folder)
        with _in_words("list", folder):
            found = self._store.list_with_delimiter(folder)
        below = [each["path"] for each in found["objects"]] + list(found["common_prefixes"])
        return tuple(sorted(path.rstrip("/").rpartition("/")[2] for path in below))

    def _prove(self) -> None:
        """Refuse a store that does not heed both conditions (rule 2)."""
        if self._is_proved:
            return
        path = f"probe/{secrets.token_hex(16)}"
        try:
            is_heeded = (
                self._create(path, b"1")
                and not self._create(path, b"2")
                and self.read(path) == b"1"
            )
            tag = self._read(path)[1]
            is_heeded = is_heeded and bool(tag) and self._replace(path, b"3", tag)
            is_heeded = is_heeded and not self._replace(path, b"4", tag)
            is_heeded = is_heeded and self.read(path) == b"3"
        finally:
            self.remove(path)
        if not is_heeded:
            raise OutsideError(
                "this store does not heed `If-None-Match` and `If-Match`, so two writers could"
                " fork the log; use one that does, or a folder"
            )
        self._is_proved = True


def _leaves(path: str) -> bool:
    return bool({".", ".."} & set(path.split("/")))


def _check(path: str) -> None:
    if not _PATH.fullmatch(path) or _leaves(path):
        raise UsageError(f"not a path of a log: `{plain(path)[:80]}`")


@contextmanager
def _in_words(what: str, path: str) -> Iterator[None]:
    """Turn errors of the client into ours, without its text: that shows addresses."""
    from obstore import exceptions as theirs

    try:
        yield
    except (theirs.BaseError, OSError, ValueError) as cause:
        raise OutsideError(
            f"cannot {what} `{plain(path)[:120]}` of the log in the store: {_reason(cause)}"
        ) from cause


def _reason(cause: BaseException) -> str:
    from obstore import exceptions as theirs

    text = str(cause)
    code = _CODE.search(text)
    shown = f" ({code.group(1)})" if code else ""
    if isinstance(cause, (theirs.PermissionDeniedError, theirs.UnauthenticatedError)):
        return f"access denied{shown}; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(cause, FileNotFoundError):
        return f"no such bucket{shown}; make it first"
    if "scheme" in text.lower() or "builder error" in text.lower():
        return "plain http to another machine; use https, or set AWS_ALLOW_HTTP=true"
    if code:
        return f"the store refused{shown}"
    return "no answer; check AWS_ENDPOINT_URL and the credentials, and try again"
