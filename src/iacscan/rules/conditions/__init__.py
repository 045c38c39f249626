"""Tip 5: conditions sparingly; those that never match, always match or silently do nothing."""
