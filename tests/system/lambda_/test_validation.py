"""Names, qualifiers and settings that AWS refuses, in the words that were recorded; the client checks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from system.harness import ROLE, RUNTIME, create, refused, zipped

if TYPE_CHECKING:
    from system.harness import Server

CODE = "def handler(event, context):\n    return event\n"
A = "arn:aws:lambda:us-east-1:000000000000:function:"
PREFIX = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
)
PATTERN = PREFIX + r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
CREATE_PATTERN = PREFIX + r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
QUALIFIER_PATTERN = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
ACCEPTED_RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
OPERATIONS = ("get_function", "delete_function", "invoke")


@pytest.fixture
def unchecked(server: Server) -> Any:
    """A client that sends whatever it is given."""
    return server.client(checks=False)


def wrong(value: str, member: str, pattern: str) -> str:
    words = f"Member must satisfy regular expression pattern: {pattern}"
    return f"Value '{value}' at '{member}' failed to satisfy constraint: {words}"


def too_long(value: str, member: str, limit: int) -> str:
    words = f"Member must have length less than or equal to {limit}"
    return f"Value '{value}' at '{member}' failed to satisfy constraint: {words}"


def creation(**changes: Any) -> dict[str, Any]:
    """What CreateFunction is sent."""
    sent = {
        "FunctionName": "valid",
        "Runtime": RUNTIME,
        "Handler": "m.handler",
        "Role": ROLE,
        "Code": {"ZipFile": zipped(CODE)},
    }
    return sent | changes


def is_invalid(answer: dict[str, Any], *violations: str) -> None:
    """Whether these violations, in whatever order, are all that was said."""
    assert answer["Error"]["Code"] == "ValidationException"
    count = len(violations)
    head, _, told = answer["Error"]["Message"].partition(": ")
    assert head == f"{count} validation error{'s' if count > 1 else ''} detected"
    assert sorted(told.split("; ")) == sorted(violations)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Type" not in answer


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "name",
    [
        "*",
        "my-function!",
        "invalid-account:function:my-function",
        "arn:aws:lambda:invalid-region:000000000000:function:my-function",
        "arn:aws:ec2:us-east-1:000000000000:instance:i-1234567890abcdef0",
        f"{A}my-function:1:2",
        "function:my-function:$LATEST:extra",
        "arn:aws:lambda::000000000000:function:my-function",
        "arn:aws:lambda:us-east-1::function:my-function",
        f"{A}my-function:$LATES",
        "arn:aws:lambda:us-east-1:123400000000@function:myfn",
        f"arn:aws:lambda:invalid-region:000000000000:function:my-function{'a' * 170}",
    ],
)
def test_a_name_of_another_form_is_refused(unchecked: Any, operation: str, name: str) -> None:
    is_invalid(refused(getattr(unchecked, operation), FunctionName=name), wrong(name, "functionName", PATTERN))


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "my-function!",
        "my-function:invalid!",
        "invalid:function:name",
        "invalid-account:function:my-function",
        f"{A}my-function:$LATEST:1",
        f"{A}my-function:$latest",
        "arn:aws:lambda:us-east-1::function:my-function",
    ],
)
def test_a_function_is_not_created_under_a_name_of_another_form(unchecked: Any, name: str) -> None:
    answer = refused(unchecked.create_function, **creation(FunctionName=name))
    is_invalid(answer, wrong(name, "functionName", CREATE_PATTERN))


def test_every_violation_of_a_name_is_told(unchecked: Any) -> None:
    name = f"arn:aws:lambda:invalid-region:000000000000:function:my-function{'a' * 170}"
    is_invalid(
        refused(unchecked.create_function, **creation(FunctionName=name)),
        too_long(name, "functionName", 140),
        wrong(name, "functionName", CREATE_PATTERN),
    )
    is_invalid(
        refused(unchecked.get_function, FunctionName=name, Qualifier="a" * 129),
        too_long("a" * 129, "qualifier", 128),
        wrong(name, "functionName", PATTERN),
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_qualifier_of_another_form_is_refused(unchecked: Any, operation: str) -> None:
    call = getattr(unchecked, operation)
    is_invalid(
        refused(call, FunctionName="my-function", Qualifier="invalid!"),
        wrong("invalid!", "qualifier", QUALIFIER_PATTERN),
    )
    is_invalid(
        refused(call, FunctionName="my-function", Qualifier="a" * 129),
        too_long("a" * 129, "qualifier", 128),
    )


def test_a_name_of_sixty_five_letters_cannot_be_created_and_is_not_found(unchecked: Any) -> None:
    name = "a" * 65
    answer = refused(unchecked.create_function, **creation(FunctionName=name))
    assert answer["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": f"1 validation error detected: {too_long(name, 'functionName', 64)}",
    }
    assert answer["Type"] == "User"
    for operation, suffix in (("get_function", ""), ("delete_function", ""), ("invoke", ":$LATEST")):
        missing = refused(getattr(unchecked, operation), FunctionName=name)
        assert missing["Message"] == f"Function not found: {A}{name}{suffix}"


def test_a_name_too_long_in_all_is_a_violation(unchecked: Any) -> None:
    name = f"my-function:{'a' * 129}"
    answer = refused(unchecked.create_function, **creation(FunctionName=name))
    is_invalid(answer, too_long(name, "functionName", 140))


def test_an_arn_without_a_name_means_the_function_called_function(unchecked: Any) -> None:
    name = "arn:aws:lambda:us-east-1:000000000000:function"
    for operation, suffix in (("get_function", ""), ("delete_function", ""), ("invoke", ":$LATEST")):
        missing = refused(getattr(unchecked, operation), FunctionName=name)
        assert missing["Message"] == f"Function not found: {A}function{suffix}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_two_qualifiers_that_differ_are_refused(unchecked: Any, operation: str) -> None:
    answer = refused(getattr(unchecked, operation), FunctionName=f"{A}my-function:$LATEST", Qualifier="1")
    assert answer["Error"] == {"Code": "InvalidParameterValueException", "Message": MISMATCH}
    assert (answer["message"], answer["Type"]) == (MISMATCH, "User")


def test_two_qualifiers_that_agree_are_named_in_what_is_not_found(unchecked: Any) -> None:
    answer = refused(unchecked.get_function, FunctionName="some-function:$LATEST", Qualifier="$LATEST")
    assert answer["Message"] == f"Function not found: {A}some-function:$LATEST"


def test_latest_is_written_in_capitals(unchecked: Any) -> None:
    for operation, suffix in (("get_function", ":$latest"), ("delete_function", ""), ("invoke", ":$latest")):
        answer = refused(getattr(unchecked, operation), FunctionName="my-function", Qualifier="$latest")
        assert answer["Message"] == f"Function not found: {A}my-function{suffix}"


def test_functions_are_created_by_arn_in_their_own_account_and_region_only(unchecked: Any) -> None:
    created = unchecked.create_function(**creation(FunctionName=f"{A}by-arn"))
    assert (created["FunctionName"], created["FunctionArn"]) == ("by-arn", f"{A}by-arn")
    partial = unchecked.create_function(**creation(FunctionName="000000000000:function:by-partial-arn"))
    assert partial["FunctionArn"] == f"{A}by-partial-arn"

    there = A.replace("us-east-1", "ap-southeast-1")
    abroad = refused(unchecked.create_function, **creation(FunctionName=f"{there}f"))
    assert abroad["Message"] == "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')"
    foreign = refused(unchecked.create_function, **creation(FunctionName=A.replace("000000000000", "9" * 12) + "f"))
    assert foreign["Error"]["Code"] == "AccessDeniedException"
    assert foreign["Error"]["Message"] is None
    assert foreign["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_settings_of_another_form_are_refused(unchecked: Any) -> None:
    create(unchecked, "settings", CODE)
    role = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
    for call in (
        lambda **sent: unchecked.create_function(**creation(**sent)),
        lambda **sent: unchecked.update_function_configuration(FunctionName="settings", **sent),
    ):
        is_invalid(refused(call, Role="r1"), wrong("r1", "role", role))
    is_invalid(
        refused(unchecked.create_function, **creation(Architectures=["x86_64", "arm64"])),
        "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
        "Member must have length less than or equal to 1",
    )
    is_invalid(
        refused(unchecked.create_function, **creation(Architectures=["X86_64"])),
        "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    )
    is_invalid(
        refused(unchecked.list_functions, FunctionVersion="invalid"),
        "Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
    )


@pytest.mark.parametrize(
    ("member", "value", "path", "words"),
    [
        ("Timeout", 0, "timeout", "Member must have value greater than or equal to 1"),
        ("MemorySize", 127, "memorySize", "Member must have value greater than or equal to 128"),
        ("Handler", "with space", "handler", r"Member must satisfy regular expression pattern: [^\s]+"),
    ],
)
def test_values_out_of_their_range_are_refused(unchecked: Any, member: str, value: Any, path: str, words: str) -> None:
    answer = refused(unchecked.create_function, **creation(**{member: value}))
    is_invalid(answer, f"Value '{value}' at '{path}' failed to satisfy constraint: {words}")


@pytest.mark.parametrize("runtime", ["non-existent-runtime", "PYTHON3.9"])
def test_a_runtime_that_never_was_is_refused(unchecked: Any, runtime: str) -> None:
    create(unchecked, "runtimes", CODE) if not exists(unchecked, "runtimes") else None
    message = (
        f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
        f"[{ACCEPTED_RUNTIMES}] or be a valid ARN"
    )
    for answer in (
        refused(unchecked.create_function, **creation(Runtime=runtime)),
        refused(unchecked.update_function_configuration, FunctionName="runtimes", Runtime=runtime),
    ):
        assert answer["Error"] == {"Code": "InvalidParameterValueException", "Message": message}
        assert (answer["message"], answer["Type"]) == (message, "User")


def test_a_runtime_that_is_gone_is_refused(unchecked: Any) -> None:
    answer = refused(unchecked.create_function, **creation(Runtime="java8"))
    assert answer["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "The runtime parameter of java8 is no longer supported for creating or updating AWS Lambda "
        "functions. We recommend you use a supported runtime while creating or updating functions.",
    }


@pytest.mark.parametrize("runtime", ["ruby3.4", "java21", "dotnet8"])
def test_a_runtime_that_is_not_built_is_refused_by_name(unchecked: Any, runtime: str) -> None:
    answer = refused(unchecked.create_function, **creation(Runtime=runtime))
    assert answer["Error"] == {
        "Code": "NotImplementedException",
        "Message": f"Lambent does not implement the runtime {runtime}: what would run it is missing here. A function "
        "of provided.al2023 runs anything whose package has a bootstrap that speaks the Lambda Runtime API",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_variables_over_four_kilobytes_are_refused_with_what_was_measured(unchecked: Any) -> None:
    large = "x" * 4096
    answer = refused(
        unchecked.create_function,
        **creation(Environment={"Variables": {"SMALL_VAR": "ok", "LARGE_VAR": large}}),
    )
    assert answer["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "Lambda was unable to configure your environment variables because the environment variables you "
        f'have provided exceeded the 4KB limit. String measured: {{"SMALL_VAR":"ok","LARGE_VAR":"{large}"}}',
    }


def test_tags_are_refused_in_their_own_words(unchecked: Any) -> None:
    create(unchecked, "tagged", CODE)
    pattern = (
        r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:"
        r"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|"
        r"code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:"
        r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|"
        r"capacity-provider:[a-zA-Z0-9-_]+)"
    )
    is_invalid(
        refused(unchecked.tag_resource, Resource="arn:aws:something", Tags={"k": "v"}),
        wrong("arn:aws:something", "resource", pattern),
    )
    for call, more in (
        (unchecked.tag_resource, {"Tags": {"k": "v"}}),
        (unchecked.untag_resource, {"TagKeys": ["k"]}),
        (unchecked.list_tags, {}),
    ):
        missing = refused(call, Resource=f"{A}doesnotexist", **more)
        assert missing["Message"] == f"Function not found: {A}doesnotexist"
    is_invalid(
        refused(unchecked.untag_resource, Resource=f"{A}tagged", TagKeys=[]),
        "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    )
    many = refused(unchecked.create_function, **creation(Tags={f"{n}_key": f"{n}_value" for n in range(51)}))
    assert many["message"] == "Number of tags exceeds resource tag limit."
    unchecked.tag_resource(Resource=f"{A}tagged", Tags={f"{n}_key": f"{n}_value" for n in range(50)})
    more_ = refused(unchecked.tag_resource, Resource=f"{A}tagged", Tags={"one": "more"})
    assert more_["message"] == "Number of tags exceeds resource tag limit."
    assert len(unchecked.list_tags(Resource=f"{A}tagged")["Tags"]) == 50


def exists(client: Any, name: str) -> bool:
    """Whether there is a function of this name."""
    return name in [one["FunctionName"] for one in client.list_functions()["Functions"]]
