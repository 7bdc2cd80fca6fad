"""What is held about a customer: told, and forgotten; asks each package for its part."""
