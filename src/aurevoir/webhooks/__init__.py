"""Telling other systems: signed webhooks, and rules that notify people."""
