"""Where Lambda was recorded to answer otherwise than its service model says.

The model is newer than some answers and older than others, and an order of enum values is nobody's promise; each entry
here is what AWS itself wrote into a refusal. Data only. May import `wire.constraints_recorded`.
"""

from __future__ import annotations

from lambent.wire.constraints_recorded import Recorded, Recordings

_PARTITION = "(aws[a-zA-Z-]*)"
_REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_BEFORE_NAME = rf"(arn:{_PARTITION}?:lambda:)?({_REGION}:)?(\d{{12}}:)?(function:)?"

_RUNTIMES_OF_LAYERS = tuple(
    (
        "nodejs20.x python3.14 provided.al2023 python3.12 python3.13 nodejs24.x nodejs22.x java25 python3.10 "
        "python3.11 java21 ruby3.3 ruby3.4 ruby3.2 python3.8 python3.9 java17 nodejs16.x dotnet10 dotnet8 java11 "
        "dotnet6 nodejs18.x provided.al2 java8.al2"
    ).split()
)
_EVERY_RUNTIME = tuple(
    (
        "ruby3.5 ruby2.6 dotnetcore1.0 python3.7 nodejs8.10 nasa ruby2.7 python2.7-greengrass dotnetcore2.0 python3.8 "
        "java21 dotnet6 dotnetcore2.1 python3.9 java11 nodejs6.10 provided dotnetcore3.1 dotnet8 java25 java17 nodejs "
        "nodejs4.3 java8.al2 go1.x dotnet10 nodejs20.x go1.9 byol nodejs10.x provided.al2023 nodejs22.x python3.10 "
        "java8 nodejs12.x python3.11 nodejs24.x nodejs8.x python3.12 nodejs14.x nodejs8.9 nodejs26.x python3.13 "
        "python3.14 nodejs16.x python3.15 provided.al2 nodejs4.3-edge nodejs18.x ruby3.2 python3.4 ruby3.3 ruby3.4 "
        "ruby2.5 python3.6 python2.7"
    ).split()
)

LAMBDA = Recordings(
    shapes={
        "Timeout": Recorded(maximum=900),
        "MemorySize": Recorded(maximum=10_240),
        "EphemeralStorageSize": Recorded(maximum=10_240),
        "FunctionName": Recorded(maximum=140, pattern=_BEFORE_NAME + r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"),
        "NamespacedFunctionName": Recorded(
            maximum=256,
            pattern=_BEFORE_NAME + r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
        ),
        "NumericLatestPublishedOrAliasQualifier": Recorded(
            maximum=128, pattern=r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
        ),
        "LayerVersionArn": Recorded(
            pattern=rf"(arn:{_PARTITION}?:lambda:{_REGION}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
            "|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)",
        ),
        "TaggableResource": Recorded(
            pattern=rf"arn:{_PARTITION}:lambda:{_REGION}:\d{{12}}:"
            r"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)"
            rf"|code-signing-config:csc-[a-z0-9]{{17}}|event-source-mapping:{_UUID}|capacity-provider:[a-zA-Z0-9-_]+)",
        ),
        "EventSourcePosition": Recorded(enum=("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
        "InvokeMode": Recorded(enum=("RESPONSE_STREAM", "BUFFERED")),
        "RecursiveLoop": Recorded(enum=("Terminate", "Allow")),
        "Runtime": Recorded(enum=_EVERY_RUNTIME),
    },
    # Lambda looks at the runtime of a function itself and answers InvalidParameterValueException in words of its own;
    # at the type of a call that streams it does not look at all.
    members={
        ("CreateFunction", "Runtime"): Recorded(unchecked=True),
        ("UpdateFunctionConfiguration", "Runtime"): Recorded(unchecked=True),
        ("InvokeWithResponseStream", "InvocationType"): Recorded(unchecked=True),
        ("PublishLayerVersion", "CompatibleRuntimes"): Recorded(enum=_RUNTIMES_OF_LAYERS, enum_alone=True),
    },
    lists_not_null=True,
)
