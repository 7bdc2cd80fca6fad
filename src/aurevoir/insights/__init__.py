"""Why customers leave, in numbers that say what they are."""
