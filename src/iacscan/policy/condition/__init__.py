"""Conditions: operators, keys, and what a block of conditions says about callers."""
