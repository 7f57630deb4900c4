"""Service-linked roles: named and trusted after the service that alone may change them."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.iam import create, repository, view
from lambent.services.iam.names import addressed
from lambent.services.iam.record import INSTANCE_PROFILE, LINKED, ROLE, Role
from lambent.services.iam.refusals import invalid_input, no_such_entity

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.store import Tx

_SERVICE = re.compile(r"(?:[a-z0-9-]+\.)+amazonaws\.com(?:\.cn)?")
_NAMES = {
    "apidestinations.events.amazonaws.com": "AmazonEventBridgeApiDestinations",
    "autoscaling.amazonaws.com": "AutoScaling",
    "dynamodb.application-autoscaling.amazonaws.com": "ApplicationAutoScaling_DynamoDBTable",
    "ecs.amazonaws.com": "ECS",
    "elasticache.amazonaws.com": "ElastiCache",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "events.amazonaws.com": "CloudWatchEvents",
    "kafka.amazonaws.com": "Kafka",
    "kinesisreplication.dynamodb.amazonaws.com": "DynamoDBKinesisDataStreamsReplication",
    "lambda.amazonaws.com": "Lambda",
    "lambda.application-autoscaling.amazonaws.com": "ApplicationAutoScaling_LambdaConcurrency",
    "ops.apigateway.amazonaws.com": "APIGateway",
    "rds.amazonaws.com": "RDS",
    "replication.dynamodb.amazonaws.com": "DynamoDBReplication",
    "replicator.lambda.amazonaws.com": "LambdaReplicator",
    "spot.amazonaws.com": "EC2Spot",
}
"""What follows `AWSServiceRoleFor` where it is not the service's own name."""


async def create_service_linked_role(service: Iam, call: Call, params: Params) -> Output:
    """Keep the role of a service. Raises AwsError InvalidInput, LimitExceeded."""
    linked = params["AWSServiceName"]
    if _SERVICE.fullmatch(linked) is None:
        raise invalid_input(f"Service {linked} does not exist or does not support service-linked roles.")
    name = role_name(linked, params.get("CustomSuffix"))
    statement = {"Effect": "Allow", "Principal": {"Service": linked}, "Action": "sts:AssumeRole"}
    role = Role(
        **create.columns(service, call, ROLE, {"RoleName": name, "Path": f"{LINKED}{linked}/"}),
        trust_policy=orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode(),
        description=params.get("Description"),
        linked_service=linked,
    )

    def work(tx: Tx) -> dict[str, Any]:
        if repository.load(tx, ROLE, call.account, name) is not None:
            raise invalid_input(
                f"Service role name {name} has been taken in this account, please try a different suffix."
            )
        create.keep(tx, ROLE, role, {})
        return view.role(call, role)

    return {"Role": await service.store.write(work)}


async def delete_service_linked_role(service: Iam, call: Call, params: Params) -> Output:
    """Delete the role of a service, at once; the answer names a task that has succeeded."""
    now_ms = service.now_ms()

    def work(tx: Tx) -> str:
        role = addressed(tx, call, ROLE, params)
        if role.linked_service is None:
            raise no_such_entity(f"The role with name {role.name} is not a service-linked role.")
        for profile in repository.holders(tx, INSTANCE_PROFILE, role):
            repository.delete_member(tx, profile, role)
        repository.delete(tx, role)
        task = f"task{role.path}{role.name}/{uuid.uuid4()}"
        repository.put_deletion(tx, call.account, task, now_ms)
        return task

    return {"DeletionTaskId": await service.store.write(work)}


async def get_service_linked_role_deletion_status(service: Iam, call: Call, params: Params) -> Output:
    """How far a deletion is. Raises AwsError NoSuchEntity for one that was never asked for."""
    task = params["DeletionTaskId"]
    if not await service.store.read(lambda tx: repository.has_deletion(tx, call.account, task)):
        raise no_such_entity(f"The deletion task with id {task} cannot be found.")
    return {"Status": "SUCCEEDED"}


def role_name(linked: str, suffix: str | None) -> str:
    """How the role of a service is called, e.g. `AWSServiceRoleForLambda_blue`."""
    name = f"AWSServiceRoleFor{_NAMES.get(linked) or linked.split('.', maxsplit=1)[0].capitalize()}"
    return f"{name}_{suffix}" if suffix else name
