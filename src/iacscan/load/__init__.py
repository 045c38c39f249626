"""Bytes to blocks, one module a language; guesses nothing about AWS."""
