"""Tools that have never heard of cancellation."""
