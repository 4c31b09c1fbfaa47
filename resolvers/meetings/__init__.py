"""The queries and commands of meetings with their attendees and minutes, decisions and action items.

Expert groups do not belong here: see `people`.
"""
