"""texnet styles, from a plain clone: see python scripts/styles.py --help."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from texnet.cli.styles import main

main()
