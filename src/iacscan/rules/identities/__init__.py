"""Tip 1: a user for everybody; no shared users, no root, no credentials in code, state or outputs."""
