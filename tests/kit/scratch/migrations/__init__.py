"""The scratch schema's history."""
