"""`python -m iacscan`."""

from .cli import main

main()
