"""Walking reach: what can be reached on foot from where, what changes when something opens or closes, and where something should go."""

import os
from pathlib import Path

from linli.reach.compiling import keep_somewhere

keep_somewhere(os.environ, Path(__file__).parent)
