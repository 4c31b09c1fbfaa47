"""The types of the contract for meetings with their attendees and minutes, decisions and action items.

Expert groups do not belong here: see `people`.
"""
