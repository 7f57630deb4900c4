from pathlib import Path

import pytest

from lambent.settings import Settings, SettingsError, load


def test_flags_win_over_variables_and_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lambent.toml"
    file.write_text('port = 1\nregion = "eu-west-1"\naccount = "111111111111"\n')

    settings = load(environ={"LAMBENT_PORT": "2", "LAMBENT_REGION": "eu-west-2"}, flags={"port": 3}, file=file)

    assert (settings.port, settings.region, settings.account) == (3, "eu-west-2", "111111111111")


def test_a_flag_that_was_not_given_leaves_the_default() -> None:
    assert load(environ={}, flags={"port": None, "ephemeral": None}) == Settings()


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("off", False), ("", False)])
def test_switches_are_read_from_variables(text: str, value: bool) -> None:
    assert load(environ={"LAMBENT_EPHEMERAL": text}, flags={}).ephemeral is value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "65536"),
        ("PORT", "many"),
        ("ACCOUNT", "12"),
        ("REGION", "nowhere"),
        ("ISOLATION", "strong"),
        ("CONCURRENCY", "0"),
        ("IDLE_TIMEOUT_S", "0"),
        ("ASYNC_RETRY_DELAYS_S", "60,"),
        ("ASYNC_RETRY_DELAYS_S", "-1"),
        ("DRAIN_S", "-1"),
        ("EPHEMERAL", "perhaps"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name.lower()):
        load(environ={f"LAMBENT_{name}": text}, flags={})


def test_delays_of_retries_are_numbers() -> None:
    assert Settings().retry_delays_s == (60.0, 120.0)
    assert load(environ={"LAMBENT_ASYNC_RETRY_DELAYS_S": "0.5,2"}, flags={}).retry_delays_s == (0.5, 2.0)


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lambent.toml"
    file.write_text("prot = 1\n")

    with pytest.raises(SettingsError, match="'prot'"):
        load(environ={}, flags={}, file=file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load(environ={"LAMBENT_CONFIG": str(tmp_path / "gone.toml")}, flags={})
