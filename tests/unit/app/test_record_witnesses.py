"""A witness answers as C2SP tlog-witness says; a log keeps only cosignatures that verify."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.http import post, serve
from scalegate.adapters.log_folder import LogFolder
from scalegate.adapters.witness_store import SqliteWitnessStore
from scalegate.app.record.appending import LogWriter, log_key
from scalegate.app.record.gathering import gather
from scalegate.app.record.witnessing import Witness, witness_key
from scalegate.base.errors import OutsideError, UsageError
from scalegate.ledger.quorum import parse_witness_policy, verify_witnessed
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.tree import Tree
from scalegate.ports import SeenHead
from tests.unit.ledger.signers import LOG, Signer, said, sealed

LOG_SIGNER = Signer("log")
NAME = "witness.example/w"


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, 12, tzinfo=UTC)


def log(folder: Path, count: int, word: str = "e") -> LogWriter:
    writer = LogWriter(LogFolder(folder), [LOG_SIGNER], origin=LOG, clock=Noon())
    if not (folder / "checkpoint").exists():
        writer.create()
    writer.append([sealed(said("act", {"note": f"{word}{at}"}), "a") for at in range(count)])
    return writer


def witness(folder: Path, algorithm: Algorithm = Algorithm.ED25519, word: str = "w") -> Witness:
    signer = Signer(word, algorithm)
    return Witness(
        SqliteWitnessStore(folder / f"{word}.sqlite"),
        {witness_key(signer, f"witness.example/{word}"): signer},
        logs=[log_key(LOG_SIGNER, LOG)],
        clock=Noon(),
    )


def policy(*signers: Signer, url: str = "http://w") -> Any:
    lines = [
        f"witness w{at} {witness_key(each, f'witness.example/{each.key.owner}').to_text()} {url}"
        for at, each in enumerate(signers)
    ]
    names = " ".join(f"w{at}" for at in range(len(signers)))
    key = log_key(LOG_SIGNER, LOG).to_text()
    return parse_witness_policy(
        "\n".join([f"log {key}", *lines, f"group g all {names}", "quorum g"])
    )


def posting(*witnesses: Witness) -> Any:
    turn = iter(witnesses * 9)

    def send(url: str, body: bytes) -> tuple[int, bytes]:
        assert url.endswith("/add-checkpoint")
        answer = (witnesses[0] if len(witnesses) == 1 else next(turn)).add_checkpoint(body)
        return answer.status, answer.body

    return send


def test_a_key_that_signs_no_notes_is_refused_for_logs_and_witnesses() -> None:
    signer: Any = Signer("p256-w")
    for ask in (log_key, witness_key):
        with pytest.raises(UsageError, match="signs no checkpoints"):
            ask(signer, LOG)


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ML_DSA_44])
def test_a_witness_cosigns_each_growth_and_the_quorum_is_reached(
    tmp_path: Path, algorithm: Algorithm
) -> None:
    found = witness(tmp_path, algorithm)
    asked = policy(Signer("w", algorithm))
    folder = tmp_path / "log"
    for count in (1, 4, 300):
        log(folder, count)
        after, answers = gather(LogFolder(folder), asked, posting(found))
        assert [each.reason for each in answers] == [""]
        verify_witnessed((folder / "checkpoint").read_bytes(), asked)
        assert after.head.size == count
    gather(LogFolder(folder), asked, posting(found))
    content = (folder / "checkpoint").read_bytes()
    assert content.count("— witness".encode()) == 1


def body(folder: Path, old: int, proof: Any = ()) -> bytes:
    from base64 import b64encode

    lines = [f"old {old}", *(b64encode(each).decode() for each in proof), "", ""]
    return "\n".join(lines).encode() + (folder / "checkpoint").read_bytes()


def test_the_answers_are_those_of_the_protocol(tmp_path: Path) -> None:
    found = witness(tmp_path)
    folder = tmp_path / "log"
    log(folder, 3)
    assert found.add_checkpoint(body(folder, 4)).status == 400
    assert found.add_checkpoint(body(folder, 0, [b"x" * 32])).status == 422
    assert found.add_checkpoint(body(folder, 0)).status == 200
    again = found.add_checkpoint(body(folder, 0))
    assert (again.status, again.body, again.content_type) == (409, b"3\n", "text/x.tlog.size")
    assert found.add_checkpoint(body(folder, 3)).status == 200
    log(folder, 5)
    assert found.add_checkpoint(body(folder, 3, [b"x" * 32])).status == 422
    other = tmp_path / "other"
    log(other, 3, "another history")
    assert found.add_checkpoint(body(other, 3)).status == 409
    log(other, 9, "another history")
    split = Tree([b"x"] * 9).prove_consistency(3)
    assert found.add_checkpoint(body(other, 3, split)).status == 422


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 1",
        b"old x\n\n",
        b"new 1\n\nx",
        b"old 1\n\xff\n\nx",
        b"old 0\n%\n\nx",
        b"x" * (2 << 20),
    ],
)
def test_a_malformed_request_is_400(tmp_path: Path, content: bytes) -> None:
    assert witness(tmp_path).add_checkpoint(content).status == 400


def test_too_long_a_proof_is_400_and_unknown_or_unsigned_logs_are_404_and_403(
    tmp_path: Path,
) -> None:
    found = witness(tmp_path)
    folder = tmp_path / "log"
    log(folder, 1)
    assert found.add_checkpoint(body(folder, 0, [b"x" * 32] * 64)).status == 400
    content = body(folder, 0)
    assert found.add_checkpoint(content.replace(LOG.encode(), b"log.example/x")).status == 404
    assert found.add_checkpoint(content.replace(b"\n1\n", b"\n2\n")).status == 403


def test_of_racing_requests_none_rolls_the_witness_back(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    found = witness(tmp_path)
    log(folder, 1)
    assert found.add_checkpoint(body(folder, 0)).status == 200
    requests = []
    for count in range(2, 18):
        writer = log(folder, count)
        tree = Tree()
        for at in sorted(writer._places.values()):
            leaf = next(key for key, value in writer._places.items() if value == at)
            tree.append_hash(leaf)
        requests.append(body(folder, 1, tree.prove_consistency(1)))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: witness(tmp_path).add_checkpoint(each), requests))
    assert [each.status for each in answers].count(200) == 1
    winner = [each.status for each in answers].index(200) + 2
    assert SqliteWitnessStore(tmp_path / "w.sqlite").seen(LOG).size == winner  # type: ignore[union-attr]


def test_a_bad_witness_is_named_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder, 2)
    asked = policy(Signer("w"))
    good = witness(tmp_path, word="w")
    forged = b"".join(
        good.add_checkpoint(body(folder, 0)).body.replace(b"witness.example/w ", b"x ")
        for _ in range(1)
    )
    for answer, reason in (
        ((500, b""), "answered 500"),
        ((200, b"no line"), "newline"),
        ((200, b"\xff\n"), "decode"),
        ((409, b"7\n"), "seen size 7"),
        ((409, b"x\n"), "seen size -1"),
    ):
        _, answers = gather(LogFolder(folder), asked, lambda *_, answer=answer: answer)
        assert reason in answers[0].reason
    _, answers = gather(LogFolder(folder), asked, lambda *_: (200, forged))
    assert answers[0].lines == ()
    line = good.add_checkpoint(body(folder, 2)).body
    log(folder, 3)
    _, answers = gather(LogFolder(folder), asked, lambda *_: (200, line))
    assert "does not verify" in answers[0].reason
    assert "— witness".encode() not in (folder / "checkpoint").read_bytes()
    silent = policy(Signer("w"), url="")
    assert "no address" in gather(LogFolder(folder), silent, posting(good))[1][0].reason


def test_a_log_that_goes_on_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder, 1)
    found = witness(tmp_path)

    def busy(url: str, content: bytes) -> tuple[int, bytes]:
        log(folder, 2)
        answer = found.add_checkpoint(content)
        return answer.status, answer.body

    with pytest.raises(OutsideError, match="went on"):
        gather(LogFolder(folder), policy(Signer("w")), busy)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    found = witness(tmp_path)

    def answer(content: bytes) -> tuple[int, str, bytes]:
        given = found.add_checkpoint(content)
        return given.status, given.content_type, given.body

    server = serve("127.0.0.1", 0, path="/add-checkpoint", answer=answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_over_http_it_is_the_same(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "log"
    log(folder, 2)
    asked = policy(Signer("w"), url=address)
    _, answers = gather(LogFolder(folder), asked, post)
    assert [each.reason for each in answers] == [""]
    verify_witnessed((folder / "checkpoint").read_bytes(), asked)
    assert post(f"{address}/else", b"")[0] == 404
    assert post(f"{address}/add-checkpoint", b"x")[0] == 400
    connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/add-checkpoint")
    connection.putheader("Content-Length", str((1 << 20) + 1))
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


def test_a_witness_out_of_reach_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder, 1)
    _, answers = gather(LogFolder(folder), policy(Signer("w"), url="http://127.0.0.1:9"), post)
    assert "no answer" in answers[0].reason
    with pytest.raises(UsageError):
        post("file:///etc/passwd", b"")


def test_a_witness_remembers_what_it_stored(tmp_path: Path) -> None:
    one, two = SqliteWitnessStore(tmp_path / "w"), SqliteWitnessStore(tmp_path / "w")
    assert one.seen("a") is None
    first, second = SeenHead(size=1, root=b"1" * 32), SeenHead(size=2, root=b"2" * 32)
    assert one.swap("a", None, first)
    assert not two.swap("a", None, second)
    assert two.swap("a", first, second)
    assert one.seen("a") == second
    (tmp_path / "broken").write_text("not a database, and long enough to be read as one" * 9)
    with pytest.raises(OutsideError):
        SqliteWitnessStore(tmp_path / "broken")
