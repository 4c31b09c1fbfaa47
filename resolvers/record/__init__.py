"""Loads a record of public facts: parsed, compared with the database, written with its audit events."""
