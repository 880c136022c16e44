"""Where charts and maps are drawn: one font, one style, the same bytes each time, and no state that others see."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from parkgeo.report.palette import INK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure

    from parkgeo.report.fonts import Font

__all__ = ["Ink", "Studio"]

_CM = 1 / 2.54
_PIXELS_PER_INCH = 200
_LOCK = threading.RLock()
"""The drawing library's settings are one for the process; one drawing at a time."""


class Studio:
    """Draws with one font.

    Parameters
    ----------
    font
        Of all texts in drawings.
    """

    def __init__(self, font: Font) -> None:
        from matplotlib import font_manager

        self._names = ["DejaVu Sans"]
        if font.path is not None:
            manager = font_manager.fontManager
            if font.family not in {entry.name for entry in manager.ttflist}:
                manager.addfont(str(font.path))
            known = {entry.name for entry in manager.ttflist}
            name = font_manager.FontProperties(fname=str(font.path)).get_name()
            self._names = [font.family if font.family in known else name, "DejaVu Sans"]

    @contextlib.contextmanager
    def style(self) -> Iterator[None]:
        """The settings under which all is drawn and written."""
        import matplotlib as mpl

        settings: dict[Any, Any] = {
            "font.family": self._names, "font.size": 8.0, "text.parse_math": False, "text.usetex": False,
            "axes.unicode_minus": False, "axes.edgecolor": INK["rule"], "axes.labelcolor": INK["quiet"], "axes.linewidth": 0.6,
            "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 8.5, "axes.titlelocation": "left",
            "axes.axisbelow": True, "xtick.color": INK["quiet"], "ytick.color": INK["quiet"], "text.color": INK["text"],
            "grid.color": "#E3E8EC", "grid.linewidth": 0.5, "legend.frameon": False, "hatch.linewidth": 0.5,
            "svg.hashsalt": "parkgeo", "svg.fonttype": "path", "path.simplify": True, "figure.facecolor": "white",
        }  # fmt: skip
        with _LOCK, mpl.rc_context(settings), warnings.catch_warnings(), _quiet_fonts():
            # A character that no font here has is drawn as a frame; in a label of a chart that is no ground to stop.
            warnings.filterwarnings("ignore", message="Glyph")
            warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
            yield

    def draw(
        self, width_cm: float, height_cm: float, paint: Callable[[Figure], None], *, placed: bool = False
    ) -> Ink:
        """A drawing of a size, painted when it is first needed.

        Parameters
        ----------
        width_cm, height_cm
            Size on paper.
        paint
            Puts axes and marks on an empty figure.
        placed
            Whether it says itself where its axes lie, so that no layout has to be looked for.
        """
        return Ink(self, width_cm, height_cm, paint, placed=placed)


class Ink:
    """A drawing; see `parkgeo.report.document.Drawing`."""

    def __init__(
        self,
        studio: Studio,
        width_cm: float,
        height_cm: float,
        paint: Callable[[Figure], None],
        *,
        placed: bool,
    ) -> None:
        self._studio = studio
        self.width_cm = width_cm
        self.height_cm = height_cm
        self._paint = paint
        self._placed = placed

    @cached_property
    def _figure(self) -> Any:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        layout: Literal["constrained"] | None = None if self._placed else "constrained"
        figure = Figure(figsize=(self.width_cm * _CM, self.height_cm * _CM), layout=layout)
        FigureCanvasAgg(figure)
        self._paint(figure)
        if not self._placed:
            # The layout is found once; with an engine, even the empty one that "none" leaves here, each writing would
            # draw everything twice to find it anew.
            figure.draw_without_rendering()
            figure.set_layout_engine(None)
        return figure

    def svg(self) -> bytes:
        """As vectors, texts as outlines, so that it looks alike everywhere."""
        return self._written("svg", {"Date": None, "Creator": "parkgeo"})

    def png(self) -> bytes:
        """As pixels, fit for print."""
        return self._written("png", {"Software": None})

    def _written(self, kind: str, metadata: dict[str, Any]) -> bytes:
        beside = io.BytesIO()
        with self._studio.style():
            self._figure.savefig(beside, format=kind, dpi=_PIXELS_PER_INCH, metadata=metadata)
        return beside.getvalue()


@contextlib.contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Many a Chinese font has one cut only, and not the one called normal; that it is taken need not be told."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
