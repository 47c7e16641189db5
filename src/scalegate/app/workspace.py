"""A workspace: its settings, evidence and policies, opened together.

`wiring` picks the adapters and opens it. What is read here is what a decision starts from: a
bundle of evidence at two instants, and policies with the digests of their documents.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.app.settings import Settings
from scalegate.base.canonical import digest_of
from scalegate.base.errors import (
    DocumentFaults,
    FileForName,
    FormatError,
    ScalegateError,
    TrustError,
    UnknownName,
)
from scalegate.ports import (
    LOG_KIND,
    Clock,
    EvidenceItem,
    EvidenceReader,
    EvidenceStore,
    PolicySource,
    PolicyText,
    StoreFinding,
)

if TYPE_CHECKING:
    from scalegate.evidence.bundle import Bundle
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record
    from scalegate.policy.document import IndicatorSet, Policy
    from scalegate.policy.regime import PolicySpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace."""

    folder: Path
    """Where it lies."""
    settings: Settings
    """What its `scalegate.toml` says."""
    store: EvidenceStore
    """Its evidence."""
    reader: EvidenceReader
    """What reads its evidence files."""
    policies: PolicySource
    """Its policies, the shipped ones included."""
    clock: Clock
    """What says which instant is now."""

    @property
    def name(self) -> str:
        """What readers call it."""
        return self.settings.name or self.folder.name


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSet:
    """An indicator set that was merged into a policy."""

    id: str
    """Its id."""
    digest: str
    """SHA-256 of its file."""
    file: str
    """Name of its file."""
    is_shipped: bool
    """Whether it came with this program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy:
    """A policy with its indicator sets merged in, and the digests of all their documents."""

    policy: Policy
    """The policy, lines of the sets included."""
    digest: str
    """SHA-256 of the policy's file."""
    file: str
    """Name of the policy's file."""
    is_shipped: bool
    """Whether it came with this program."""
    sets: tuple[UsedSet, ...] = ()
    """The sets that were merged in, sorted by id."""

    @property
    def name(self) -> str:
        """The framework's name, such as `anthropic-rsp@2.2`."""
        return self.policy.name

    @property
    def effective_digest(self) -> str:
        """SHA-256 over the digests of the policy and of its sets: what a decision rests on."""
        return digest_of({"policy": self.digest, "sets": [each.digest for each in self.sets]})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkEntry:
    """One line of the list of frameworks."""

    name: str
    """`id@version`."""
    lab: str
    """The lab whose policy it is."""
    title: str
    """Its title."""
    effective_on: str
    """First day in force."""
    superseded_on: str
    """Day on which a later version took over; empty where none has."""
    file: str
    """Name of its file."""
    digest: str
    """SHA-256 of its file."""
    is_shipped: bool
    """Whether it came with this program."""
    sets: tuple[str, ...]
    """Ids of the indicator sets that are merged into it."""
    is_used: bool
    """Whether the workspace's settings let it decide."""


def load_bundle(workspace: Workspace, as_of: datetime, known_at: datetime) -> Bundle[EvalLog]:
    """Read what was known at `known_at` about the world at `as_of`.

    Every file is compared with its digest; a file that is gone or altered stops the reading. Of
    logs those count whose results were there at `as_of` and known at `known_at`.

    Raises:
        TrustError: a record or a file is missing or was altered.
        DocumentFaults: a kept document cannot be read by this version.
        OutsideError: the store cannot be read.
    """
    from scalegate.evidence.bundle import bundle_of

    items = [item for item in workspace.store.history() if item.known_from <= known_at]
    records = _records(workspace, items)
    keys = metadata_keys_of(records)
    logs = {
        item.digest: read_log_of(workspace, item, metadata_keys=keys)
        for item in items
        if item.kind == LOG_KIND and item.true_from <= as_of
    }
    return bundle_of(records, logs).as_of(as_of, known_at)


def load_documents(workspace: Workspace, as_of: datetime, known_at: datetime) -> Bundle[EvalLog]:
    """Read the documents alone, as `load_bundle` would: for what no log has a part in.

    Raises:
        TrustError: a record or a file is missing or was altered.
        DocumentFaults: a kept document cannot be read by this version.
        OutsideError: the store cannot be read.
    """
    from scalegate.evidence.bundle import bundle_of

    items = [item for item in workspace.store.history() if item.known_from <= known_at]
    return bundle_of(_records(workspace, items), {}).as_of(as_of, known_at)


