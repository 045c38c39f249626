"""Blocks to model: the only place that knows both spellings."""

from .terraform import normalise

__all__ = ["normalise"]
