"""Loads the public record: parses it, compares it with the database, and writes changes with audit events."""
