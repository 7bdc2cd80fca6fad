"""The statutory ways out that need no account: what was declared on them, its receipt, the operator's work list."""
