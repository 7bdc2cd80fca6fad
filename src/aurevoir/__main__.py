"""`python -m aurevoir`."""

from aurevoir.cli import main

main()
