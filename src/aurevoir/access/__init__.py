"""Workspaces, keys, tokens and the vault of clear ids."""
