"""Dana's browser: JSON for the element, plain pages for everyone else."""
