"""Tests of loading the public record."""
