"""What a job's steps are called."""

from __future__ import annotations

from parkgeo.i18n import LANGUAGES, say
from parkgeo.layers import schemas, sentence

__all__ = ["step_title"]

_STEPS = {
    "unpack": sentence("Unpacking the archive"),
    "guess": sentence("Guessing which file is what"),
    "imagery": sentence("Looking at images and terrain"),
    "dem": sentence("Looking at images and terrain"),
    "analysis": sentence("Analysing"),
    "snapshot": sentence("Publishing the snapshot"),
    "database": sentence("Publishing to the database"),
    "read": sentence("Reading the changes"),
    "compare": sentence("Comparing before and after"),
}


def step_title(step: str) -> dict[str, str]:
    """A step in both languages; the reading of a layer is called by the layer.

    Examples
    --------
    >>> step_title("analysis")["en"]
    'Analysing'
    """
    if step in _STEPS:
        return {lang: _STEPS[step].speak(lang) for lang in LANGUAGES}
    layer = schemas().get(step)
    named = {"zh": step, "en": step} if layer is None else {"zh": layer.zh, "en": layer.en}
    return {lang: say("Reading: {layer}", lang, layer=named[lang]) for lang in LANGUAGES}
