"""What a Host header says: a service, and what belongs to it (a bucket, an API, a function URL).

Names below `localhost` resolve to this machine in browsers and most systems; those below `amazonaws.com` and `on.aws`
come from clients that are led here by a proxy or a resolver. May import nothing of Lambent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_SUFFIXES = (".localhost", ".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d", re.ASCII)
_SERVICES = {
    "apigateway": "apigateway",
    "dynamodb": "dynamodb",
    "events": "events",
    "execute-api": "execute-api",
    "iam": "iam",
    "kinesis": "kinesis",
    "lambda": "lambda",
    "lambda-url": "lambda-url",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "queue": "sqs",
    "s3": "s3",
    "scheduler": "scheduler",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
}
"""From a label of a host name to botocore's name of the service, or to `lambda-url` and `execute-api`."""


class Host(NamedTuple):
    """A host name taken apart."""

    service: str | None
    """botocore's name, `lambda-url` or `execute-api`; None where the host names none."""
    name: str | None
    """What stands before the service: a bucket, an API's or a URL's id."""
    region: str | None


NOWHERE = Host(None, None, None)


@lru_cache(1024)
def parse_host(header: str) -> Host:
    """Take a Host header apart; an address, `localhost` or a strange name is `NOWHERE`."""
    host = header.rpartition(":")[0] if re.search(r":\d*$", header) else header
    host = host.lower().rstrip(".")
    suffix = next((suffix for suffix in _SUFFIXES if host.endswith(suffix)), None)
    if suffix is None:
        return NOWHERE
    labels = host.removesuffix(suffix).split(".")
    region = labels.pop() if len(labels) > 1 and _REGION.fullmatch(labels[-1]) else None
    service = _SERVICES.get(labels[-1])
    if service is None:
        return Host(None, ".".join(labels), region)
    labels.pop()
    if service == "dynamodb" and labels == ["streams"]:
        return Host("dynamodbstreams", None, region)
    return Host(service, ".".join(labels) or None, region)
