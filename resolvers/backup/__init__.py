"""Backups of both engines as plain files, and their restore into an empty database."""
