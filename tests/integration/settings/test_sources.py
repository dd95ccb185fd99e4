"""Names and values that make no sense are refused, wherever they stand, and one is told where."""

from pathlib import Path

import pytest

from mediant.errors import Invalid
from mediant.settings import load_settings
from mediant.settings.stored import StoredSettings
from mediant.store import Database


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDIANT_CONFIG_DIR", str(tmp_path))
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "mediant.yaml").write_text(text)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("MEDIANT_TAGING__WRITE_MODE", "MEDIANT_TAGGING__WRITE_MODE"),
        ("MEDIANT_TAGGING__WRITE_MOD", "MEDIANT_TAGGING__WRITE_MODE"),
        ("MEDIANT_ADMIN_PASWORD", "MEDIANT_ADMIN_PASSWORD"),
        ("MEDIANT_API_KEY_FIEL", "MEDIANT_API_KEY_FILE"),
        ("mediant_prot", "MEDIANT_PORT"),
    ],
)
def test_an_unknown_variable_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, meant: str
) -> None:
    monkeypatch.setenv(variable, "full")
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert refused.value.asset == variable
    assert f"Did you mean {meant}?" in str(refused.value)


def test_a_variable_that_is_like_none_is_refused_without_a_guess(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIANT_QUUX", "1")
    with pytest.raises(Invalid, match=r"^MEDIANT_QUUX: .*\. Correct it or remove it\.$"):
        load_settings()


def test_a_section_in_one_variable_is_looked_at_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIANT_TAGGING", '{"write_mod": "full"}')
    with pytest.raises(Invalid, match=r"MEDIANT_TAGGING: .*write_mod.*Did you mean write_mode"):
        load_settings()


@pytest.mark.parametrize(
    "variable",
    ["MEDIANT_URL", "MEDIANT_KEY_FILE", "MEDIANT_SERVICE_HOST", "MEDIANT_PORT_8356_TCP_ADDR"],
)
def test_what_scripts_and_container_platforms_set_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "10.0.0.1")
    assert load_settings().port == 8356


def test_every_known_variable_is_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = folder / "secret"
    secret.write_text("a password of the file\n")
    monkeypatch.setenv("MEDIANT_ADMIN_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("MEDIANT_SUBTITLES", '{"operation_mode": ["provider"]}')
    monkeypatch.setenv("mediant_tagging__write_mode", "full")
    found = load_settings()
    assert found.admin_password is not None
    assert found.admin_password.get_secret_value() == "a password of the file"
    assert (found.subtitles.operation_mode, found.tagging.write_mode) == (["provider"], "full")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("taging:\n  write_mode: full\n", "setting taging: .*Did you mean tagging"),
        (
            "tagging:\n  write_mod: full\n",
            r"tagging\.write_mod: .*Did you mean tagging\.write_mode",
        ),
        ("port: 1\nport: 2\n", "`port` is there twice, in line 1 and again.*line 2"),
        ("tagging:\n  preset: full\n  preset: fast\n", "`preset` is there twice, in line 2"),
        ("tagging: full\n", r"setting tagging: It is a section: .*\. Correct its line in"),
        ("tagging:\n  write_mode: some\n", r"It is 'none', 'minimal' or 'full'\. Correct its line"),
        ("jobs:\n  io_workers: many\n", r"io_workers: It is a whole number\. Correct its line in"),
        ("jobs:\n  io_workers: -1\n", r"io_workers: It is at least 0\. Correct its line in"),
        ("timezone: Atlantis\n", r"is no time zone.*\. Correct its line in"),
        ("library:\n  ignore: [1]\n", r"library\.ignore\.0: It is a text\. Correct its line in"),
        ("calibrate_heads: true\ncalibration:\n  enabled: true\n", "there twice"),
    ],
)
def test_lines_that_make_no_sense_are_refused(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert refused.match(said)
    assert str(folder / "mediant.yaml") in str(refused.value)
    assert str(refused.value).endswith(".") or str(refused.value).endswith("mediant.yaml")


def test_a_variable_is_named_before_the_line_that_it_beats(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "tagging:\n  write_mode: none\n")
    monkeypatch.setenv("MEDIANT_TAGGING__WRITE_MODE", "some")
    with pytest.raises(Invalid, match=r"Correct MEDIANT_TAGGING__WRITE_MODE in the environment\."):
        load_settings()


def test_a_section_whose_lines_are_comments_is_empty(folder: Path) -> None:
    write(folder, "tagging:\n#  write_mode: full\nport: 80\n")
    assert (load_settings().tagging.write_mode, load_settings().port) == ("none", 80)


@pytest.mark.parametrize(
    "text",
    [
        "calibrate_heads: true\n",
        "calibration:\n  calibrate_heads: true\n",
        "calibration:\n  min_samples: 5\ncalibrate_heads: true\n",
        "calibration:\ncalibrate_heads: true\n",
    ],
)
def test_the_old_name_of_calibration_works_in_the_file(folder: Path, text: str) -> None:
    write(folder, text)
    assert load_settings().calibration.enabled


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MEDIANT_CALIBRATE_HEADS", "true"),
        ("MEDIANT_CALIBRATION__CALIBRATE_HEADS", "true"),
        ("MEDIANT_CALIBRATION", '{"calibrate_heads": true}'),
    ],
)
def test_the_old_name_of_calibration_works_in_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, database: Database, variable: str, value: str
) -> None:
    write(folder, "calibration:\n  enabled: false\n")
    stored = StoredSettings(database)
    stored.change({"calibration.enabled": False})
    monkeypatch.setenv(variable, value)
    assert stored.load().calibration.enabled
    assert stored.list_locked()["calibration.enabled"] == variable


def test_old_and_new_variable_at_once_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIANT_CALIBRATE_HEADS", "true")
    monkeypatch.setenv("MEDIANT_CALIBRATION__ENABLED", "false")
    with pytest.raises(Invalid, match="MEDIANT_CALIBRATION__ENABLED and MEDIANT_CALIBRATE_HEADS"):
        load_settings()


def test_a_bad_value_under_an_old_name_is_told_by_that_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIANT_CALIBRATE_HEADS", "perhaps")
    with pytest.raises(Invalid, match="Correct MEDIANT_CALIBRATE_HEADS in the environment"):
        load_settings()


def test_no_fault_repeats_a_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIANT_SUBTITLES__OPENAI_KEY", "geheim\nnis")
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert "geheim" not in str(refused.value)
    assert "MEDIANT_SUBTITLES__OPENAI_KEY" in str(refused.value)
