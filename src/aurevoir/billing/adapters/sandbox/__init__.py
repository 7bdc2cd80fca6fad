"""The sandbox gateway: a small subscription system with a clock of its own, for the demo and the tests."""
