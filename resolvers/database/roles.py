"""The names of the three PostgreSQL roles."""

from __future__ import annotations

READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"
