"""Checkov imports checks only from directories that have this file: `checkov -d . --external-checks-dir checks`."""
