"""Text messages written to a file, one JSON object a line: for a demo, for tests, and where the city has no gateway yet.

The file holds numbers and texts in clear, so only the service's own account may read it.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from linli.kernel import clock
from linli.notices.ports import Message, NotSent


class SmsFile:
    """Appends each message whole and on disk before it counts as sent; several processes may write at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: Message) -> str:
        """Append the message. A disk that is full or a folder that is gone: surely not sent."""
        line = {"at": clock.now().isoformat(), "to": message.to, "text": message.text, "reference": message.reference}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise _not_written(error) from None
        with os.fdopen(descriptor, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return ""


def _not_written(error: OSError) -> NotSent:
    return NotSent(
        "sms.no_file",
        zh="短信文件不能写入",
        en="The file for text messages can't be written.",
        found=error.strerror or type(error).__name__,
        again=True,
    )
