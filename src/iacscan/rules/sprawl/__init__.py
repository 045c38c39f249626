"""Tip 3: few policies; inline sprawl, attachments to users, duplicate and unattached policies."""
