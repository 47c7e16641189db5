"""A store's bucket keeps the promises of `ports.LogFiles`: here in memory, without a server."""

from typing import Any

import pytest
from obstore.store import MemoryStore

from scalegate.adapters.log_bucket import BucketAddress, LogBucket, open_bucket, parse_address
from scalegate.base.errors import OutsideError, UsageError
from tests.contract.log_files import LogFilesPromises


class TestBucketInMemory(LogFilesPromises):
    @pytest.fixture(name="store")
    def _store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def again(self, store: MemoryStore) -> Any:
        return lambda: LogBucket(store)

    @pytest.fixture
    def files(self, again: Any) -> Any:
        return again()

    def test_the_proof_of_conditions_leaves_nothing_behind(
        self, files: Any, store: MemoryStore
    ) -> None:
        files.create("journal/0", b"x")
        assert files.names("probe") == ()
        assert [each["path"] for each in store.list().collect()] == ["journal/0"]


class Careless:
    """A store that takes every write, whatever its conditions."""

    def __init__(self, *heeded: str) -> None:
        self._inside = MemoryStore()
        self._heeded = heeded

    def put(self, path: str, content: bytes, *, mode: Any = "overwrite", **rest: Any) -> Any:
        kind = mode if isinstance(mode, str) else "swap"
        return self._inside.put(
            path, content, mode=mode if kind in self._heeded else "overwrite", **rest
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)


@pytest.mark.parametrize("heeded", [(), ("create",), ("swap",)])
def test_a_store_that_ignores_conditions_is_refused_before_anything_is_written(
    heeded: tuple[str, ...],
) -> None:
    store: Any = Careless(*heeded)
    files = LogBucket(store)
    with pytest.raises(OutsideError, match="could fork the log"):
        files.create("checkpoint", b"1")
    with pytest.raises(OutsideError, match="could fork the log"):
        files.swap("checkpoint", b"1", b"2")
    assert store.list().collect() == []


def test_addresses_are_read_or_refused_without_showing_them() -> None:
    assert parse_address("s3://lab/our/log/") == BucketAddress(bucket="lab", prefix="our/log")
    assert parse_address("s3://lab").prefix == ""
    for text in ("s3://", "s3://La b/x", "s3://lab/../x", "s3://key:hush@lab/x", "file:///x"):
        with pytest.raises(UsageError) as refused:
            parse_address(text)
        assert "hush" not in str(refused.value)


def test_a_store_that_is_not_there_is_an_outside_error_without_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "who",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_REGION": "eu-north-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    files = open_bucket("s3://lab/log", given)
    for act in (lambda: files.create("checkpoint", b""), lambda: files.names("journal")):
        with pytest.raises(OutsideError, match="no answer") as failed:
            act()
        assert not {"hush", "127.0.0.1"} & set(str(failed.value).split())
    far = {**given, "AWS_ENDPOINT_URL": "http://store.invalid"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", far["AWS_ENDPOINT_URL"])
    with pytest.raises(OutsideError, match="plain http"):
        open_bucket("s3://lab/log", far).read("checkpoint")
