"""Subscriber states and payments, as billing tells them: who was active, for how much, why it ended."""
