"""A small schema of the tests' own, so that the kit is tested without the product."""
