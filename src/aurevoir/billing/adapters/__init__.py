"""One file for each gateway."""
