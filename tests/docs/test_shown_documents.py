"""Every document and policy that a page shows can be read, and does what the page says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scalegate.adapters.inspect_log import read_log
from scalegate.base.instants import parse_instant
from scalegate.base.yaml_text import parse_yaml
from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Grade
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_indicator_set, parse_policy
from scalegate.policy.vocabulary import Gate, SafeguardState
from tests.docs.pages import DOCS, FILE, ROOT

LOG = ROOT / "examples/inspect-logs/logs/inspect_scout__popularity_DN2wbX2ZvACsBpjwptzBRo.eval"

PAGES = sorted([*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")])
SHOWN = [
    pytest.param(page.relative_to(DOCS).as_posix(), block["name"], block["text"], id=block["name"])
    for page in PAGES
    for block in FILE.finditer(page.read_text(encoding="utf-8"))
]


def house_rules() -> Policy:
    page = (DOCS / "tutorial" / "first-decision.md").read_text(encoding="utf-8")
    text = next(item["text"] for item in FILE.finditer(page) if "house-rules" in item["name"])
    return parse_policy(text, file="house-rules.yaml")


@pytest.mark.parametrize(("page", "name", "text"), SHOWN)
def test_a_file_that_a_page_shows_can_be_read(page: str, name: str, text: str) -> None:
    if "schema: scalegate/policy@1" in text:
        assert parse_policy(text, file=name).commitments
    elif "schema: scalegate/indicators@1" in text:
        assert parse_indicator_set(text, house_rules(), file=name).indicators
    elif "schema: scalegate/bridge@1" in text:
        # Read whole, with its two policies, where the page's commands are played (test_tutorial).
        assert isinstance(parse_yaml(text, file=name).value, dict)
    else:
        assert isinstance(parse_document(text, file=f"{page}: {name}"), Record)


def test_pages_are_listed_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\]\(([\w./-]+\.md)", index))
    here = {
        path.relative_to(DOCS).as_posix()
        for kind in ("tutorial", "how-to", "explanation", "reference")
        for path in (DOCS / kind).glob("*.md")
    }
    missing = here - listed
    assert not missing, missing


def test_every_page_of_files_is_found() -> None:
    assert len(SHOWN) >= 9
    assert all(Path(str(item.values[1])).suffix == ".yaml" for item in SHOWN)


def shown(page: str) -> list[Record]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        parse_document(item["text"], file=item["name"])
        for item in FILE.finditer(text)
        if "/policies/" not in item["name"] and "indicators/" not in item["name"]
    ]


def assessed(*pages: str, subject: str) -> Assessment:
    log = read_log(LOG)
    at = parse_instant("2025-09-27")
    bundle = bundle_of(
        [record for page in pages for record in shown(page)], {log.digest_sha256: log}
    )
    inputs = inputs_of(compile_policy(house_rules()), bundle, policy_digest="0" * 64)
    return assess(at_instant(inputs, at, at), subject, at)


def test_the_safeguard_evidence_that_is_shown_is_live_and_sufficient() -> None:
    known = assessed(
        "tutorial/first-decision.md",
        "how-to/write-safeguard-evidence.md",
        subject="deployment:parrot-api",
    )
    assert known.safeguards["reply-filter"].state is SafeguardState.LIVE_AND_SUFFICIENT
    assert decide(known, Gate.EXTERNAL_GENERAL).is_open


def test_the_determination_that_is_shown_stands_beside_the_finding_and_does_not_count() -> None:
    known = assessed(
        "tutorial/first-decision.md",
        "how-to/record-a-determination.md",
        subject="model:parrot",
    )
    (judged,) = known.findings["FLATTERER"].judged
    assert judged.grade is Grade.AGAINST_INDICATORS
    assert not judged.counts
    assert judged.dissent
    assert not decide(known, Gate.EXTERNAL_GENERAL).is_open
