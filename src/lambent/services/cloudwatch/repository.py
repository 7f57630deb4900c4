"""Metrics and their samples in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch.distribution import Distribution, packed, unpacked
from lambent.services.cloudwatch.record import Metric, Slot, slot
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambent.store import Row, Tx

    Batch = Mapping[Metric, Mapping[Slot, Distribution]]

TOPIC = "cloudwatch"
"""The signal that tells that something was written."""
_SQL = load_queries("lambent.services.cloudwatch", "metrics.sql")
_KEY = ("metric_id", "period_s", "start_s", "unit")
_WIDEST_S = 3600
"""The longest slot: one that begins this much before a window may hold samples of it."""


def add(tx: Tx, batch: Batch, now_s: int) -> None:
    """Add samples to what there is. The batch stays as it is, since a transaction may run again."""
    for metric, slots in batch.items():
        names = metric._asdict()
        tx.execute(_SQL["touch_metric"], {**names, "now": now_s})
        metric_id = _id(tx, metric)
        for one, samples in slots.items():
            _add(tx, {"metric_id": metric_id, **one._asdict()}, samples)
    tx.signal(TOPIC)


def stored(tx: Tx, metric: Metric, first_s: float, last_s: float, *, values: bool) -> list[tuple[Slot, Distribution]]:
    """A metric's samples of a stretch of time, the end not included, and of what is rolled up across its beginning.

    values: whether distributions are needed; without, they are unknown.
    """
    metric_id = _id(tx, metric)
    if metric_id is None:
        return []
    where = {"metric_id": metric_id, "first": first_s - _WIDEST_S, "last": last_s}
    rows = tx.all(_SQL["range_with_values" if values else "range"], where)
    return [(Slot(row["period_s"], row["start_s"], row["unit"]), _distribution(row, values=values)) for row in rows]


def listed(tx: Tx, where: Mapping[str, Any], after: Metric, count: int) -> Iterator[Metric]:
    """Metrics behind one, in the order of their names, read `count` at a time.

    where: account, region, since; namespace and name, empty where any will do.
    """
    while True:
        behind = {
            "after_namespace": after.namespace,
            "after_name": after.name,
            "after_dimensions": after.dimensions,
        }
        rows = tx.all(_SQL["page"], {**where, **behind, "count": count})
        for row in rows:
            after = Metric(after.account, after.region, row["namespace"], row["name"], row["dimensions"])
            yield after
        if len(rows) < count:
            return


def roll_up(tx: Tx, period_s: int, into_s: int | None, before_s: int, count: int) -> int:
    """Move samples that begin before a moment to slots of `into_s` seconds, or remove them for None.

    At most `count`; how many they were.
    """
    rows = tx.all(_SQL["aged"], {"period_s": period_s, "before": before_s, "count": count})
    if into_s is not None:
        for key, samples in _merged(rows, into_s).items():
            _add(tx, dict(zip(_KEY, key, strict=True)), samples)
    tx.executemany(_SQL["remove_samples"], [{name: row[name] for name in _KEY} for row in rows])
    return len(rows)


def forget_metrics(tx: Tx, before_s: int) -> None:
    """Remove metrics that nothing was written to since, with what there is of them."""
    tx.execute(_SQL["forget_metrics"], {"before": before_s})


def _id(tx: Tx, metric: Metric) -> int | None:
    row = tx.one(_SQL["metric_id"], metric._asdict())
    return None if row is None else int(row["id"])


def _add(tx: Tx, key: Mapping[str, Any], samples: Distribution) -> None:
    row = tx.one(_SQL["samples"], key)
    if row is not None:
        everything = _distribution(row, values=True)
        everything.merge(samples)
        samples = everything
    columns = {
        "samples": samples.samples,
        "total": samples.total,
        "minimum": samples.minimum,
        "maximum": samples.maximum,
        "distribution": packed(samples),
    }
    tx.execute(_SQL["put_samples"], {**key, **columns})


def _merged(rows: list[Row], into_s: int) -> dict[tuple[int, int, int, str], Distribution]:
    merged: dict[tuple[int, int, int, str], Distribution] = {}
    for row in rows:
        where = slot(row["start_s"], row["unit"], into_s)
        merged.setdefault((row["metric_id"], *where), Distribution()).merge(_distribution(row, values=True))
    return merged


def _distribution(row: Row, *, values: bool) -> Distribution:
    packed_values = row["distribution"] if values else None
    return unpacked(row["samples"], row["total"], row["minimum"], row["maximum"], packed_values)
