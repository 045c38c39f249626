"""The rules, one file each, in one folder a tip."""
