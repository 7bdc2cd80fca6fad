"""Everything that speaks HTTP, by who is calling."""
