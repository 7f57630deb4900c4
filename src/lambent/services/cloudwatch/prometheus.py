"""The running counters of functions as Prometheus reads them: its text format, version 0.0.4. Pure.

Counters begin at zero with the server, as Prometheus expects of them. May import counters.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from lambent.services.cloudwatch.counters import BUCKETS_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lambent.services.cloudwatch.counters import Counters

    Labels = Mapping[str, str]
    Sample = tuple[str, Labels, float]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_TO_SECONDS = {"Seconds": 1.0, "Milliseconds": 1e-3, "Microseconds": 1e-6}


class Gauge(NamedTuple):
    """Something that rises and falls, asked for when it is read."""

    name: str
    """E.g. `lambent_environments`."""
    help: str
    read: Callable[[], Iterable[tuple[Labels, float]]]


def exposition(functions: Sequence[Counters], gauges: Iterable[Gauge] = ()) -> str:
    """Everything, a family after the other. functions: their totals up to date."""
    parts = [*_of_functions(functions), *_others(functions)]
    parts += [
        _family(gauge.name, "gauge", gauge.help, ((gauge.name, labels, value) for labels, value in gauge.read()))
        for gauge in gauges
    ]
    return "".join(parts)


def _of_functions(functions: Sequence[Counters]) -> Iterator[str]:
    invocations = "lambent_lambda_invocations_total"
    yield _family(
        invocations,
        "counter",
        "Calls that a function ran, with an error or without.",
        ((invocations, _labels(one), sum(one.totals.durations)) for one in functions),
    )
    errors = "lambent_lambda_errors_total"
    yield _family(
        errors,
        "counter",
        "Calls that a function ended with an error.",
        ((errors, _labels(one), one.totals.errors) for one in functions),
    )
    throttles = "lambent_lambda_throttles_total"
    yield _family(
        throttles,
        "counter",
        "Calls that found no place.",
        ((throttles, _labels(one), one.totals.throttles) for one in functions),
    )
    yield _family(
        "lambent_lambda_duration_seconds",
        "histogram",
        "How long functions ran.",
        (sample for one in functions for sample in _histogram("lambent_lambda_duration_seconds", one)),
    )
    running = "lambent_lambda_concurrent_executions"
    # Versions behind one alias share its number.
    resources = {one.key[:4]: one for one in functions}
    yield _family(
        running,
        "gauge",
        "Calls that run now.",
        ((running, _labels(one, version=False), one.places.resource.now) for one in resources.values()),
    )


def _others(functions: Sequence[Counters]) -> Iterator[str]:
    """Lambda's further metrics: counters of what is counted, count and sum of what is measured."""
    found: dict[tuple[str, str], list[Counters]] = {}
    for one in functions:
        for what in one.totals.others:
            found.setdefault(what, []).append(one)
    for (name, unit), those in sorted(found.items()):
        base = f"lambent_lambda_{_WORD.sub('_', name).lower()}"
        text = f"Lambda's metric {name}."
        if unit == "Count":
            total = f"{base}_total"
            samples = [(total, _labels(one), one.totals.others[name, unit][1]) for one in those]
            yield _family(total, "counter", text, samples)
            continue
        factor = _TO_SECONDS.get(unit, 1.0)
        base += "_seconds" if unit in _TO_SECONDS else f"_{unit.replace('/', '_per_').lower()}"
        summaries = (_summary(base, one, (name, unit), factor) for one in those)
        yield _family(base, "summary", text, chain.from_iterable(summaries))


def _summary(base: str, counters: Counters, what: tuple[str, str], factor: float) -> Iterator[Sample]:
    count, total = counters.totals.others[what]
    yield f"{base}_sum", _labels(counters), total * factor
    yield f"{base}_count", _labels(counters), count


def _histogram(name: str, counters: Counters) -> Iterator[Sample]:
    labels, below = _labels(counters), 0
    for bound, count in zip((*BUCKETS_S, None), counters.totals.durations, strict=True):
        below += count
        yield f"{name}_bucket", {**labels, "le": "+Inf" if bound is None else _number(bound)}, below
    yield f"{name}_sum", labels, counters.totals.duration_ms / 1000
    yield f"{name}_count", labels, below


def _labels(counters: Counters, *, version: bool = True) -> dict[str, str]:
    key = counters.key
    labels = {
        "account": key.account,
        "region": key.region,
        "function": key.name,
        # Prometheus knows no difference between an empty label and none.
        "qualifier": key.qualifier or "",
    }
    if version and key.executed_version is not None:
        labels["version"] = key.executed_version
    return labels


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    for sample, labels, value in samples:
        told = ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in labels.items())
        lines.append(f"{sample}{{{told}}} {_number(value)}" if told else f"{sample} {_number(value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    """Whole numbers without a point."""
    return str(int(value)) if value == int(value) else repr(float(value))
