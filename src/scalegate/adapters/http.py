"""Speak HTTP as little as needed: post to a witness, and serve one."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from scalegate.base.errors import OutsideError, UsageError

SECONDS = 10.0
MOST_ANSWER = 1 << 20
MOST_REQUEST = 1 << 20
Answering = Callable[[bytes], tuple[int, str, bytes]]
"""Takes the body of a request; gives status, media type, body."""


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send bytes; return status and answer. Keeps the promises of `ports.HttpPost`.

    Raises:
        OutsideError: no answer within ten seconds, or one above 1 MiB.
        UsageError: the address is neither http nor https.
    """
    found = urlsplit(url)
    makers = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if found.scheme not in makers or not found.hostname:
        raise UsageError(f"not an address: `{url[:80]}`", hint="http://... or https://...")
    try:
        connection = makers[found.scheme](found.hostname, found.port, timeout=SECONDS)
        try:
            connection.request("POST", found.path or "/", body=body)
            answer = connection.getresponse()
            content = answer.read(MOST_ANSWER + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as cause:
        raise OutsideError(f"no answer from `{found.hostname}`: {cause}") from cause
    if len(content) > MOST_ANSWER:
        raise OutsideError(f"answer of `{found.hostname}` is too large")
    return answer.status, content


def serve(host: str, port: int, *, path: str, answer: Answering) -> ThreadingHTTPServer:
    """Return a server that answers POST on one path; the caller runs and closes it.

    Raises:
        OutsideError: the address cannot be taken.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = SECONDS

        def _take_post(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != path:
                self._answer(404, "text/plain", b"no such place\n")
            elif not length.isdigit() or int(length) > MOST_REQUEST:
                self.close_connection = True
                self._answer(400, "text/plain", b"a Content-Length of at most 1 MiB is needed\n")
            else:
                self._answer(*answer(self.rfile.read(int(length))))

        do_POST = _take_post  # noqa: N815 - the name by which the base class looks it up

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing: the caller decides what is shown."""

    try:
        return ThreadingHTTPServer((host, port), Handler)
    except OSError as cause:
        raise OutsideError(f"cannot listen on {host}:{port}: {cause.strerror}") from cause
