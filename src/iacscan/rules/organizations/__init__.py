"""Tip 7: several accounts and SCPs; missing, unattached and ineffective guardrails."""
