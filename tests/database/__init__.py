"""Tests of connections, pools and roles."""
