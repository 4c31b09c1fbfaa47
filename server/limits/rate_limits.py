"""How much may be asked for in a time: a bucket of cost for each account, and for each address of the public.

A bucket is full at first and fills again at a steady rate; each operation takes out what
it costs. The buckets are those of one worker process.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from resolvers.core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many buckets are kept. One that was not touched for the longest time is full again, or as good as full.
MAX_BUCKETS = 10_000


class RateLimitError(RequestError):
    """More was asked for than is allowed in this time; `headers` say when to ask again."""

    code = "RATE_LIMITED"

    def __init__(self, cost: int, retry_after: int) -> None:
        super().__init__(f"The operation costs {cost:,}, more than is left: ask again in {retry_after} seconds.")
        self.headers = {"Retry-After": str(retry_after)}


class TokenBucket:
    """What one account has left."""

    __slots__ = ("_clock", "_left", "_seen", "maximum", "per_second")

    def __init__(self, maximum: int, per_second: int, clock: Callable[[], float]) -> None:
        self.maximum = maximum
        self.per_second = per_second
        self._clock = clock
        self._left = float(maximum)
        self._seen = clock()

    @property
    def left(self) -> float:
        """How much there is now."""
        now = self._clock()
        self._left = min(self.maximum, self._left + (now - self._seen) * self.per_second)
        self._seen = now
        return self._left

    @property
    def seconds_to_full(self) -> float:
        """How long it takes until there is as much as ever, from when `left` was asked last."""
        return (self.maximum - self._left) / self.per_second

    def take(self, due: int, cost: int | None = None) -> None:
        """Take out what is `due` for something of a `cost`.

        Raises RateLimitError where there is less, and takes nothing.
        """
        wanted = min(due, self.maximum)
        missing = wanted - self.left
        if missing > 0:
            raise RateLimitError(due if cost is None else cost, max(1, math.ceil(missing / self.per_second)))
        self._left -= wanted


class RateLimiter:
    """The buckets of everyone who asked lately."""

    def __init__(self, maximum: int, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._maximum = maximum
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def bucket(self, name: str) -> TokenBucket:
        """Give the bucket of an account or address."""
        found = self._buckets.get(name)
        if found is None:
            found = self._buckets[name] = TokenBucket(self._maximum, self._per_second, self._clock)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
        return found


class RequestCost:
    """What one request costs: one for itself, whatever comes of it, and what the operation costs.

    Attributes:
        requested: What was charged for, or was to be.
        refused: Why it was refused, if it was.
    """

    __slots__ = ("_bucket", "refused", "requested")

    def __init__(self, bucket: TokenBucket) -> None:
        self._bucket = bucket
        self.requested = 0
        self.refused: RateLimitError | None = None

    def charge(self, cost: int) -> None:
        """Charge for something. Raises RateLimitError, and remembers it, where less is left."""
        # What costs more than there ever is takes all there is, whatever was taken for the request before.
        most = self._bucket.maximum
        due = min(self.requested + cost, most) - min(self.requested, most)
        self.requested += cost
        try:
            self._bucket.take(due, cost)
        except RateLimitError as refusal:
            self.refused = refusal
            raise

    def extension(self) -> dict[str, Any]:
        """Give `extensions.cost` of the answer."""
        bucket = self._bucket
        return {
            "requested": self.requested,
            "maximum": bucket.maximum,
            "remaining": int(bucket.left),
            "resetAt": _moment(int(time.time()) + math.ceil(bucket.seconds_to_full)),
        }


@lru_cache(maxsize=64)
def _moment(second: int) -> str:
    """Write a second since 1970 as a moment in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
