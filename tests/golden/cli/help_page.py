"""Write the reference of the command line from what `--help` prints."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from scalegate.cli.main import main
from scalegate.cli.verbs import VERBS

GROUPS = {
    "plan": ("commit", "check"),
    "disclose": ("make", "demand", "open", "verify"),
    "frameworks": ("list", "show", "coverage"),
    "policy": ("new", "format", "schema"),
    "evidence": ("import", "list", "show"),
    "permit": ("manifest", "issue", "verify"),
    "keys": ("init", "make", "import", "list", "rotate", "sign"),
    "ledger": ("add", "list", "prove", "verify", "witness", "index", "find"),
    "witness": ("serve",),
    "organisms": ("bench", "train"),
}
HEAD = """# Reference: the command line

This page is written from what `scalegate VERB --help` prints, and a test compares them.

## Conventions

- The result goes to stdout; progress and errors go to stderr. A bar is drawn on a terminal only.
- `--json` writes one document: `schema_version`, `kind`, `exit_code` and the whole result, nothing
  rounded or shortened. An error is a document too, of the kind `error`. The
  first part of `schema_version` goes up when a reader of the old form would go wrong.
- `--as-of` takes a date (its first instant in UTC) or an RFC 3339 instant with a zone. It means
  both what was true and what was known; `--about` and `--known-at` separate the two.
- A state is a word and a symbol; colour only repeats it. `NO_COLOR` and `--no-color` leave colour
  out. Where the terminal cannot show a symbol, an ASCII sign stands for it.
- Lines into a pipe are 80 columns wide, or as many as `COLUMNS` says.
- Text from logs, documents and policies is shown without control characters, escapes or hidden
  direction marks, and never read as markup.

## Exit codes

One code per call, the first that applies of 2, 1, 12, 10, 11, 13, 15, 0.

| exit | meaning |
|---|---|
| 0 | every asked gate is open, or the verb did its job |
| 1 | a fault of this program, or of something outside it such as a full disk |
| 2 | wrong usage, unreadable or invalid input |
| 10 | held or restricted under every reading: a requirement is known unmet, or an order holds |
| 11 | held, inconclusive: evidence is missing, stale, blunt, invalid or unplanned |
| 12 | verification failed: what was recorded is gone, altered or damaged |
| 13 | the answer depends on a reading that nobody fixed |
| 14 | `diff`: the newer policy is looser somewhere |
| 16 | `replay`: a case is not as its expectation records it |
| 15 | a gate asked for is not governed, and nothing asked is held |

`gate` always answers with the code of its gates. `status`, `report`, `why`, `assess` and `what-if`
do so with `--check`; else they exit 0 when they did their job. `evidence list --check` compares
every file with its digest (12), `evidence show --check` exits 11 if a log has validity flags, and
`frameworks show --check` exits 2 if `lint` finds an error. Where no gate was decided, the code of
the gates is 11. With `--json` each decision carries its own code beside the one of the call.

## Environment

| variable | meaning |
|---|---|
| `SCALEGATE_WORKSPACE` | the workspace, where none is named; else the nearest one upwards |
| `SCALEGATE_STORE_URL` | where records are kept; goes before the settings |
| `SCALEGATE_RECORD_RUNS` | `1`: the [Inspect hook](../how-to/record-runs.md) records every log |
| `SCALEGATE_PIN`, `PYKCS11LIB` | how to reach [a token](../how-to/use-a-key-in-hardware.md) |
| `AWS_...` | [the store](../how-to/host-the-log-on-s3.md) of a log at `s3://bucket/prefix` |
| `SCALEGATE_DEBUG` | `1`: print the traceback of a fault of this program |
| `NO_COLOR`, `COLUMNS` | as everywhere |

## Completion

`scalegate --install-completion` installs it for the shell it is run in (bash, zsh, fish or
PowerShell); `scalegate --show-completion` prints it, to be kept where you keep such things. Besides
verbs and options it completes subjects and ids of evidence of the workspace, gates, policies and
lint codes. It reads the workspace's records only, and offers nothing where there is none.
"""


def helped(*words: str) -> str:
    """Return what `scalegate WORDS --help` prints."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    with contextlib.redirect_stdout(stream):
        assert main([*words, "--help"]) == 0
    stream.seek(0)
    return stream.read()


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every verb, with those of a group after it."""
    yield ()
    for verb in VERBS:
        yield (verb,)
        yield from ((verb, below) for below in GROUPS.get(verb, ()))


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, "## Verbs\n"]
    for words in commands():
        name = " ".join(("scalegate", *words))
        parts.append(f"### {name}\n\n```text\n{helped(*words).rstrip()}\n```\n")
    return "\n".join(parts)