def _records(workspace: Workspace, items: Iterable[EvidenceItem]) -> list[Record]:
    return [read_record(workspace, item) for item in items if item.kind != LOG_KIND]


def read_record(workspace: Workspace, item: EvidenceItem) -> Record:
    """Read the document of an item.

    Raises:
        TrustError: its file is gone or altered, or its content is not what was recorded.
        DocumentFaults: this version cannot read it.
        OutsideError: it cannot be read.
    """
    path = workspace.store.locate(item)
    attached = {each.name: workspace.store.locate_attachment(each) for each in item.attachments}
    record = workspace.reader.read_kept(path, name=item.source_name, attached=attached)
    recorded = (item.kind, item.id, item.subject, item.true_from, item.known_from)
    found = (record.kind.value, record.id, record.subject, record.true_from, record.known_from)
    if recorded != found:
        raise TrustError(
            f"the record of `{item.id}` does not agree with its document; restore the workspace"
            " from a copy"
        )
    return record


def read_log_of(
    workspace: Workspace, item: EvidenceItem, *, metadata_keys: tuple[str, ...] = ()
) -> EvalLog:
    """Read the log of an item.

    Raises:
        TrustError: its file is gone or altered.
        FormatError: this version cannot read it.
        OutsideError: it cannot be read.
    """
    path = workspace.store.locate(item)
    log = workspace.reader.read_log(path, digest=item.digest, metadata_keys=metadata_keys)
    if log.digest_sha256 != item.digest:
        raise TrustError(f"`{item.id}` was altered while it was read; restore it from a copy")
    return log


