"""Tip 8: is it still needed; idle keys, roles and policies."""
