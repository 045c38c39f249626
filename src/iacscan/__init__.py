"""iacscan: what would this change do to AWS access?"""

__version__ = "0.1.0"
