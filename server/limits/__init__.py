"""The limits of a worker: rate limits by cost, the number of concurrent operations, and deadlines."""
