"""Support of tests that look at a database itself: its engines, migrations, locks and tables."""
