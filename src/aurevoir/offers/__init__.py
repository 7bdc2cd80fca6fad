"""What may be given, and what was agreed on its way through billing."""
