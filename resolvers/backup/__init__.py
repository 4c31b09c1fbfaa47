"""Takes backups of both engines as plain files, and restores them into an empty database."""