def metadata_keys_of(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the sample metadata that mappings ask for, sorted."""
    from scalegate.evidence.documents.plans import Mapping

    payloads = (record.payload for record in records)
    keys = {each.family_key for each in payloads if isinstance(each, Mapping) and each.family_key}
    return tuple(sorted(keys))


def load_policies(
    workspace: Workspace, names: Sequence[str] | None = None
) -> tuple[LoadedPolicy, ...]:
    """Read the policies that decide, each with its indicator sets merged in, sorted by name.

    Args:
        workspace: whose policies.
        names: frameworks as `id@version`; None: those of the settings, or all.

    Raises:
        DocumentFaults: every fault of every document; two documents of one name.
        UnknownName: a name that no document has.
        OutsideError: a file cannot be read.
    """
    wanted = tuple(names) if names is not None else workspace.settings.frameworks
    return _loaded(workspace.policies, wanted)


_HEADER = re.compile(
    r"^(id|version|lab|title|effective_on|superseded_on):[ ]*"
    r"(?:\"([^\"\\\n]*)\"|([^\s\"'#>|&*!?%@`\[{][^#\n]*?))[ ]*$",
    re.MULTILINE,
)
"""Lines of a head that read alike for every reader of YAML; what else there is, is parsed."""
_NEEDED = {"id", "version", "lab", "title", "effective_on"}


def policy_spans(source: PolicySource) -> tuple[PolicySpan, ...]:
    """Return since when and until when each policy of a source binds, in the source's order.

    Only the heads of the documents are read, so that versions long superseded cost nothing.

    Raises:
        DocumentFaults: a document whose head does not say since when it is in force.
    """
    return tuple(_span(each) for each in source.policies())


def _span(text: PolicyText) -> PolicySpan:
    from scalegate.policy.parse import parse_policy
    from scalegate.policy.regime import PolicySpan

    head = {key: quoted or plain for key, quoted, plain in _HEADER.findall(text.text)}
    if not head.keys() >= _NEEDED:
        head = parse_policy(text.text, file=text.file).to_plain()
    return PolicySpan(
        name=f"{head['id']}@{head['version']}",
        lab=head["lab"],
        title=head["title"],
        effective_on=head["effective_on"],
        superseded_on=head.get("superseded_on") or "",
        digest=text.digest,
    )


def names_in_force(source: PolicySource, at: datetime, *, lab: str = "") -> tuple[str, ...]:
    """Return the names of the policies in force at an instant, sorted; `lab`: only of this one.

    Raises:
        DocumentFaults: a document whose head does not say since when it is in force.
    """
    day = at.date()
    found = {
        each.name
        for each in policy_spans(source)
        if each.binds(day) and (not lab or each.lab.casefold() == lab.casefold())
    }
    return tuple(sorted(found))


def frameworks(workspace: Workspace) -> tuple[FrameworkEntry, ...]:
    """List every framework that the workspace knows, used or not, sorted by name.

    Raises:
        DocumentFaults: every fault of every document; two documents of one name.
        UnknownName: the settings name a framework that no document has.
        OutsideError: a file cannot be read.
    """
    chosen = workspace.settings.frameworks
    found = framework_entries(workspace.policies)
    known = {entry.name for entry in found}
    for name in chosen:
        if name not in known:
            raise UnknownName("framework", name, known=known)
    lab = workspace.settings.lab.casefold()
    return tuple(
        replace(
            entry,
            is_used=(not chosen or entry.name in chosen) and lab in {"", entry.lab.casefold()},
        )
        for entry in found
    )


def framework_entries(source: PolicySource) -> tuple[FrameworkEntry, ...]:
    """List every framework of a source, all marked as used, sorted by name.

    Of shipped policies only the head is read; the workspace's own are checked in full.

    Raises:
        DocumentFaults: every fault of the workspace's own documents; two documents of one name.
        OutsideError: a file cannot be read, or a shipped one is missing.
    """
    texts = source.policies()
    found = {
        span.name: _entry_of(span, text)
        for text, span in ((each, _span(each)) for each in texts if each.is_shipped)
    }
    known = {each.file: each for each in texts}
    for each in _checked_in_full(source, texts):
        other = found.get(each.name)
        if other is not None and other.digest != each.digest:
            fault = _twice("framework", each.name, known[each.file], known[other.file])
            raise DocumentFaults([fault])
        found[each.name] = FrameworkEntry(
            name=each.name,
            lab=each.policy.lab,
            title=each.policy.title,
            effective_on=str(each.policy.effective_on),
            superseded_on=str(each.policy.superseded_on or ""),
            file=each.file,
            digest=each.digest,
            is_shipped=each.is_shipped,
            sets=tuple(used.id for used in each.sets),
            is_used=True,
        )
    return tuple(found[name] for name in sorted(found))


def _entry_of(span: PolicySpan, text: PolicyText) -> FrameworkEntry:
    return FrameworkEntry(
        name=span.name,
        lab=span.lab,
        title=span.title,
        effective_on=span.effective_on,
        superseded_on=span.superseded_on,
        file=text.file,
        digest=text.digest,
        is_shipped=True,
        sets=(),
        is_used=True,
    )


def _checked_in_full(source: PolicySource, texts: Sequence[PolicyText]) -> tuple[LoadedPolicy, ...]:
    """Read what a head cannot tell: the workspace's own policies, and those that have a set."""
    from scalegate.policy.parse import framework_of

    shipped = {Path(each.file).stem for each in texts if each.is_shipped}
    with_sets = {framework_of(each.text, file=each.file) for each in source.indicator_sets()}
    if not with_sets and all(each.is_shipped for each in texts):
        return ()
    return _loaded(source, (), skips=shipped - with_sets)


def policies_of(source: PolicySource, names: Sequence[str]) -> tuple[LoadedPolicy, ...]:
    """Read named policies of a source, for verbs that need no workspace.

    Raises:
        DocumentFaults: a policy or an indicator set is wrong.
        UnknownName: a name that the source does not have.
    """
    return _loaded(source, names)


def _loaded(
    source: PolicySource, wanted: Sequence[str], *, skips: Collection[str] = ()
) -> tuple[LoadedPolicy, ...]:
    """Read the wanted policies, or all but the shipped ones that are skipped."""
    from scalegate.policy.parse import parse_policy

    faults: list[FormatError] = []
    policies: dict[str, tuple[Policy, PolicyText]] = {}
    for text in source.policies():
        name = Path(text.file).stem  # a shipped file is named for its framework
        if text.is_shipped and (name in skips or (wanted and name not in wanted)):
            continue
        try:
            policy = parse_policy(text.text, file=text.file)
        except DocumentFaults as found:
            faults.extend(found.faults)
            continue
        if policy.name not in policies:
            policies[policy.name] = (policy, text)
        elif policies[policy.name][1].digest != text.digest:  # a true copy does no harm
            faults.append(_twice("framework", policy.name, text, policies[policy.name][1]))
    sets = _sets_of(source, {name: policy for name, (policy, _) in policies.items()}, faults)
    if faults:
        raise DocumentFaults(faults)
    for name in wanted:
        if name not in policies:
            if name.endswith((".yaml", ".yml", ".json")):
                raise FileForName(name)
            known = {*policies, *(Path(t.file).stem for t in source.policies() if t.is_shipped)}
            raise UnknownName("framework", name, known=known)
    chosen = sorted(wanted or policies)
    return tuple(_merged(*policies[name], sets.get(name, [])) for name in chosen)


def _merged(
    policy: Policy, text: PolicyText, sets: list[tuple[IndicatorSet, PolicyText]]
) -> LoadedPolicy:
    from scalegate.policy.parse import with_indicators

    used = [
        UsedSet(id=each.id, digest=file.digest, file=file.file, is_shipped=file.is_shipped)
        for each, file in sets
    ]
    return LoadedPolicy(
        policy=with_indicators(policy, [each for each, _ in sets]) if sets else policy,
        digest=text.digest,
        file=text.file,
        is_shipped=text.is_shipped,
        sets=tuple(sorted(used, key=lambda each: each.id)),
    )


def _sets_of(
    source: PolicySource, policies: dict[str, Policy], faults: list[FormatError]
) -> dict[str, list[tuple[IndicatorSet, PolicyText]]]:
    """Read the sets of the policies at hand; those of other frameworks are not asked for."""
    from scalegate.policy.parse import framework_of, parse_indicator_set

    of_framework: dict[str, list[tuple[IndicatorSet, PolicyText]]] = {}
    files: dict[str, PolicyText] = {}
    for text in source.indicator_sets():
        try:
            name = framework_of(text.text, file=text.file)
            if name not in policies:
                continue
            found = parse_indicator_set(text.text, policies[name], file=text.file)
        except DocumentFaults as refused:
            faults.extend(refused.faults)
            continue
        if found.id in files:
            if files[found.id].digest != text.digest:
                faults.append(_twice("indicator set", found.id, text, files[found.id]))
            continue
        files[found.id] = text
        of_framework.setdefault(name, []).append((found, text))
    return of_framework


def _twice(what: str, name: str, text: PolicyText, other: PolicyText) -> FormatError:
    return FormatError(
        f"{what} defined twice",
        file=text.file,
        path="id",
        expected=f"one document of `{name}`",
        got=f"another in `{other.file}`{' (shipped)' if other.is_shipped else ''}",
        hint="give it an id or version of its own",
    )


def check_workspace(workspace: Workspace) -> tuple[StoreFinding, ...]:
    """Check everything that can be checked: records, files, documents, policies.

    Returns what is wrong instead of raising it, faults first.
    """
    from scalegate.app.naming import unheard, unowned

    found = list(workspace.store.check())
    records: list[Record] = []
    if not any(each.is_fault for each in found):
        found += _unreadable(workspace, records)
    try:
        policies = load_policies(workspace)
    except ScalegateError as fault:
        found += [StoreFinding(what=line, is_fault=True) for line in _lines(fault)]
    else:
        latest = {record.id: record for record in records}
        used = [(each.policy, [one.id for one in each.sets]) for each in policies]
        said = unheard(used, latest.values())
        said += unowned((each.policy for each in policies), workspace.settings.owners)
        found += [StoreFinding(what=text, is_fault=False) for text in said]
    return tuple(sorted(found, key=lambda each: not each.is_fault))


def _unreadable(workspace: Workspace, records: list[Record]) -> list[StoreFinding]:
    """Read every kept file once more, as a decision would; what can be read goes to `records`."""
    found: list[StoreFinding] = []
    for item in workspace.store.history():
        try:
            if item.kind == LOG_KIND:
                read_log_of(workspace, item)
            else:
                records.append(read_record(workspace, item))
        except ScalegateError as fault:
            found += [
                StoreFinding(what=f"`{item.id}`: {line}", is_fault=True) for line in _lines(fault)
            ]
    return found


def _lines(fault: ScalegateError) -> list[str]:
    if isinstance(fault, DocumentFaults):
        return [str(each) for each in fault.faults]
    return [re.sub(r"\s*\n\s*", "; ", str(fault))]
