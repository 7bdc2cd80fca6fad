"""The demo product and what its visitor sees of the server side."""
