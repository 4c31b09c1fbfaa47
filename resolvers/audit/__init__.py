"""The audit log: it records what changes and who reads TLP:RED, and verifies the hash chain.

`recorder` writes an event for each flushed object, `transaction` opens sessions that do so, `snapshots` are the states
before and after, `audience` who may read an event. Nothing here decides whether a change is allowed.
"""
