"""Compare two versions that a source has, under the bridge between them.

Both versions are read from the same source; an indicator set that is merged into a policy is part
of what is compared. How the result is shown is the business of `report`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scalegate.app.bridging import bridge_between, refuse_rings
from scalegate.app.workspace import policies_of
from scalegate.base.errors import UsageError
from scalegate.base.yaml_text import parse_yaml
from scalegate.compare.bridge import Bridge
from scalegate.compare.certificate import Certificate, certify, verify
from scalegate.compare.crossing import crossing_of
from scalegate.compare.model import Difference
from scalegate.compare.rivals import Readings, under_each
from scalegate.compare.solver import BY_POINTS, INSTALL, Means
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.ports import PolicySource, PolicyText
from scalegate.report.difference import DifferenceView, arranged
from scalegate.report.difference_json import difference_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """Two versions and all that differs between them."""

    readings: Readings
    """The comparison under the bridge, and under each of its rivals."""
    old: Program
    new: Program
    crossed: tuple[Policy, Policy]
    """Both policies in the words of the bridge, for what is said of situations."""
    source: PolicySource
    """Where both were read from."""
    means: Means = BY_POINTS
    """With what it was searched."""

    @property
    def difference(self) -> Difference:
        """The comparison under the bridge itself."""
        return self.readings.main

    @property
    def policies(self) -> tuple[Policy, Policy]:
        """Both policies, the older one first."""
        return self.old.policy, self.new.policy

    def certificate(self, *, with_proofs: bool = False) -> Certificate:
        """Return what a reader needs to check the comparison without searching.

        Args:
            with_proofs: whether a solver's proofs that nothing is missing go with it where hold
                points answer it. What a solver answered always has them.

        Raises:
            UsageError: proofs are wanted and there is no solver; the solver reached its limit.
        """
        if with_proofs and self.means.kit is None:
            raise UsageError("a proof needs a solver", hint=INSTALL)
        kit = self.means.kit if with_proofs else None
        return certify(self.old, self.new, self.readings.bridge, kit, means=self.means)

    def view(self) -> DifferenceView:
        """Return the comparison, arranged for a reader."""
        return arranged(self.readings, self.policies, self.crossed)

    def to_mapping(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return difference_mapping(self.readings, self.crossed)

    def places(self) -> tuple[tuple[str, str], Mapping[tuple[str, str], int]]:
        """Return the files of both policies, and the line of each commitment in them.

        Raises:
            OutsideError: a file cannot be read.
        """
        files: dict[str, str] = {}
        lines: dict[tuple[str, str], int] = {}
        names = {policy.name for policy in self.policies}
        for text in self.source.policies():
            # The head says whose file it is; only the two that are asked for are read whole.
            if not names.intersection(_named(text)):
                continue
            (name,) = names.intersection(_named(text))
            document = parse_yaml(text.text, file=text.file)
            files[name] = text.file
            policy = next(each for each in self.policies if each.name == name)
            for index, row in enumerate(policy.commitments):
                line = document.line(("commitments", index))
                if line is not None:
                    lines[name, row.id] = line
        old, new = self.policies
        return (files[old.name], files[new.name]), lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which bridge to use."""

    given: PolicyText | None = None
    """This one; None: the one of the source."""
    is_none: bool = False
    """None at all: parts are matched by their ids."""


ANY_BRIDGE = Choice()
"""The bridge of the source, where it has one."""


def compare_versions(
    old: str,
    new: str,
    source: PolicySource,
    choice: Choice = ANY_BRIDGE,
    *,
    means: Means = BY_POINTS,
) -> ComparisonResult:
    """Compare two versions of a source, under the bridge between them and each of its rivals.

    Args:
        old: the name of the older version.
        new: the name of the newer version.
        source: where they are.
        choice: which bridge to use.
        means: with what to search.

    Raises:
        DocumentFaults: a policy, an indicator set or the bridge is wrong; versions that supersede
            each other in a ring.
        UnknownName: the source has no policy of that name.
        OutsideError: a file cannot be read.
    """
    programs, bridge = _loaded(old, new, source, choice)
    crossing = crossing_of(programs[0].policy, programs[1].policy, bridge)
    return ComparisonResult(
        readings=under_each(*programs, bridge, means=means),
        old=programs[0],
        new=programs[1],
        crossed=(crossing.old, crossing.new),
        source=source,
        means=means,
    )


def check_certificate(
    ends: tuple[str, str], source: PolicySource, plain: object, choice: Choice = ANY_BRIDGE
) -> Certificate:
    """Check a certificate against two versions of a source, without searching.

    Raises:
        FormatError: it is no certificate.
        DocumentFaults: a policy, an indicator set or the bridge is wrong.
        TrustError: it does not hold for these versions and this bridge.
        UnknownName: the source has no policy of that name.
    """
    certificate = Certificate.from_mapping(plain)
    programs, bridge = _loaded(*ends, source, choice)
    return verify(certificate, *programs, bridge)


def _loaded(
    old: str, new: str, source: PolicySource, choice: Choice
) -> tuple[tuple[Program, Program], Bridge | None]:
    refuse_rings(source, (old, new))
    loaded = {
        each.name: each.policy for each in policies_of(source, list(dict.fromkeys((old, new))))
    }
    policies = loaded[old], loaded[new]
    bridge = None
    if not choice.is_none and old != new:
        bridge = bridge_between(*policies, source, choice.given)
    return (compile_policy(policies[0]), compile_policy(policies[1])), bridge


_HEAD = re.compile(r"^(id|version):[ ]*[\"']?([^\"'\s#]+)", re.MULTILINE)


def _named(text: PolicyText) -> set[str]:
    head = dict(_HEAD.findall(text.text))
    return {f"{head.get('id')}@{head.get('version')}"}
