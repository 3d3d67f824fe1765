"""The one way in which bank files are refused."""

from functools import partial

from linli.kernel.errors import coded

refused = partial(coded, "settlement")
