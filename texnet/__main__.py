"""``python -m texnet COMMAND``: the same as ``texnet COMMAND``."""

from texnet.cli.commands import main

main()
