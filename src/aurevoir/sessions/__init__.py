"""One customer's visit: its rules, its screens, its receipt."""
