"""Tip 6: resource-based policies; missing, public, lock-out and confused deputy."""
