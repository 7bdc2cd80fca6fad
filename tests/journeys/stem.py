"""A process that has imported everything and becomes `aurevoir …` anew for each line it reads.

Starting Python fifty times would take longer than all the load between the kills. What runs in each child is the
command itself, from its first line on: settings, database, web server and worker.
"""

import os
import sys

from aurevoir import cli, serving  # noqa: F401 - imported once, here


def main() -> None:
    """One child after another; its pid, and later its end, are written as lines."""
    while line := os.read(0, 1000):
        pid = os.fork()
        if pid == 0:
            sys.argv = ["aurevoir", *line.decode().split()]
            cli.main()
            os._exit(0)
        os.write(1, f"{pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()
