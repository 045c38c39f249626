"""Condition operators and keys, as tables."""
