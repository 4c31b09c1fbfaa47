"""The audit log: records changes and reads of TLP:RED documents, and verifies the hash chain.

`recorder` writes an event for each flushed object, and `versions` raises its version; `transaction` opens sessions that
do so; `snapshots` returns the states before and after; `audience` determines who may read an event. Nothing here
decides whether a change is allowed.
"""
