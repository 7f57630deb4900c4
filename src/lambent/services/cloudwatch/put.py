"""PutMetricData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch import repository
from lambent.services.cloudwatch.ages import KEPT
from lambent.services.cloudwatch.distribution import Distribution
from lambent.services.cloudwatch.problems import Problems
from lambent.services.cloudwatch.record import NO_UNIT, Metric, Slot, slot, written_from
from lambent.services.cloudwatch.refusals import not_built

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambent.call import Call, Output, Params
    from lambent.services.cloudwatch.context import CloudWatch

_MOST_DATA = 1000
_MOST_VALUES = 150
_PAST_S = 14 * 86_400
_FUTURE_S = 2 * 3600
_SET = ("SampleCount", "Sum", "Minimum", "Maximum")


async def put_metric_data(service: CloudWatch, call: Call, params: Params) -> Output:
    """Keep samples; they can be read at once, where AWS takes minutes."""
    if params.get("EntityMetricData"):
        raise not_built("EntityMetricData of PutMetricData")
    now_s = service.clock.time()
    data = params.get("MetricData") or []
    _check(params.get("Namespace"), data, now_s)
    batch: dict[Metric, dict[Slot, Distribution]] = {}
    for datum in data:
        dimensions = written_from(datum.get("Dimensions"))
        metric = Metric(call.account, call.region, params["Namespace"], datum["MetricName"], dimensions)
        slots = batch.setdefault(metric, {})
        _take(slots.setdefault(_slot(datum, now_s), Distribution()), datum)
    await service.store.write(lambda tx: repository.add(tx, batch, int(now_s)))
    return {}


def _slot(datum: Mapping[str, Any], now_s: float) -> Slot:
    at_s = datum["Timestamp"].timestamp() if datum.get("Timestamp") is not None else now_s
    fine = datum.get("StorageResolution") == 1 and now_s - at_s <= KEPT[0].age_s
    return slot(at_s, datum.get("Unit") or NO_UNIT, 1 if fine else 60)


def _take(samples: Distribution, datum: Mapping[str, Any]) -> None:
    known = datum.get("StatisticValues")
    if known:
        samples.add_set(*(known[name] for name in _SET))
        return
    values = datum.get("Values")
    if not values:
        samples.add(datum["Value"])
        return
    for value, count in zip(values, datum.get("Counts") or [1.0] * len(values), strict=True):
        samples.add(value, count)


# --- checks


def _check(namespace: str | None, data: Sequence[Mapping[str, Any] | None], now_s: float) -> None:
    problems = Problems()
    problems.text("Namespace", namespace)
    if namespace and namespace.startswith("AWS/"):
        problems.invalid("The value AWS/ for parameter Namespace is invalid.")
    elif namespace and namespace.startswith(":"):
        problems.invalid(f"The value {namespace} for parameter Namespace is invalid.")
    if not data:
        problems.missing("MetricData")
    problems.size("MetricData", data, _MOST_DATA)
    for index, datum in enumerate(data[:_MOST_DATA], 1):
        path = f"MetricData.member.{index}"
        if datum is None:
            problems.missing(path)
        else:
            _check_datum(problems, path, datum, now_s)
    problems.settle()


def _check_datum(problems: Problems, path: str, datum: Mapping[str, Any], now_s: float) -> None:
    problems.text(f"{path}.MetricName", datum.get("MetricName"))
    problems.dimensions(f"{path}.Dimensions", datum.get("Dimensions"))
    problems.unit(f"{path}.Unit", datum.get("Unit"))
    if datum.get("StorageResolution") not in {None, 1, 60}:
        problems.invalid(f"The parameter {path}.StorageResolution must be a value in the set [1, 60].")
    if datum.get("Timestamp") is not None:
        at_s = datum["Timestamp"].timestamp()
        if at_s < now_s - _PAST_S:
            problems.invalid(f"The parameter {path}.Timestamp must specify a time within the past two weeks.")
        elif at_s > now_s + _FUTURE_S:
            problems.invalid(
                f"The parameter {path}.Timestamp must specify a time no more than two hours in the future."
            )
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) not in (None, [], {})]
    if not given:
        problems.combined(f"At least one of the parameters {path}.Value or {path}.StatisticValues must be specified.")
    if len(given) > 1:
        problems.both(f"{path}.{given[0]}", f"{path}.{given[1]}")
    if "Value" in given:
        problems.number(f"{path}.Value", datum["Value"])
    if "StatisticValues" in given:
        _check_set(problems, f"{path}.StatisticValues", datum["StatisticValues"])
    _check_values(problems, path, datum.get("Values") or [], datum.get("Counts") or [])


def _check_set(problems: Problems, path: str, known: Mapping[str, Any]) -> None:
    for name in _SET:
        if known.get(name) is None:
            problems.missing(f"{path}.{name}")
        else:
            problems.number(f"{path}.{name}", known[name])
    samples = known.get("SampleCount")
    if samples is not None and samples <= 0:
        problems.invalid(f"The parameter {path}.SampleCount must be greater than 0.")
    low, high = known.get("Minimum"), known.get("Maximum")
    if low is not None and high is not None and low > high:
        problems.invalid(f"The parameter {path}.Maximum must be greater than {path}.Minimum.")


def _check_values(
    problems: Problems, path: str, values: Sequence[float | None], counts: Sequence[float | None]
) -> None:
    problems.size(f"{path}.Values", values, _MOST_VALUES)
    if counts and len(counts) != len(values):
        problems.invalid(f"The parameters {path}.Values and {path}.Counts must be of the same size.")
    for name, numbers in (("Values", values), ("Counts", counts)):
        for index, number in enumerate(numbers[:_MOST_VALUES], 1):
            where = f"{path}.{name}.member.{index}"
            if number is None:
                problems.missing(where)
                continue
            problems.number(where, number)
            if name == "Counts" and number <= 0:
                problems.invalid(f"The parameter {where} must be greater than 0.")
