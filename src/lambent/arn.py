"""Amazon resource names, as far as more than one part needs them. May import nothing of Lambent."""

from __future__ import annotations


def partition_of(region: str) -> str:
    """The partition that a region belongs to, e.g. `aws-cn` for `cn-north-1`."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


def function_arn(account: str, region: str, name: str, qualifier: str | None = None) -> str:
    """The ARN of a Lambda function, qualified where a version or alias is given."""
    arn = f"arn:{partition_of(region)}:lambda:{region}:{account}:function:{name}"
    return arn if qualifier is None else f"{arn}:{qualifier}"
