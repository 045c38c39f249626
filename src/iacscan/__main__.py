"""`python -m iacscan`."""

from .cli import main

if __name__ == "__main__":  # a process that scans beside this one imports it under another name
    main()
