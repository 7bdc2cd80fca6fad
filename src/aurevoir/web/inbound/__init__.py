"""Callbacks from billing providers."""
