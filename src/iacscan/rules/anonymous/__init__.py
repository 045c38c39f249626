"""Tip 9: anonymous access; open buckets and other things open to the world."""
