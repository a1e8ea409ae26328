"""Runs one job's command and writes down how it ended, whether or not the server is still there to see it.

``python -m texnet.studio.job_runner FOLDER LOCK COMMAND ...``: the number of this process goes into ``FOLDER/pid``, the
command's exit code into ``FOLDER/exit``. The lock that the server took on ``FOLDER/lock`` is inherited, and held until this
process and the command are gone, however they go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from texnet.files import write_atomically

EXIT, LOCK, LOG, PID = "exit", "lock", "log.txt", "pid"  # in a job's folder
NICENESS = 5  # of jobs: whoever moves a slider meanwhile comes first


def main(folder: Path, lock: int, command: list[str]) -> int:
    """Run the command to its end; its exit code, also in the folder's file."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # the command gets it too, and decides; a handler is not inherited
    write_atomically(folder / PID, str(os.getpid()).encode())
    with suppress(OSError):
        os.nice(NICENESS)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(lock,)) as process:
        code = process.wait()
    write_atomically(folder / EXIT, str(code).encode())
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
