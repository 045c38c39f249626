"""Blocks to model; the only place that knows how a language spells an AWS resource."""
