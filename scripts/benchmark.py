"""texnet benchmark, from a plain clone: see python scripts/benchmark.py --help."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from texnet.cli.benchmark import main

if __name__ == "__main__":  # processes that measure memory import this file once more
    main()
