"""What an operator sees and relies on: the log, metrics, traces, limits of connections, and the end of a server."""
