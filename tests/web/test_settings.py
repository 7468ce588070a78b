"""Settings are read strictly, all problems at once; keys are made once and kept closed."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from rooftree.vocabulary.errors import DefinitionError, MachineError, RooftreeError
from rooftree.web.config import options
from rooftree.web.config.keys import keys_of
from rooftree.web.config.logs import JsonFormatter
from rooftree.web.config.settings import database


@pytest.fixture
def workspace(tmp_path: Path) -> str:
    (tmp_path / "rooftree.toml").write_text('name = "Test"\n')
    return str(tmp_path)


def read(workspace: str, **settings: str) -> dict[str, options.Chosen]:
    given = {f"ROOFTREE_WEB_{name}": value for name, value in settings.items()}
    return options.read({"ROOFTREE_WEB_WORKSPACE": workspace, "PATH": "/bin", **given})


def test_a_default_says_that_it_is_one(workspace: str):
    chosen = read(workspace, WORKERS="3")
    assert (chosen["ROOFTREE_WEB_WORKERS"].value, chosen["ROOFTREE_WEB_WORKERS"].origin) == (
        3,
        "environment",
    )
    assert (chosen["ROOFTREE_WEB_THREADS"].value, chosen["ROOFTREE_WEB_THREADS"].origin) == (
        4,
        "default",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "many"), ("WORKERS", "0"), ("WORKERS", "65"), ("SESSION_HOURS", "1.5"),
        ("OIDC_TRUST_MFA", "perhaps"), ("ADDRESS", "rooftree.example"), ("ADDRESS", "https://a.example/path"),
        ("ADDRESS", "ftp://a.example"), ("DATABASE", "mysql://a/b"), ("SMTP", "mail.example"), ("PROXIES", "-1"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_being_quoted(workspace: str, name: str, value: str):
    with pytest.raises(DefinitionError) as caught:
        read(workspace, **{name: value})
    assert f"ROOFTREE_WEB_{name}" in str(caught.value)
    assert "Write" in str(caught.value)


def test_all_problems_come_at_once_and_a_slip_is_named(workspace: str):
    with pytest.raises(DefinitionError) as caught:
        read(workspace, WORKERS="x", THREADS="y", WORKRES="2")
    assert len(caught.value.problems) == 3
    assert "Did you mean ROOFTREE_WEB_WORKERS?" in str(caught.value)


def test_a_missing_workspace_says_how_to_start():
    with pytest.raises(DefinitionError, match="rooftree serve WORKSPACE"):
        options.read({})


def test_a_secret_may_come_from_a_file_and_is_never_shown(workspace: str, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text("s3cret-value\n")
    chosen = read(workspace, SECRET_KEY_FILE=str(file))["ROOFTREE_WEB_SECRET_KEY"]
    assert (chosen.value, chosen.origin, chosen.shown) == ("s3cret-value", "file", "set")
    with pytest.raises(DefinitionError, match="cannot be read"):
        read(workspace, SECRET_KEY_FILE=str(tmp_path / "nowhere"))


def test_single_sign_on_needs_all_three(workspace: str):
    with pytest.raises(DefinitionError) as caught:
        read(workspace, OIDC_ISSUER="https://login.example/t")
    assert {problem.where for problem in caught.value.problems} == {
        "ROOFTREE_WEB_OIDC_CLIENT_ID", "ROOFTREE_WEB_OIDC_CLIENT_SECRET",
    }  # fmt: skip


def test_every_option_says_what_it_does_and_its_default_reads_back():
    for option in options.OPTIONS:
        assert option.help.endswith("."), option.name
        assert option.name.startswith(options.PREFIX)
        if option.default not in ("", None, False):
            assert option.read(str(option.default)) == option.default


def test_one_setting_moves_the_database():
    assert database("", Path("/x/web.db"))["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    moved = database("postgresql://us%40er:p%2Fw@db.example:6432/rooftree", Path("/x"))
    assert (moved["USER"], moved["PASSWORD"], moved["HOST"], moved["PORT"], moved["NAME"]) == (
        "us@er", "p/w", "db.example", "6432", "rooftree",
    )  # fmt: skip


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path):
    path = tmp_path / ".rooftree" / "web-keys.json"
    made = keys_of(path)
    assert keys_of(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["web-keys.json"]
    path.chmod(0o640)
    with pytest.raises(MachineError, match="chmod 600"):
        keys_of(path)


def test_a_key_file_that_cannot_be_read_is_not_made_anew(tmp_path: Path):
    path = tmp_path / "web-keys.json"
    path.touch(mode=0o600)
    with pytest.raises(MachineError, match="Restore it from a backup"):
        keys_of(path)


def test_what_is_sealed_opens_only_in_its_place(tmp_path: Path):
    keys = keys_of(tmp_path / "keys.json")
    sealed = keys.seal("secret", about="one")
    assert "secret" not in sealed
    assert keys.seal("secret", about="one") != sealed
    assert keys.open(sealed, about="one") == "secret"
    with pytest.raises(RooftreeError, match="changed or moved"):
        keys.open(sealed, about="two")
    with pytest.raises(RooftreeError, match="changed or moved"):
        keys.open(sealed[:-6] + ("AAAAAA" if sealed[-6:] != "AAAAAA" else "BBBBBB"), about="one")


def test_a_new_sealing_key_stands_first_and_the_old_one_still_opens(tmp_path: Path):
    path = tmp_path / "keys.json"
    old = keys_of(path).seal("secret", about="x")
    kept = json.loads(path.read_text())
    other = json.loads(json.dumps(kept["sealing"][0])) | {"name": "k2", "key": "A" * 43 + "="}
    path.write_text(json.dumps(kept | {"sealing": [other, *kept["sealing"]]}))
    keys = keys_of(path)
    assert keys.open(old, about="x") == "secret"
    assert keys.seal("secret", about="x").startswith("k2$")
    path.write_text(json.dumps(kept | {"sealing": [other]}))
    with pytest.raises(RooftreeError, match="k1"):
        keys_of(path).open(old, about="x")


def line(record: logging.LogRecord) -> dict[str, object]:
    return json.loads(JsonFormatter().format(record))


def test_a_log_line_holds_no_text_of_an_exception_and_nothing_of_a_path():
    try:
        raise ValueError("Mrs Okafor, 12 Rose Lane")
    except ValueError:
        record = logging.LogRecord(
            "django.request",
            logging.ERROR,
            "f",
            1,
            "Internal Server Error: %s",
            ("/invitation/tok-en/",),
            sys.exc_info(),
        )
    record.request = "<WSGIRequest: GET '/invitation/tok-en/'>"
    told = line(record)
    assert "Okafor" not in str(told)
    assert "tok-en" not in str(told)
    assert told["error"] == "ValueError"
    assert any("test_settings.py" in place for place in told["places"])


def test_our_own_lines_keep_their_words_and_ids():
    record = logging.LogRecord(
        "rooftree.web.jobs", logging.INFO, "f", 1, "job %s ended", (7,), None
    )
    record.job, record.name_of_somebody = 7, "Okafor"
    told = line(record)
    assert (told["message"], told["job"]) == ("job 7 ended", 7)
    assert "Okafor" not in str(told)
