"""Findings to text; one module a format, each with its own output records."""
