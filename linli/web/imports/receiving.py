"""A body that is too large for any form is read past and not kept: neither in memory nor on the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from linli.registers.imports import shelf

ENVELOPE = 64 * 2**10
"""What a form around the file may take."""


class Bounded(FileUploadHandler):
    """Stands before the handlers that store files. A form that holds a file beyond the limit arrives without it."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:  # noqa: N803
        """Django's first word to a handler: how long the body says it is."""
        self._too_long = content_length > shelf.LARGEST + ENVELOPE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Skip the file of a body that is too long."""
        super().new_file(*args, **kwargs)
        if self._too_long:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand everything on to the handlers that store it."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """It stores nothing itself."""
        return
