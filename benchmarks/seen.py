"""What a run is to measure, and what was seen in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.data import USUAL

if TYPE_CHECKING:
    from benchmarks.rounds import Contest


@dataclass(frozen=True)
class Options:
    """How much is measured: `scale` times `procurements` of them, in so many rounds of so many seconds."""

    rounds: int
    seconds: float
    scale: int
    procurements: int = USUAL
    mixed: int = 10_000
    starts: int = 5


@dataclass
class Seen:
    """What was seen.

    Attributes:
        options: What was to be measured.
        load_before: How many processes wanted a processor in the minute before: near nought on a quiet machine.
        contests: The works, by their names.
        growth: By numbers of procurements: in each round the median latency of each request, in milliseconds.
        peaks: The most memory each server held, in MiB.
        memory: What one worker of ours held after the mixed requests, and after as many again, in MiB.
        starts: How long each start took, in seconds.
    """

    options: Options
    load_before: float = 0.0
    contests: dict[str, Contest] = field(default_factory=dict)
    growth: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    memory: tuple[float, float] = (0.0, 0.0)
    starts: list[float] = field(default_factory=list)
