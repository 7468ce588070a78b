"""`python -m rooftree` is the command `rooftree`."""

from rooftree.cli.main import main

main()
