"""Keep what decisions were computed from where a workspace would lose it, to be sent later.

1. Documents and logs are never overwritten in a workspace. But a policy file can be edited, a
   shipped one comes anew with the program, and another version of it may read a log otherwise. So
   the policies, and the tables of the logs, are kept before a decision is signed.
2. They are kept by digest, with their lists, at the paths that they have in a bundle (`material`),
   beside the log and not in it: nothing of them is published. What is kept is never replaced.
3. What no longer has its digest is as good as gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from scalegate.app.record.following import NotGiven
from scalegate.app.record.material import (
    Part,
    material_path,
    policies_in,
    policy_list,
    table_list,
    tables_in,
)
from scalegate.app.workspace import LoadedPolicy, policies_of
from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError
from scalegate.ports import LogFiles, PolicySource, PolicyText, TableKind

Content = Callable[[str, str], bytes]
"""Gives the bytes of a digest; the second word says what they are, for a message."""


def keep_material(
    policies: Iterable[LoadedPolicy],
    source: PolicySource,
    tables: Mapping[str, bytes],
    kept: LogFiles,
) -> None:
    """Keep policies with their indicator sets, and the tables of logs (rules 1 and 2).

    Args:
        policies: those that decided.
        source: where their files are read.
        tables: the table of each log, by the log's digest.
        kept: where to keep them.

    Raises:
        OutsideError: a file cannot be read or written.
    """
    texts = texts_of(source)
    contents = [table_list(tables), *tables.values()]
    for each in policies:
        files = [each.digest, *(used.digest for used in each.sets)]
        contents += [policy_list(each), *(texts[digest] for digest in files)]
    for content in contents:
        kept.create(material_path(sha256_hex(content)), content)


def texts_of(source: PolicySource) -> dict[str, bytes]:
    """Return the bytes of every policy and indicator set of a source, by digest.

    Raises:
        FormatError: a file is no text.
        OutsideError: a file cannot be read.
    """
    found = (*source.policies(), *source.indicator_sets())
    return {each.digest: each.text.encode() for each in found}


def kept_content(kept: LogFiles, digest: str) -> bytes | None:
    """Return what is kept under a digest, if it still has it (rule 3).

    Raises:
        OutsideError: it cannot be read.
    """
    content = kept.read(material_path(digest))
    return content if content is not None and sha256_hex(content) == digest else None


def kept_tables(kept: LogFiles, digest: str) -> tuple[bytes, ...] | None:
    """Return a kept list of tables, and the tables after it; nothing unless all are there.

    Raises:
        OutsideError: a file cannot be read.
    """
    listed = kept_content(kept, digest)
    if listed is None:
        return None
    found = [kept_content(kept, each) for each in tables_in(listed).values()]
    return (listed, *(each for each in found if each is not None)) if None not in found else None


def policy_out_of(content: Content, digest: str, framework: str) -> LoadedPolicy:
    """Return the policy of a digest, indicator sets merged in, out of files by their digests.

    Raises:
        NotGiven: some of it is not there.
        MalformedRecord: the list is none.
        DocumentFaults: this version cannot read it.
        UnknownName: it is another policy.
    """
    first, *sets = policies_in(content(digest, "the list of the policy"))
    source = _Texts(
        _text(first, content(first, "the policy")),
        [_text(each, content(each, "an indicator set")) for each in sets],
    )
    (found,) = policies_of(source, [framework])
    if found.effective_digest != digest:
        raise FormatError("the policy is not what its list says", expected=digest)
    return found


def kept_policy(kept: LogFiles, digest: str, framework: str) -> LoadedPolicy:
    """Return a kept policy.

    Raises: as `policy_out_of`.
    """

    def content(wanted: str, what: str) -> bytes:
        found = kept_content(kept, wanted)
        if found is None:
            raise NotGiven(f"{what} with SHA-256 {wanted} was not kept")
        return found

    return policy_out_of(content, digest, framework)


def _text(digest: str, content: bytes) -> PolicyText:
    name = f"{Part.POLICY} {digest[:16]}"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=name) from cause
    return PolicyText(file=name, text=text, digest=digest, is_shipped=False)


class _Texts:
    """Keeps the promises of `ports.PolicySource` over one policy and its sets."""

    def __init__(self, policy: PolicyText, sets: list[PolicyText]) -> None:
        self._policy = policy
        self._sets = sets

    def policies(self) -> tuple[PolicyText, ...]:
        """Return the one policy."""
        return (self._policy,)

    def indicator_sets(self) -> tuple[PolicyText, ...]:
        """Return its sets."""
        return tuple(self._sets)

    def tables(self, kind: TableKind) -> tuple[PolicyText, ...]:
        """Return none: nothing that decides stands in a table."""
        del kind
        return ()

    def bridges(self) -> tuple[PolicyText, ...]:
        """Return none: bridges compare policies, and decide nothing."""
        return ()
