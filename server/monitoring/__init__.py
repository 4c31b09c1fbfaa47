"""What an operator sees of the running server: a log line and the metrics of each request.

`Exchange` collects the facts of one request while it is answered; `Monitor` logs and counts them. Only `metrics.py` and
`exporter.py` know Prometheus. Facts are names from the contract, numbers and IDs: no variables, no tokens, no texts of
documents, no addresses of files.

These do not belong here: how lines are formatted (`server/startup/logging_setup.py`), and the audit log
(`resolvers/audit/`), which is part of the data.
"""
