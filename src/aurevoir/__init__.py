"""A self-hosted cancellation and exit-survey service."""

__version__ = "0.1.0"
