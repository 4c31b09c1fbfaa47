"""Helpers of tests that inspect a database itself: its engines, migrations, locks and tables."""
