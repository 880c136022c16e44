"""What the files of a folder are: the guesses behind ``parkgeo init``, each with how sure it is and why."""

from __future__ import annotations

from parkgeo.guess.document import write_document
from parkgeo.guess.draft import Draft, Entry, NotUsed
from parkgeo.guess.folder import guess_folder

__all__ = ["Draft", "Entry", "NotUsed", "guess_folder", "write_document"]
