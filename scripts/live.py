"""texnet live, from a plain clone: see python scripts/live.py --help."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from texnet.cli.live import main

main()
