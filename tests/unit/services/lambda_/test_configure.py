from typing import Any

import pytest

from lambent.errors import AwsError
from lambent.services.lambda_.configure import created, updated
from lambent.services.lambda_.record import Configuration

PARAMS: dict[str, Any] = {
    "FunctionName": "f",
    "Runtime": "python3.12",
    "Handler": "m.h",
    "Role": "arn:aws:iam::000000000000:role/r",
}


def test_defaults_are_those_of_aws() -> None:
    assert created(PARAMS) == Configuration(
        runtime="python3.12",
        handler="m.h",
        role=PARAMS["Role"],
        description="",
        timeout_s=3,
        memory_mb=128,
        tmp_mb=512,
        variables=None,
        architecture="x86_64",
        tracing_mode="PassThrough",
        log_group="/aws/lambda/f",
    )


def test_an_update_changes_what_was_sent_and_nothing_else() -> None:
    before = created(PARAMS | {"Timeout": 9, "Environment": {"Variables": {"A": "1"}}, "Description": "d"})

    after = updated(before, {"MemorySize": 256, "Description": ""}, name="f")

    assert (after.memory_mb, after.timeout_s, after.variables, after.description) == (256, 9, {"A": "1"}, "")


def test_an_environment_sent_empty_is_shown_and_one_not_sent_is_not() -> None:
    assert created(PARAMS | {"Environment": {}}).variables == {}
    assert created(PARAMS).variables is None


@pytest.mark.parametrize("missing", ["Runtime", "Handler"])
def test_a_zip_function_needs_runtime_and_handler(missing: str) -> None:
    with pytest.raises(AwsError, match="Runtime and Handler are mandatory") as refusal:
        created({name: value for name, value in PARAMS.items() if name != missing})
    assert refusal.value.code == "InvalidParameterValueException"


def test_reserved_variables_are_refused_by_name() -> None:
    with pytest.raises(AwsError, match=r"Reserved keys used in this request: AWS_REGION, _HANDLER$"):
        created(PARAMS | {"Environment": {"Variables": {"_HANDLER": "x", "AWS_REGION": "y", "OK": "z"}}})


def test_variables_over_four_kilobytes_are_refused_with_what_was_measured() -> None:
    fits = {"V": "x" * (4096 - len('{"V":""}'))}
    assert created(PARAMS | {"Environment": {"Variables": fits}}).variables == fits

    with pytest.raises(AwsError, match=r'exceeded the 4KB limit\. String measured: \{"V":"x+"\}$'):
        created(PARAMS | {"Environment": {"Variables": {"V": fits["V"] + "x"}}})


@pytest.mark.parametrize(
    ("runtime", "code", "words"),
    [
        ("PYTHON3.9", "InvalidParameterValueException", "Value PYTHON3.9 at 'runtime' failed to satisfy constraint"),
        ("java8", "InvalidParameterValueException", "The runtime parameter of java8 is no longer supported"),
        (
            "java21",
            "NotImplementedException",
            "does not implement the runtime java21: what would run it is missing here",
        ),
    ],
)
def test_runtimes_that_cannot_be_had_are_refused(runtime: str, code: str, words: str) -> None:
    with pytest.raises(AwsError, match=words) as refusal:
        created(PARAMS | {"Runtime": runtime})
    assert refusal.value.code == code


QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.mark.parametrize("target", ["arn:aws:lambda:us-east-1:000000000000:function:f", f"{QUEUE}.fifo"])
def test_only_a_standard_queue_or_topic_takes_dead_letters(target: str) -> None:
    with pytest.raises(AwsError, match="is invalid: a dead-letter queue") as refusal:
        created(PARAMS | {"DeadLetterConfig": {"TargetArn": target}})
    assert refusal.value.code == "InvalidParameterValueException"


def test_a_dead_letter_queue_stays_until_an_empty_one_clears_it() -> None:
    before = created(PARAMS | {"DeadLetterConfig": {"TargetArn": QUEUE}})
    assert before.dead_letter == QUEUE
    assert updated(before, {"DeadLetterConfig": {}}, name="f").dead_letter == QUEUE
    assert updated(before, {"DeadLetterConfig": {"TargetArn": ""}}, name="f").dead_letter is None


@pytest.mark.parametrize(
    "unbuilt",
    [
        {"KMSKeyArn": "arn"},
        {"SnapStart": {"ApplyOn": "PublishedVersions"}},
        {"VpcConfig": {"SubnetIds": ["s"]}},
        {"PackageType": "Image"},
    ],
)
def test_what_is_not_built_is_refused_rather_than_ignored(unbuilt: dict[str, Any]) -> None:
    with pytest.raises(AwsError, match="Lambent does not implement") as refusal:
        created(PARAMS | unbuilt)
    assert (refusal.value.code, refusal.value.status) == ("NotImplementedException", 501)


@pytest.mark.parametrize(
    "empty", [{"Layers": []}, {"KMSKeyArn": ""}, {"DeadLetterConfig": {"TargetArn": ""}}, {"SnapStart": {}}]
)
def test_what_is_sent_empty_asks_for_nothing(empty: dict[str, Any]) -> None:
    assert created(PARAMS | empty) == created(PARAMS)


@pytest.mark.parametrize("level", ["ApplicationLogLevel", "SystemLogLevel"])
@pytest.mark.parametrize("form", [{}, {"LogFormat": "Text"}])
def test_logs_in_text_have_no_levels(form: dict[str, str], level: str) -> None:
    with pytest.raises(AwsError, match=f"{level} can only be set when LogFormat is JSON") as refusal:
        created(PARAMS | {"LoggingConfig": form | {level: "INFO"}})
    assert refusal.value.code == "InvalidParameterValueException"


def test_logs_in_json_have_levels_whether_they_were_sent_or_not() -> None:
    assert created(PARAMS).log_levels is None
    assert created(PARAMS | {"LoggingConfig": {"LogFormat": "JSON"}}).log_levels == ("INFO", "INFO")
    sent = {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE", "SystemLogLevel": "WARN"}
    assert created(PARAMS | {"LoggingConfig": sent}).log_levels == ("TRACE", "WARN")


def test_a_logging_configuration_is_replaced_as_a_whole() -> None:
    before = created(PARAMS | {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "all", "SystemLogLevel": "WARN"}})

    kept = updated(before, {"Timeout": 4}, name="f")
    replaced = updated(before, {"LoggingConfig": {"LogFormat": "JSON"}}, name="f")
    text = updated(before, {"LoggingConfig": {"LogFormat": "Text"}}, name="f")

    assert (kept.log_group, kept.log_levels) == ("all", ("INFO", "WARN"))
    assert (replaced.log_group, replaced.log_levels) == ("/aws/lambda/f", ("INFO", "INFO"))
    assert (text.log_group, text.log_levels) == ("/aws/lambda/f", None)
