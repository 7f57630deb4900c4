"""The second argument of every handler: Lambda's context object, with the names that functions rely on."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Any


class CognitoIdentity:
    """Who called through Amazon Cognito; all None for other callers."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, given: dict[str, Any] | None) -> None:
        given = given or {}
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")

    def __repr__(self) -> str:
        return _shown(self, self.__slots__)


class Client:
    """The mobile application that called."""

    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")

    def __init__(self, given: dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, given.get(name))

    def __repr__(self) -> str:
        return _shown(self, self.__slots__)


class ClientContext:
    """What a caller said about itself."""

    __slots__ = ("client", "custom", "env")

    def __init__(self, given: dict[str, Any]) -> None:
        self.custom = given.get("custom")
        self.env = given.get("env")
        client = given.get("client")
        self.client = None if client is None else Client(client)

    def __repr__(self) -> str:
        return _shown(self, self.__slots__)


class LambdaContext:
    """One call, as its handler sees it."""

    def __init__(self, call: dict[str, Any], deadline: float) -> None:
        """call: the head of an INVOKE frame. deadline: on the monotonic clock, seconds."""
        environ = os.environ
        self.aws_request_id = call["id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = call["arn"]
        self.tenant_id = None
        given = call.get("client_context")
        self.client_context = None if given is None else ClientContext(given)
        self.identity = CognitoIdentity(call.get("identity"))
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the call is cut off; never below 0."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Write a line to the function's log."""
        for handler in logging.getLogger().handlers:
            write = getattr(handler, "write_record", None)
            if write is not None:
                write(str(message))
                return
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        return _shown(
            self,
            (
                "aws_request_id",
                "log_group_name",
                "log_stream_name",
                "function_name",
                "memory_limit_in_mb",
                "function_version",
                "invoked_function_arn",
                "client_context",
                "identity",
                "tenant_id",
            ),
        )


def _shown(thing: object, names: tuple[str, ...]) -> str:
    inside = ",".join(f"{name}={getattr(thing, name, None)}" for name in names)
    return f"{type(thing).__name__}([{inside}])"
