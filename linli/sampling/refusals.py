"""The one way in which draws are refused."""

from functools import partial

from linli.kernel.errors import coded

refused = partial(coded, "sampling")
