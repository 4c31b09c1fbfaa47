"""Tests of documents, their versions, links and reviews, and comments."""
