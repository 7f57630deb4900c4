"""IAM and STS on a store in memory and a clock that stands still, called as botocore calls them, without a socket.

Parameters are checked as the gateway checks them; answers are written by the codec and read by botocore's own parser.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.parsers import create_parser

from lambent.access_keys import account_of
from lambent.call import Call, Result
from lambent.clock import VirtualClock
from lambent.services.iam.context import Iam
from lambent.services.iam.principals import Principals
from lambent.services.iam.service import service as iam_service
from lambent.services.sts.callers import Callers
from lambent.services.sts.context import Sts
from lambent.services.sts.service import service as sts_service
from lambent.wire.codec import codec_for
from lambent.wire.model import load_service
from lambent.wire.validate import validator_for

if TYPE_CHECKING:
    from lambent.store import Store

ACCOUNT = "123456789012"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


class World:
    """Both services, and whoever calls them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock()
        principals = Principals()
        callers = Callers(principals, self.clock)
        self._services = {
            "iam": iam_service(Iam(store, self.clock, callers)),
            "sts": sts_service(Sts(store, self.clock, principals, callers)),
        }

    async def iam(self, operation: str, *, by: str = ACCOUNT, region: str = "us-east-1", **params: Any) -> Any:
        """Call IAM. by: the access key that signs."""
        return await self._call("iam", operation, by, region, params)

    async def sts(self, operation: str, *, by: str = ACCOUNT, region: str = "us-east-1", **params: Any) -> Any:
        """Call STS."""
        return await self._call("sts", operation, by, region, params)

    async def arn_of(self, by: str) -> str:
        """Who is behind an access key."""
        arn: str = (await self.sts("GetCallerIdentity", by=by))["Arn"]
        return arn

    async def _call(self, service: str, operation: str, by: str, region: str, params: dict[str, Any]) -> Any:
        account = by if by.isdecimal() else account_of(by) or ACCOUNT
        call = Call(account, region, "r", service, operation, by, "http://localhost", "127.0.0.1", "", None)
        validator_for(service, operation)(params)
        output = await self._services[service].operations[operation](call, params)
        assert not isinstance(output, Result)
        model = load_service(service)
        known = model.operation(operation)
        assert known is not None
        response = codec_for(model, known, "query").write(output, "r")
        assert isinstance(response.body, bytes)
        read = create_parser("query").parse(
            {"status_code": response.status, "headers": {}, "body": response.body}, known.output_shape
        )
        read.pop("ResponseMetadata", None)
        return read
