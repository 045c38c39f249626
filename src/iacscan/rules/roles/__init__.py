"""Tip 2: roles when possible; users where a role would fit, open or careless trust policies."""
