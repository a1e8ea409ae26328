"""texnet card, from a plain clone: see python scripts/card.py --help."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from texnet.cli.card import main

main()
