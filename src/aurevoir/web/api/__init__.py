"""The operator's servers."""
