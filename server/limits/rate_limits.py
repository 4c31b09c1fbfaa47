"""Rate limits by cost: a token bucket for each account, and for each address of anonymous clients.

A bucket starts full and refills at a steady rate; each operation takes its cost. Each worker process has its own
buckets.
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

#: The maximum number of buckets. The least recently used bucket is dropped, because it is full again, or almost.
MAX_BUCKETS = 10_000


class RateLimitError(RequestError):
    """The operation exceeds the rate limit; `headers` say when to retry."""

    code = "RATE_LIMITED"

    def __init__(self, cost: int, retry_after: int) -> None:
        super().__init__(f"The operation costs {cost:,}, more than remains: try again in {retry_after} seconds.")
        self.headers = {"Retry-After": str(retry_after)}


class TokenBucket:
    """The bucket of one account or address."""

    __slots__ = ("_clock", "_left", "_seen", "maximum", "per_second")

    def __init__(self, maximum: int, per_second: int, clock: Callable[[], float]) -> None:
        self.maximum = maximum
        self.per_second = per_second
        self._clock = clock
        self._left = float(maximum)
        self._seen = clock()

    @property
    def left(self) -> float:
        """The cost that remains now."""
        now = self._clock()
        self._left = min(self.maximum, self._left + (now - self._seen) * self.per_second)
        self._seen = now
        return self._left

    @property
    def seconds_to_full(self) -> float:
        """The seconds until the bucket is full, from the last read of `left`."""
        return (self.maximum - self._left) / self.per_second

    def take(self, due: int, cost: int | None = None) -> None:
        """Take `due` from the bucket; the error reports `cost` instead if it is given.

        Raises RateLimitError, and takes nothing, if less remains.
        """
        wanted = min(due, self.maximum)
        missing = wanted - self.left
        if missing > 0:
            raise RateLimitError(due if cost is None else cost, max(1, math.ceil(missing / self.per_second)))
        self._left -= wanted


class RateLimiter:
    """The buckets of recent clients."""

    def __init__(self, maximum: int, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._maximum = maximum
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def bucket(self, name: str) -> TokenBucket:
        """Return the bucket of an account or address."""
        found = self._buckets.get(name)
        if found is None:
            found = self._buckets[name] = TokenBucket(self._maximum, self._per_second, self._clock)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
        return found


class RequestCost:
    """The cost of one request: 1 for the request itself, even if it fails, plus the cost of the operation.

    Attributes:
        requested: The cost so far, including a cost that was refused.
        refused: The error if a cost was refused.
    """

    __slots__ = ("_bucket", "refused", "requested")

    def __init__(self, bucket: TokenBucket) -> None:
        self._bucket = bucket
        self.requested = 0
        self.refused: RateLimitError | None = None

    def charge(self, cost: int) -> None:
        """Charge a cost. Raises RateLimitError, and stores it in `refused`, if less remains."""
        # A request that costs more than a full bucket takes a full bucket in total.
        most = self._bucket.maximum
        due = min(self.requested + cost, most) - min(self.requested, most)
        self.requested += cost
        try:
            self._bucket.take(due, cost)
        except RateLimitError as refusal:
            self.refused = refusal
            raise

    def extension(self) -> dict[str, Any]:
        """Return `extensions.cost` of the response."""
        bucket = self._bucket
        return {
            "requested": self.requested,
            "maximum": bucket.maximum,
            "remaining": int(bucket.left),
            "resetAt": _moment(int(time.time()) + math.ceil(bucket.seconds_to_full)),
        }


@lru_cache(maxsize=64)
def _moment(second: int) -> str:
    """Return Unix time as an ISO 8601 time in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
