"""ListMetrics."""

from __future__ import annotations

import base64
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.cloudwatch import repository
from lambent.services.cloudwatch.problems import Problems
from lambent.services.cloudwatch.record import Metric, members
from lambent.services.cloudwatch.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.cloudwatch.context import CloudWatch
    from lambent.store import Tx

_PAGE = 500
_MOST_FILTERS = 10
_LISTED_S = 14 * 86_400
"""Metrics without new samples for two weeks are not listed."""
_RECENT_S = {"PT3H": 3 * 3600}


async def list_metrics(service: CloudWatch, call: Call, params: Params) -> Output:
    """The metrics of the account in this region by name, at most 500 a page.

    Other accounts are linked to none here, so that IncludeLinkedAccounts adds nothing.
    """
    filters = params.get("Dimensions") or []
    _check(params, filters)
    after = _after(call, params.get("NextToken"))
    if params.get("OwningAccount") not in {None, call.account}:
        return {"Metrics": []}
    await service.buffer.run_once()
    age_s = _RECENT_S.get(params.get("RecentlyActive") or "", _LISTED_S)
    where = {
        "account": call.account,
        "region": call.region,
        "namespace": params.get("Namespace") or "",
        "name": params.get("MetricName") or "",
        "since": int(service.clock.time()) - age_s,
    }
    found = await service.store.read(lambda tx: _page(tx, where, after, filters))
    output: dict[str, Any] = {"Metrics": [_view(metric) for metric in found[:_PAGE]]}
    if params.get("IncludeLinkedAccounts"):
        output["OwningAccounts"] = [call.account] * len(output["Metrics"])
    if len(found) > _PAGE:
        output["NextToken"] = base64.b64encode(orjson.dumps(found[_PAGE - 1][2:])).decode()
    return output


def _check(params: Params, filters: Sequence[Mapping[str, Any] | None]) -> None:
    problems = Problems()
    problems.text("Namespace", params.get("Namespace"), required=False)
    problems.text("MetricName", params.get("MetricName"), required=False)
    problems.size("Dimensions", filters, _MOST_FILTERS)
    for index, one in enumerate(filters, 1):
        problems.text(f"Dimensions.member.{index}.Name", None if one is None else one.get("Name"))
    if params.get("RecentlyActive") not in {None, *_RECENT_S}:
        problems.invalid("The parameter RecentlyActive must be a value in the set [PT3H].")
    problems.settle()


def _page(tx: Tx, where: Mapping[str, Any], after: Metric, filters: Sequence[Mapping[str, Any]]) -> list[Metric]:
    metrics = repository.listed(tx, where, after, _PAGE + 1)
    return list(islice((metric for metric in metrics if _has(metric, filters)), _PAGE + 1))


def _has(metric: Metric, filters: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a metric has each of the dimensions, and no other value than was asked for."""
    if not filters:
        return True
    values = dict(orjson.loads(metric.dimensions))
    return all(
        one["Name"] in values and (not one.get("Value") or values[one["Name"]] == one["Value"]) for one in filters
    )


def _view(metric: Metric) -> dict[str, Any]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": members(metric.dimensions),
    }


def _after(call: Call, token: str | None) -> Metric:
    if not token:
        return Metric(call.account, call.region, "", "", "")
    try:
        namespace, name, dimensions = orjson.loads(base64.b64decode(token, validate=True))
        # Each is text, or the token was never given.
        return Metric(call.account, call.region, namespace + "", name + "", dimensions + "")
    except (ValueError, TypeError):
        raise invalid("Invalid NextToken.") from None
