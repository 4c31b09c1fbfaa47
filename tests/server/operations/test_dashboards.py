"""The alert rules and the dashboard use metrics and labels that the server has, and the guide explains each metric."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # PyYAML has no types

from server.monitoring.metrics import GAUGES, LABELS, Metrics

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "monitoring"
GUIDE = (ROOT / "docs" / "guides" / "monitoring.md").read_text()
NAME = re.compile(r"\bcoalition_[a-z_]+")
#: A metric with its selected labels, such as `coalition_responses_total{status=~"5.."}`.
SELECTED = re.compile(r"\b(coalition_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"by \(([a-z, ]+)\)[^c]*?\b(coalition_[a-z_]+)")
PARTS = ("_bucket", "_count", "_sum")


def metrics_with_labels() -> dict[str, set[str]]:
    """Return the labels of every metric, by the name that Prometheus has."""
    found = {name: {*LABELS.get(name, ())} for name in GAUGES}
    for metric in Metrics().registry.collect():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        found[name] = {*LABELS.get(name, ())} | ({"le"} if metric.type == "histogram" else set())
    return found


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [*group["rules"]]


def dashboard() -> list[str]:
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.mark.parametrize("source", ["alerts", "dashboard"])
def test_each_expression_uses_metrics_and_labels_of_the_server(source: str) -> None:
    known = metrics_with_labels()
    expressions = dashboard() if source == "dashboard" else [alert["expr"] for alert in alerts()]
    used = set()
    for expression in expressions:
        assert expression.count("(") == expression.count(")")
        named = {
            next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)
            for name in NAME.findall(expression)
        }
        assert named <= known.keys(), expression
        used |= named
        pairs = [(name, set(re.findall(r"(\w+)[=!~]", labels))) for name, labels in SELECTED.findall(expression)]
        pairs += [(name, set(labels.split(", "))) for labels, name in GROUPED.findall(expression)]
        for name, labels in pairs:
            whole = next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)
            assert labels <= known[whole], expression
    if source == "dashboard":
        assert used == known.keys()


def test_each_alert_says_what_is_wrong_and_what_to_do_and_each_metric_is_explained() -> None:
    found = alerts()
    assert len({alert["alert"] for alert in found}) == len(found) > 10
    for alert in found:
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert alert["annotations"].keys() == {"summary", "action"}
        assert all(text.endswith(".") for text in alert["annotations"].values())
    assert {*NAME.findall(GUIDE)} == metrics_with_labels().keys()
