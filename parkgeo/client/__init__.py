"""The service from Python: collections as frames, dossiers, exports, uploads.

It speaks to any service of parkgeo over HTTP and needs neither the workspace nor, but for frames, geopandas. Install it with
``pip install "parkgeo[client]"``.

>>> from parkgeo.client import Client
>>> Client("http://127.0.0.1:8000/", key="a-key").url
'http://127.0.0.1:8000'
"""

from __future__ import annotations

from parkgeo.client.choice import Choice
from parkgeo.client.client import Client
from parkgeo.client.jobs import Event, Job
from parkgeo.client.pages import Page
from parkgeo.client.problems import ClientError

__all__ = ["Choice", "Client", "ClientError", "Event", "Job", "Page"]
