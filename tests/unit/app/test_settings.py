"""`scalegate.toml` says what its page says, and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scalegate.app.settings import Settings, parse_settings, settings_text
from scalegate.base.errors import DocumentFaults
from scalegate.wiring import STORE_VARIABLE, WORKSPACE_VARIABLE

HEAD = 'schema = "scalegate/workspace@1"\n'


def test_everything_has_a_default_but_the_schema() -> None:
    assert parse_settings(HEAD) == Settings()


def test_every_setting_is_read() -> None:
    text = HEAD + (
        '[workspace]\nname = "lab"\n[store]\nurl = "postgresql://h/d"\nwait_seconds = 3\n'
        '[policies]\nframeworks = ["anthropic-rsp@2.2", "openai-pf@2"]\n'
    )
    assert parse_settings(text) == Settings(
        name="lab",
        store_url="postgresql://h/d",
        wait_seconds=3.0,
        frameworks=("anthropic-rsp@2.2", "openai-pf@2"),
    )


def test_the_text_of_a_new_workspace_reads_back() -> None:
    text = settings_text(name='a "quoted" \\ name', frameworks=("gdm-fsf@3.1",))
    settings = parse_settings(text)
    assert settings.name == 'a "quoted" \\ name'
    assert settings.frameworks == ("gdm-fsf@3.1",)
    assert parse_settings(settings_text(name="x")).frameworks == ()


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("", "schema", None),
        ('schema = "scalegate/workspace@2"\n', "schema", 1),
        (HEAD + "[stor]\n", "stor", 2),
        (HEAD + "extra = 1\n", "extra", 2),
        (HEAD + '[store]\nurls = "x"\n', "store.urls", 3),
        (HEAD + "[store]\nurl = 3\n", "store.url", 3),
        (HEAD + '[store]\nurl = "a\\u001bb"\n', "store.url", 3),
        (HEAD + "[store]\nwait_seconds = 0\n", "store.wait_seconds", 3),
        (HEAD + "[store]\nwait_seconds = nan\n", "store.wait_seconds", 3),
        (HEAD + "[store]\nwait_seconds = inf\n", "store.wait_seconds", 3),
        (HEAD + "[store]\nwait_seconds = true\n", "store.wait_seconds", 3),
        (HEAD + "[policies]\nframeworks = []\n", "policies.frameworks", 3),
        (HEAD + '[policies]\nframeworks = "a@1"\n', "policies.frameworks", 3),
        (HEAD + '[policies]\nframeworks = ["no-version"]\n', "policies.frameworks", 3),
        (HEAD + '[policies]\nframeworks = ["a@1", "a@1"]\n', "policies.frameworks", 3),
        (HEAD + 'store = "x"\n', "store", 2),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(text: str, path: str, line: int | None) -> None:
    with pytest.raises(DocumentFaults) as caught:
        parse_settings(text)
    (fault,) = caught.value.faults
    assert (fault.file, fault.path, fault.line) == ("scalegate.toml", path, line)
    assert fault.expected


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(DocumentFaults) as caught:
        parse_settings("[store]\nurl = 1\nwait_seconds = 'x'\n[odd]\n")
    assert len(caught.value.faults) == 4


def test_the_page_on_workspaces_names_every_setting_and_variable() -> None:
    page = (Path(__file__).parents[3] / "docs/explanation/workspace.md").read_text(encoding="utf-8")
    text = settings_text(name="x", frameworks=("a@1",))
    tables = tomllib.loads(text)
    keys = [f"{t}.{k}" for t, v in tables.items() if isinstance(v, dict) for k in v]
    assert sorted(keys) == ["policies.frameworks", "store.url", "workspace.name"]
    for name in [*keys, "policies.lab", "store.wait_seconds", WORKSPACE_VARIABLE, STORE_VARIABLE]:
        assert f"`{name}`" in page


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(DocumentFaults, match="not readable as TOML"):
        parse_settings("schema = ")


def test_the_policies_of_one_lab_may_decide_and_not_besides_named_ones() -> None:
    assert parse_settings(settings_text(name="x", lab="OpenAI")).lab == "OpenAI"
    with pytest.raises(DocumentFaults) as refused:
        parse_settings(HEAD + '[policies]\nlab = "OpenAI"\nframeworks = ["a@1"]\n')
    assert [(each.path, each.line) for each in refused.value.faults] == [("policies.lab", 3)]
