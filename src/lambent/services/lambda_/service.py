"""The operations of Lambda that are built, as the wire is given them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.lambda_ import (
    account,
    aliases,
    asynchronous,
    code_signing_configs,
    create,
    delete,
    event_invoke_configs,
    invoke,
    permissions,
    provisioned,
    read,
    recursion,
    reserved,
    resource_policy,
    response_stream,
    runtime_management,
    scaling,
    tags,
    update,
    versions,
)
from lambent.services.lambda_.layers import operations as layers
from lambent.services.lambda_.layers import permissions as layer_permissions
from lambent.services.lambda_.urls import operations as urls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.call import Call, Output, Params, Result
    from lambent.services.lambda_.context import Lambda

    Operation = Callable[[Lambda, Call, Params], Awaitable[Output | Result]]

_log = logging.getLogger(__name__)
_OPERATIONS: dict[str, Operation] = {
    "AddLayerVersionPermission": layer_permissions.add_layer_version_permission,
    "AddPermission": permissions.add_permission,
    "CreateAlias": aliases.create_alias,
    "CreateCodeSigningConfig": code_signing_configs.create_code_signing_config,
    "CreateFunction": create.create_function,
    "CreateFunctionUrlConfig": urls.create_function_url_config,
    "DeleteAlias": aliases.delete_alias,
    "DeleteCodeSigningConfig": code_signing_configs.delete_code_signing_config,
    "DeleteFunction": delete.delete_function,
    "DeleteFunctionCodeSigningConfig": code_signing_configs.delete_function_code_signing_config,
    "DeleteFunctionConcurrency": reserved.delete_function_concurrency,
    "DeleteFunctionEventInvokeConfig": event_invoke_configs.delete_function_event_invoke_config,
    "DeleteFunctionUrlConfig": urls.delete_function_url_config,
    "DeleteLayerVersion": layers.delete_layer_version,
    "DeleteProvisionedConcurrencyConfig": provisioned.delete_provisioned_concurrency_config,
    "DeleteResourcePolicy": resource_policy.delete_resource_policy,
    "GetAccountSettings": account.get_account_settings,
    "GetAlias": aliases.get_alias,
    "GetCodeSigningConfig": code_signing_configs.get_code_signing_config,
    "GetFunction": read.get_function,
    "GetFunctionCodeSigningConfig": code_signing_configs.get_function_code_signing_config,
    "GetFunctionConcurrency": reserved.get_function_concurrency,
    "GetFunctionConfiguration": read.get_function_configuration,
    "GetFunctionEventInvokeConfig": event_invoke_configs.get_function_event_invoke_config,
    "GetFunctionRecursionConfig": recursion.get_function_recursion_config,
    "GetFunctionScalingConfig": scaling.get_function_scaling_config,
    "GetFunctionUrlConfig": urls.get_function_url_config,
    "GetLayerVersion": layers.get_layer_version,
    "GetLayerVersionByArn": layers.get_layer_version_by_arn,
    "GetLayerVersionPolicy": layer_permissions.get_layer_version_policy,
    "GetPolicy": permissions.get_policy,
    "GetProvisionedConcurrencyConfig": provisioned.get_provisioned_concurrency_config,
    "GetResourcePolicy": resource_policy.get_resource_policy,
    "GetRuntimeManagementConfig": runtime_management.get_runtime_management_config,
    "Invoke": invoke.invoke,
    "InvokeAsync": asynchronous.invoke_async,
    "InvokeWithResponseStream": response_stream.invoke_with_response_stream,
    "ListAliases": aliases.list_aliases,
    "ListCodeSigningConfigs": code_signing_configs.list_code_signing_configs,
    "ListFunctionEventInvokeConfigs": event_invoke_configs.list_function_event_invoke_configs,
    "ListFunctionUrlConfigs": urls.list_function_url_configs,
    "ListFunctions": read.list_functions,
    "ListFunctionsByCodeSigningConfig": code_signing_configs.list_functions_by_code_signing_config,
    "ListLayerVersions": layers.list_layer_versions,
    "ListLayers": layers.list_layers,
    "ListProvisionedConcurrencyConfigs": provisioned.list_provisioned_concurrency_configs,
    "ListTags": tags.list_tags,
    "ListVersionsByFunction": versions.list_versions_by_function,
    "PublishLayerVersion": layers.publish_layer_version,
    "PublishVersion": versions.publish_version,
    "PutFunctionCodeSigningConfig": code_signing_configs.put_function_code_signing_config,
    "PutFunctionConcurrency": reserved.put_function_concurrency,
    "PutFunctionEventInvokeConfig": event_invoke_configs.put_function_event_invoke_config,
    "PutFunctionRecursionConfig": recursion.put_function_recursion_config,
    "PutFunctionScalingConfig": scaling.put_function_scaling_config,
    "PutProvisionedConcurrencyConfig": provisioned.put_provisioned_concurrency_config,
    "PutResourcePolicy": resource_policy.put_resource_policy,
    "PutRuntimeManagementConfig": runtime_management.put_runtime_management_config,
    "RemoveLayerVersionPermission": layer_permissions.remove_layer_version_permission,
    "RemovePermission": permissions.remove_permission,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAlias": aliases.update_alias,
    "UpdateCodeSigningConfig": code_signing_configs.update_code_signing_config,
    "UpdateFunctionCode": update.update_function_code,
    "UpdateFunctionConfiguration": update.update_function_configuration,
    "UpdateFunctionEventInvokeConfig": event_invoke_configs.update_function_event_invoke_config,
    "UpdateFunctionUrlConfig": urls.update_function_url_config,
}
_BODY_LIMITS = {
    "Invoke": 6_291_456,
    "InvokeAsync": 6_291_456,
    "InvokeWithResponseStream": 6_291_456,
    "CreateFunction": 70_167_211,
    "PublishLayerVersion": 70_167_211,
    "UpdateFunctionCode": 70_167_211,
    "": 1_048_576,
}


def service(parts: Lambda) -> Service:
    """Lambda's table of operations."""
    return Service(
        name="lambda",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits=_BODY_LIMITS,
        action_names={"Invoke": "InvokeFunction"},
        fault_code="ServiceException",
    )
