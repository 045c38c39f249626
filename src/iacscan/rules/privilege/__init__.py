"""Tip 4: least privilege; admin rights, wildcards, privilege escalation."""
