"""Tests of documents' files."""
