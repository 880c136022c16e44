"""``python -m parkgeo``, where the command is not on the path."""

from __future__ import annotations

from parkgeo.cli import main

if __name__ == "__main__":
    main()
