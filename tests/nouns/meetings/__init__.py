"""Tests of meetings with their attendees and minutes, decisions and action items."""
