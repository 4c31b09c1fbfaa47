"""Limits of a worker: rate limits by cost, the number of operations at once, deadlines."""
