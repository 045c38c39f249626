"""Generated tables, each with its source and date; `scripts/` makes them."""
