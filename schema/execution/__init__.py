"""How the schema answers: a cache of validated queries in front of the query compiler, and mutations' payloads."""
