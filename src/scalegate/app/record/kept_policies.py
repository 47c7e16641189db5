"""Keep the policies that decisions name, so that they can be given to a stranger later.

1. A policy file can be edited, and a shipped one comes anew with the program: then what an earlier
   decision names would be gone. So its list and its files are kept before a decision is signed.
2. They are kept by digest, at the paths that they have in a bundle (`material`), beside the log and
   not in it: nothing of them is published. What is kept is never replaced.
3. What no longer has its digest is as good as gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scalegate.app.record.following import NotGiven
from scalegate.app.record.material import Part, material_path, policies_in, policy_list
from scalegate.app.workspace import LoadedPolicy, policies_of
from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError
from scalegate.ports import LogFiles, PolicySource, PolicyText, TableKind

Content = Callable[[str, str], bytes]
"""Gives the bytes of a digest; the second word says what they are, for a message."""


def keep_policies(policies: Iterable[LoadedPolicy], source: PolicySource, kept: LogFiles) -> None:
    """Keep policies with their indicator sets (rules 1 and 2).

    Raises:
        OutsideError: a file cannot be read or written.
    """
    texts = texts_of(source)
    for each in policies:
        files = [each.digest, *(used.digest for used in each.sets)]
        for content in (policy_list(each), *(texts[digest] for digest in files)):
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
