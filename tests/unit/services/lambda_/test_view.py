from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.lambda_.record import Configuration, FunctionRecord
from lambent.services.lambda_.view import configuration, listed, timestamp
from unit.services.lambda_.test_record import RECORDS
from unit.services.lambda_.world import RECORD, ROLE

MODEL = ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")
ACTIVE = RECORD.settled(revision_id="second")


def unknown(shape: Any, value: Any, path: str = "") -> list[str]:
    """Members of a value that its shape does not have."""
    if shape.type_name == "structure":
        found = []
        for name, member in value.items():
            known = shape.members.get(name)
            found += [f"{path}.{name}"] if known is None else unknown(known, member, f"{path}.{name}")
        return found
    if shape.type_name == "list":
        return [name for member in value for name in unknown(shape.member, member, path)]
    return []


def with_settings(**settings: Any) -> FunctionRecord:
    return replace(ACTIVE, configuration=replace(ACTIVE.configuration, **settings))


@given(RECORDS, st.booleans())
def test_clients_see_nothing_that_the_model_does_not_know(record: FunctionRecord, qualified: bool) -> None:
    shape = MODEL.shape_for("FunctionConfiguration")
    assert unknown(shape, configuration(record, qualifier="1" if qualified else None)) == []
    assert unknown(shape, listed(record, qualifier="1" if qualified else None)) == []


@given(RECORDS)
def test_what_is_not_known_is_left_out_and_never_null(record: FunctionRecord) -> None:
    assert None not in configuration(record).values()


def test_a_function_that_is_being_created_says_so() -> None:
    view = configuration(RECORD)
    assert (view["State"], view["StateReasonCode"]) == ("Pending", "Creating")
    assert view["StateReason"] == "The function is being created."
    assert "LastUpdateStatus" not in view


def test_an_active_function_gives_no_reasons() -> None:
    view = configuration(ACTIVE)
    assert (view["State"], view["LastUpdateStatus"]) == ("Active", "Successful")
    assert [name for name in view if "Reason" in name] == []


def test_everything_of_a_plain_function_is_shown() -> None:
    view = configuration(ACTIVE)
    version_arn = view.pop("RuntimeVersionConfig")["RuntimeVersionArn"]
    assert version_arn.startswith("arn:aws:lambda:eu-west-1::runtime:")
    assert view == {
        "FunctionName": "f",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "m.h",
        "CodeSize": 7,
        "CodeSha256": "c2hh",
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": "1970-01-01T00:00:00.000+0000",
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": "second",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def test_lists_show_neither_states_nor_the_runtimes_version() -> None:
    assert set(configuration(ACTIVE)) - set(listed(ACTIVE)) == {"State", "LastUpdateStatus", "RuntimeVersionConfig"}


def test_the_arn_carries_the_version_only_where_it_was_asked_for() -> None:
    assert configuration(ACTIVE, qualifier="$LATEST")["FunctionArn"].endswith(":function:f:$LATEST")
    assert configuration(ACTIVE)["FunctionArn"].endswith(":function:f")


def test_an_environment_is_shown_once_one_was_sent() -> None:
    assert "Environment" not in configuration(ACTIVE)
    assert configuration(with_settings(variables={}))["Environment"] == {"Variables": {}}
    assert configuration(with_settings(variables={"A": "1"}))["Environment"] == {"Variables": {"A": "1"}}


def test_a_runtime_that_is_not_on_this_machine_is_told() -> None:
    assert "Error" not in configuration(ACTIVE)["RuntimeVersionConfig"]
    error = configuration(with_settings(runtime_note="another one"))["RuntimeVersionConfig"]["Error"]
    assert error == {"ErrorCode": "RuntimeNotOnThisMachine", "Message": "another one"}


@given(st.integers(0, 253_402_300_799_999))
def test_a_timestamp_reads_back_to_the_millisecond(epoch_ms: int) -> None:
    back = datetime.strptime(timestamp(epoch_ms), "%Y-%m-%dT%H:%M:%S.%f%z")
    assert back == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=epoch_ms)


def test_defaults_of_a_configuration_are_lambdas() -> None:
    plain = Configuration(runtime="python3.12", handler="m.h", role=ROLE)
    assert (plain.timeout_s, plain.memory_mb, plain.tmp_mb, plain.architecture) == (3, 128, 512, "x86_64")
