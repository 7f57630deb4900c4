"""Refusals of parameters, in the words that AWS was recorded to use."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from botocore.validate import ParamValidator

from conformance.wire.cases import operations
from conformance.wire.parameters import make_input
from conformance.wire.values import Fill
from lambent.errors import AwsError
from lambent.wire.model import UnknownService, load_service
from lambent.wire.validate import validator_for

ROLE = "arn:aws:iam::000000000000:role/r"
CREATE = {"FunctionName": "f", "Role": ROLE, "Code": {}, "Runtime": "python3.13", "Handler": "h.h"}
CHECKED = ["lambda", "sns", "kinesis", "dynamodb", "dynamodbstreams", "events", "logs", "iam", "sts"]
ENUM = "Member must satisfy enum value set"
PATTERN = "Member must satisfy regular expression pattern"
QUALIFIER = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"


def refusal(service: str, operation: str, params: dict[str, Any]) -> AwsError:
    with pytest.raises(AwsError) as caught:
        validator_for(service, operation)(params)
    return caught.value


# --- what AWS was recorded to answer -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "params", "text"),
    [
        (
            "CreateAlias",
            {"FunctionName": "f", "Name": "2024", "FunctionVersion": "1"},
            rf"Value '2024' at 'name' failed to satisfy constraint: {PATTERN}: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
        ),
        (
            "CreateAlias",
            {
                "FunctionName": "f",
                "Name": "a",
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}},
            },
            (
                "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value "
                "must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value "
                "greater than or equal to 0.0, Member must not be null]"
            ),
        ),
        (
            "CreateAlias",
            {
                "FunctionName": "f",
                "Name": "a",
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}},
            },
            (
                "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map "
                "keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have "
                "length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
            ),
        ),
        (
            "CreateFunction",
            CREATE | {"Architectures": ["X86_64"]},
            (
                "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: "
                f"[{ENUM}: [x86_64, arm64], Member must not be null]"
            ),
        ),
        (
            "CreateFunction",
            CREATE | {"Architectures": ["x86_64", "arm64"]},
            (
                "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less "
                "than or equal to 1"
            ),
        ),
        (
            "CreateFunction",
            CREATE | {"Role": "r1"},
            (
                rf"Value 'r1' at 'role' failed to satisfy constraint: {PATTERN}: "
                r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
            ),
        ),
        (
            "CreateFunction",
            CREATE | {"SnapStart": {"ApplyOn": "invalidOption"}},
            (
                f"Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: {ENUM}: "
                "[PublishedVersions, None]"
            ),
        ),
        (
            "PutFunctionConcurrency",
            {"FunctionName": "invalid:function:name", "ReservedConcurrentExecutions": 1},
            (
                rf"Value 'invalid:function:name' at 'functionName' failed to satisfy constraint: {PATTERN}: "
                r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?"
                r"(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
            ),
        ),
        (
            "GetFunction",
            {"FunctionName": "arn:aws:lambda:us-east-1:123400000000@function:myfn"},
            (
                "Value 'arn:aws:lambda:us-east-1:123400000000@function:myfn' at 'functionName' failed to satisfy "
                rf"constraint: {PATTERN}: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{{2}}((-gov)|(-iso([a-z]?)))?"
                r"-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
            ),
        ),
        (
            "GetFunction",
            {"FunctionName": "f", "Qualifier": "invalid-qualifier-with-?-char"},
            (
                rf"Value 'invalid-qualifier-with-?-char' at 'qualifier' failed to satisfy constraint: {PATTERN}: "
                r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
            ),
        ),
        (
            "CreateFunctionUrlConfig",
            {"FunctionName": "f", "AuthType": "NONE", "Qualifier": "$LATEST"},
            rf"Value '$LATEST' at 'qualifier' failed to satisfy constraint: {PATTERN}: {QUALIFIER}",
        ),
        (
            "CreateFunctionUrlConfig",
            {"FunctionName": "f", "AuthType": "NONE", "InvokeMode": "UNKNOWN"},
            f"Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: {ENUM}: [RESPONSE_STREAM, BUFFERED]",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            {"FunctionName": "f", "Qualifier": "1", "ProvisionedConcurrentExecutions": 0},
            (
                "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value "
                "greater than or equal to 1"
            ),
        ),
        (
            "PutFunctionRecursionConfig",
            {"FunctionName": "f", "RecursiveLoop": "InvalidValue"},
            f"Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: {ENUM}: [Terminate, Allow]",
        ),
        (
            "AddPermission",
            {"FunctionName": "f", "StatementId": "example.com", "Action": "lambda:InvokeFunction", "Principal": "p"},
            f"Value 'example.com' at 'statementId' failed to satisfy constraint: {PATTERN}: ([a-zA-Z0-9-_]+)",
        ),
        (
            "AddLayerVersionPermission",
            {"LayerName": "l", "VersionNumber": 1, "StatementId": "s", "Action": "*", "Principal": "*"},
            f"Value '*' at 'action' failed to satisfy constraint: {PATTERN}: lambda:GetLayerVersion",
        ),
        (
            "CreateEventSourceMapping",
            {"FunctionName": "f", "StartingPosition": "invalid"},
            (
                f"Value 'invalid' at 'startingPosition' failed to satisfy constraint: {ENUM}: "
                "[LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
            ),
        ),
        (
            "ListFunctions",
            {"FunctionVersion": "invalid"},
            f"Value 'invalid' at 'functionVersion' failed to satisfy constraint: {ENUM}: [ALL]",
        ),
        (
            "ListLayers",
            {"CompatibleArchitecture": "archdoesnotexist"},
            (
                f"Value 'archdoesnotexist' at 'compatibleArchitecture' failed to satisfy constraint: {ENUM}: "
                "[x86_64, arm64]"
            ),
        ),
        (
            "UntagResource",
            {"Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"},
            "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_lambda_refuses_in_its_recorded_words(operation: str, params: dict[str, Any], text: str) -> None:
    error = refusal("lambda", operation, params)
    assert (error.code, error.status) == ("ValidationException", 400)
    assert error.message == f"1 validation error detected: {text}"


def test_events_refuses_in_its_recorded_words() -> None:
    targets = [{"Id": "!@#$@!#$", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}]
    assert refusal("events", "PutTargets", {"Rule": "r", "Targets": targets}).message == (
        "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: "
        rf"{PATTERN}: [\.\-_A-Za-z0-9]+"
    )
    targets = [{"Id": "i" * 65, "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}]
    assert str(refusal("events", "PutTargets", {"Rule": "r", "Targets": targets}).message).endswith(
        "at 'targets.1.member.id' failed to satisfy constraint: Member must have length less than or equal to 64"
    )


# --- the form of a refusal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("lambda", "GetFunction", "ValidationException"),
        ("dynamodb", "PutItem", "ValidationException"),
        ("kinesis", "PutRecord", "ValidationException"),
        ("logs", "CreateLogGroup", "InvalidParameterException"),
        ("iam", "CreateRole", "ValidationError"),
        ("sts", "AssumeRole", "ValidationError"),
    ],
)
def test_each_service_has_its_code(service: str, operation: str, code: str) -> None:
    error = refusal(service, operation, {})
    assert (error.code, error.status) == (code, 400)


def test_violations_are_counted_and_told_in_the_models_order() -> None:
    message = str(refusal("lambda", "AddPermission", {"StatementId": "a b"}).message)
    assert message.startswith("4 validation errors detected: Value null at 'functionName' failed")
    assert [clause.split("at '")[1].split("'")[0] for clause in message.split("; ")] == [
        "functionName",
        "statementId",
        "action",
        "principal",
    ]


def test_no_more_than_ten_violations_are_counted() -> None:
    entries = [{"Id": "!", "Arn": ""} for _ in range(30)]
    message = str(refusal("events", "PutTargets", {"Rule": "r", "Targets": entries}).message)
    assert message.startswith("10 validation errors detected: ")
    assert message.count("failed to satisfy constraint") == 10


# --- what is let through -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["s3", "sqs", "apigateway", "apigatewayv2"])
def test_services_that_refuse_in_their_own_words_are_let_through(service: str) -> None:
    for operation in operations(load_service(service)):
        validator_for(service, operation.name)({})


def test_tags_in_every_script_are_fine() -> None:
    tags = [{"Key": "Größe 漢字", "Value": "é/ü"}]
    validator_for("iam", "TagRole")({"RoleName": "r", "Tags": tags})


def test_what_lambda_checks_itself_is_let_through() -> None:
    validator_for("lambda", "CreateFunction")(CREATE | {"Runtime": "cobol"})
    validator_for("lambda", "UpdateFunctionConfiguration")({"FunctionName": "f", "Runtime": "cobol"})


def test_a_runtime_that_only_the_model_knows_is_accepted() -> None:
    for runtime in load_service("lambda").botocore.shape_for("Runtime").enum:
        validator_for("lambda", "ListLayers")({"CompatibleRuntime": runtime})


def test_operations_without_input_take_anything() -> None:
    validator_for("iam", "GetAccountSummary")({})
    validator_for("sts", "GetCallerIdentity")({"Whatever": 1})


# --- what is not there -------------------------------------------------------------------------------------------


def test_an_unknown_service_or_operation_has_no_validator() -> None:
    with pytest.raises(UnknownService):
        validator_for("nothing", "Do")
    with pytest.raises(LookupError, match="lambda has no operation Do"):
        validator_for("lambda", "Do")


def test_a_validator_is_made_once() -> None:
    assert validator_for("lambda", "Invoke") is validator_for("lambda", "Invoke")


# --- against botocore's own validator ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKED)
def test_what_botocore_would_not_send_is_refused(name: str) -> None:
    """botocore looks for what is required, and for lower limits; whatever it refuses is refused here."""
    let_through = []
    for operation in operations(load_service(name)):
        validate = validator_for(name, operation.name)
        for number in range(6):
            params = make_input(operation, "json-1.1", Random(f"{operation.name} {number}"), Fill.SOME)
            spoil(params, Random(f"{number} {operation.name}"))
            report = ParamValidator().validate(params, operation.input_shape) if operation.input_shape else None
            if report is not None and report.has_errors() and accepted(validate, params):
                let_through.append(f"{operation.name} {params}: {report.generate_report()}")
    assert let_through == []


def spoil(params: dict[str, Any], random: Random) -> None:
    """Take something away, somewhere."""
    place: Any = params
    while isinstance(place, dict | list) and place:
        key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner) or random.random() < 0.3:
            if isinstance(inner, str | bytes | dict | list):
                place[key] = type(inner)()
            else:
                del place[key]
            return
        place = inner


def accepted(validate: Any, params: dict[str, Any]) -> bool:
    try:
        validate(params)
    except AwsError:
        return False
    return True
