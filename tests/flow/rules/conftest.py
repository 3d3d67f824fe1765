"""Makes the oracle importable as tests.unit.rules.oracle, also from the flow tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
