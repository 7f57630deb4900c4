"""Code signing configurations: whose signatures a function's package must carry, and what becomes of one without.

Lambent checks no signatures. A package is therefore never trusted: where the configuration enforces, it is refused as
AWS refuses an unsigned one; where it warns, it is taken and the log says so. How they are kept, too.
Source: developer guide, "Using code signing to verify code integrity with Lambda".
"""

from __future__ import annotations

import logging
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import partition_of
from lambent.errors import AwsError
from lambent.services.lambda_ import function_settings
from lambent.services.lambda_.view import timestamp
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Row, Tx

_log = logging.getLogger(__name__)
_SQL = load_queries("lambent.services.lambda_", "code_signing.sql")
_ID = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class CodeSigningConfig:
    """One configuration."""

    arn: str
    account: str
    region: str
    description: str
    publishers: list[str]
    """ARNs of signing profile versions."""
    untrusted_artifact: str
    """`Warn` or `Enforce`."""
    last_modified_ms: int

    def view(self) -> dict[str, Any]:
        """The shape CodeSigningConfig."""
        return {
            "CodeSigningConfigId": self.arn.rpartition(":")[2],
            "CodeSigningConfigArn": self.arn,
            "Description": self.description,
            "AllowedPublishers": {"SigningProfileVersionArns": self.publishers},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": self.untrusted_artifact},
            "LastModified": timestamp(self.last_modified_ms),
        }


def new_arn(account: str, region: str) -> str:
    """An ARN that no configuration has."""
    own = "".join(secrets.choice(_ID) for _ in range(17))
    return f"arn:{partition_of(region)}:lambda:{region}:{account}:code-signing-config:csc-{own}"


def check_package(tx: Tx, function: FunctionKey, arn: str | None) -> None:
    """Refuse a new package of a function whose configuration does not take untrusted ones. arn: None where it has none.

    Raises AwsError CodeVerificationFailedException, CodeSigningConfigNotFoundException.
    """
    if arn is None:
        return
    config = load(tx, function.account, function.region, arn)
    if config is None:
        raise config_not_found(arn)
    if config.untrusted_artifact == "Enforce":
        raise AwsError(
            "CodeVerificationFailedException",
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the "
            f"client is not configured to accept. Check the provided signature for {function.name}.",
            fields={"Type": "User"},
        )
    _log.warning("the package of %s carries no signature that Lambent could check, as %s allows", function.name, arn)


def config_of(tx: Tx, function: FunctionKey) -> str | None:
    """The ARN of a function's configuration, None where it has none."""
    return function_settings.load(tx, function).code_signing_config


def config_not_found(arn: str) -> AwsError:
    """404 where a function is to have it."""
    return AwsError(
        "CodeSigningConfigNotFoundException",
        f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}.",
        fields={"Type": "User"},
    )


# --- how they are kept


def put(tx: Tx, config: CodeSigningConfig) -> None:
    """Keep a configuration, new or changed."""
    tx.execute(
        _SQL["put"],
        {
            "arn": config.arn,
            "account": config.account,
            "region": config.region,
            "description": config.description,
            "publishers": orjson.dumps(config.publishers).decode(),
            "untrusted_artifact": config.untrusted_artifact,
            "last_modified": config.last_modified_ms,
        },
    )


def load(tx: Tx, account: str, region: str, arn: str) -> CodeSigningConfig | None:
    """One of the account's configurations in this region; None where it does not exist."""
    row = tx.one(_SQL["load"], {"arn": arn, "account": account, "region": region})
    return None if row is None else _from_row(row)


def page(tx: Tx, account: str, region: str, *, after: str, count: int) -> list[CodeSigningConfig]:
    """The next configurations by ARN, behind the ARN `after`, at most `count`."""
    rows = tx.all(_SQL["page"], {"account": account, "region": region, "after": after, "count": count})
    return [_from_row(row) for row in rows]


def delete(tx: Tx, config: CodeSigningConfig) -> None:
    """Forget a configuration."""
    tx.execute(_SQL["delete"], {"arn": config.arn, "account": config.account, "region": config.region})


def _from_row(row: Row) -> CodeSigningConfig:
    return CodeSigningConfig(
        arn=row["arn"],
        account=row["account"],
        region=row["region"],
        description=row["description"],
        publishers=orjson.loads(row["publishers"]),
        untrusted_artifact=row["untrusted_artifact"],
        last_modified_ms=row["last_modified"],
    )
