"""Documents of a case: given as photos or scans, taken over from earlier, each checked by an officer before anything is paid."""

from linli.casework.documents.queries import unchecked, unchecked_among

__all__ = ["unchecked", "unchecked_among"]
