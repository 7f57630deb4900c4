from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.spec import LogLevels
from lambent.runtime.variables import environ_of
from unit.runtime.conftest import SPEC

WHERE = {
    "kind": "python",
    "log_stream": "s",
    "endpoint": "http://127.0.0.1:4566",
    "task_root": "/var/task",
    "opt_root": "/opt",
    "library": "/var/runtime",
}
FIXED = [
    "_HANDLER",
    "AWS_REGION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_ACCESS_KEY_ID",
    "LAMBDA_TASK_ROOT",
    "AWS_LAMBDA_RUNTIME_API",
]


@pytest.mark.parametrize("name", FIXED)
def test_what_lambda_sets_stays_whatever_the_user_says(spec: Any, name: str) -> None:
    assert environ_of(spec(variables={name: "mine"}), **WHERE)[name] == environ_of(spec(), **WHERE)[name] != "mine"


@pytest.mark.parametrize("name", ["LANG", "TZ", "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "AWS_ENDPOINT_URL", "NEW"])
def test_what_users_may_set_is_theirs(spec: Any, name: str) -> None:
    assert environ_of(spec(variables={name: "mine"}), **WHERE)[name] == "mine"


@pytest.mark.parametrize("minor", range(8, 15))
def test_the_locale_of_newer_runtimes_is_utf_8(spec: Any, minor: int) -> None:
    environ = environ_of(spec(runtime=f"python3.{minor}"), **WHERE)
    assert environ.get("LC_CTYPE") == ("C.UTF-8" if minor >= 12 else None)
    assert environ["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python3.{minor}"


def test_node_looks_modules_up_in_layers_first(spec: Any) -> None:
    environ = environ_of(spec(runtime="nodejs22.x"), **{**WHERE, "kind": "node"})
    assert environ["NODE_PATH"] == (
        "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"
    )
    assert "PYTHONPATH" not in environ


def test_a_custom_runtime_is_not_told_what_it_is(spec: Any) -> None:
    environ = environ_of(spec(runtime="provided.al2023"), **{**WHERE, "kind": "provided"})
    assert not environ.keys() & {"AWS_EXECUTION_ENV", "PYTHONPATH", "NODE_PATH", "PWD", "SHLVL"}


def test_credentials_say_whose_function_it_is(spec: Any) -> None:
    environ = environ_of(spec(account="444444444444", region="eu-west-1"), **WHERE)
    assert environ["AWS_ACCESS_KEY_ID"] == "444444444444"
    assert environ["AWS_REGION"] == environ["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_no_endpoint_is_no_variable(spec: Any) -> None:
    assert "AWS_ENDPOINT_URL" not in environ_of(spec(), **{**WHERE, "endpoint": ""})


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_every_variable_of_the_user_is_there(variables: dict[str, str]) -> None:
    environ = environ_of(replace(SPEC, variables=variables), **WHERE)
    assert variables.keys() <= environ.keys()


def test_a_function_is_told_the_format_and_level_of_its_log(spec: Any) -> None:
    environ = environ_of(spec(log_levels=LogLevels("WARN", "INFO")), **WHERE)
    assert (environ["AWS_LAMBDA_LOG_FORMAT"], environ["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "WARN")
    assert not environ_of(spec(), **WHERE).keys() & {"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"}
