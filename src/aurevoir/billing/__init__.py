"""The systems that own the subscriptions."""
