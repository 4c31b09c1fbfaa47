"""Tests of what every package of `resolvers` uses."""
