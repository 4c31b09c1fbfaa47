"""Logs and counts each request at its end."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from resolvers.database.unavailable import DatabaseFullError, DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.config.settings import Settings
    from server.monitoring.exchange import Exchange
    from server.monitoring.metrics import Metrics

logger = logging.getLogger(__name__)

#: During an outage or an overload every request gets these, so their causes have one line in a second elsewhere.
LOGGED_ELSEWHERE = frozenset({DatabaseUnavailableError.code, DatabaseFullError.code})
#: What can be an attack, or a client with a wrong configuration.
SUSPICIOUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


class Monitor:
    """Logs refused and failed requests, or all of them, and counts all in the metrics, if these are on."""

    def __init__(self, settings: Settings, metrics: Metrics | None, *, traced: bool = False) -> None:
        """Count in `metrics`, if there are any, and describe the span of each request if it is `traced`."""
        self._logs_all = settings.log_requests == "all"
        self._metrics = metrics
        self._describe: Callable[[Exchange, int, Sequence[str]], None] | None = None
        if traced:
            # Imported here because it is an optional package.
            from server.monitoring.tracing import describe  # noqa: PLC0415

            self._describe = describe

    def end(self, exchange: Exchange, status: int, codes: Sequence[str] = ()) -> None:
        """Log and count a request that was answered with this status and these codes of errors."""
        seconds = perf_counter() - exchange.began
        refusals = exchange.progress.refusals if exchange.progress else ()
        if self._metrics:
            self._metrics.observe(exchange, seconds, status)
            if codes or refusals:
                self._metrics.count_refusals(codes, refusals)
        if self._describe:
            self._describe(exchange, status, codes)
        if self._logs_all or refusals or not LOGGED_ELSEWHERE.issuperset(codes):
            _log(exchange, seconds, status, codes)


def _log(exchange: Exchange, seconds: float, status: int, codes: Sequence[str]) -> None:
    refusals = exchange.progress.refusals if exchange.progress else ()
    level = _level(status)
    if not logger.isEnabledFor(level):
        return
    facts: dict[str, Any] = {
        "kind": exchange.kind,
        "operation": exchange.operation,
        "account": exchange.account,
        "client": None if exchange.account else exchange.client,
        "status": int(status),
        "seconds": round(seconds, 6),
        "cost": exchange.cost.requested if exchange.cost else None,
        "codes": sorted({*codes, *(code for code, _ in refusals)}),
        "rules": sorted({rule for _, rule in refusals if rule}),
    }
    given = {name: value for name, value in facts.items() if value is not None and value != []}
    logger.log(level, _event(status, codes or refusals), extra=given)


def _level(status: int) -> int:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return logging.ERROR
    return logging.WARNING if status in SUSPICIOUS else logging.INFO


def _event(status: int, refused: Sequence[object]) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "a request failed"
    return "a request was refused" if refused else "a request was answered"
