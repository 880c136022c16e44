"""The service's addresses as methods."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from parkgeo.client.choice import Choice, crs_address, read_choice
from parkgeo.client.frames import build_frame
from parkgeo.client.jobs import Job
from parkgeo.client.pages import Page, read_pages
from parkgeo.client.siting import Siting
from parkgeo.client.wire import Wire
from parkgeo.errors import InputError
from parkgeo.files import publish_file

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    import geopandas as gpd
    import httpx
    import pandas as pd

__all__ = ["Client"]

_PAGE = 1_000
_FRAME_PAGE = 10_000
_SENT_AT_ONCE = 1 << 20


class Client(Siting):
    """A service of parkgeo.

    Parameters
    ----------
    url
        Its address, with the path that a proxy adds if there is one.
    key
        A key, sent as ``Authorization: Bearer`` and to this address only.
    timeout
        Seconds to wait for a connection, and for each part of an answer.
    lang
        ``zh`` or ``en``: language of titles and sentences; None leaves it to the service.
    snapshot
        Name of an earlier snapshot to read; None reads the live one.
    retries
        How often a request is sent again that the service put off (429 or 503 with Retry-After).
    longest_wait
        Seconds; a request that is put off for longer is refused instead.
    transport
        Another way to the service than the network, for tests.

    Examples
    --------
    >>> with Client("http://127.0.0.1:8000") as client:  # doctest: +SKIP
    ...     idle = client.frame("parcels", filter="idle = 'yes'", properties=["parcel_id", "idle_since"])
    >>> list(idle.columns)  # doctest: +SKIP
    ['parcel_id', 'idle_since', 'geometry']
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        lang: str | None = None,
        snapshot: str | None = None,
        retries: int = 4,
        longest_wait: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._wire = Wire(
            url,
            key=key,
            lang=lang,
            timeout=timeout,
            retries=retries,
            longest_wait=longest_wait,
            transport=transport,
        )
        self._root = ("snapshots", snapshot) if snapshot else ()

    @property
    def url(self) -> str:
        """Address of the service."""
        return self._wire.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    # What there is

    def collections(self) -> dict[str, dict[str, Any]]:
        """Id → what the service says of each collection: title, extent, coordinate systems, number of features.

        Examples
        --------
        >>> client.collections()["parcels"]["itemCount"]  # doctest: +SKIP
        317
        """
        told = self._read("collections")
        return {str(one["id"]): one for one in told["collections"]}

    def schema(self, collection: str) -> dict[str, Any]:
        """Fields of a collection as JSON Schema: types, titles in both languages, units, formulas, codes.

        Examples
        --------
        >>> client.schema("parcels")["properties"]["site_area_m2"]["x-ogc-unit"]  # doctest: +SKIP
        'm2'
        """
        return self._read("collections", collection, "schema")

    def snapshots(self) -> list[dict[str, Any]]:
        """Snapshots that the service has: names, days, which is live.

        Examples
        --------
        >>> [one["live"] for one in client.snapshots()]  # doctest: +SKIP
        [True]
        """
        return list(self._wire.read("snapshots")["snapshots"])

    # Features

    def items(
        self,
        collection: str,
        *,
        crs: int | str | None = None,
        limit: int | None = None,
        page_size: int = _PAGE,
        **choice: Unpack[Choice],
    ) -> Iterator[Page]:
        """Features of a collection, page by page, all of one snapshot.

        Parameters
        ----------
        collection
            Its id.
        crs
            System of the coordinates: an EPSG number, or an address; None is longitude and latitude (CRS84). The order of
            axes is the one that its authority states: north first in 4326, 4490 and Chinese zones.
        limit
            Most features in all.
        page_size
            Most features a page, up to 10 000.
        choice
            Which, and in which order; see `Choice`.

        Raises
        ------
        ClientError
            The service refused, or no longer keeps the snapshot.

        Examples
        --------
        >>> pages = client.items("parcels", filter="site_area_m2 > 50000", page_size=100)  # doctest: +SKIP
        >>> sum(len(page.features) for page in pages) > 0  # doctest: +SKIP
        True
        """
        query = {**read_choice(choice), **({} if crs is None else {"crs": crs_address(crs)})}
        path = (*self._root, "collections", collection, "items")
        return read_pages(self._wire, path, query, page_size=page_size, limit=limit)

    def frame(
        self,
        collection: str,
        *,
        crs: int | str | None = None,
        limit: int | None = None,
        page_size: int = _FRAME_PAGE,
        **choice: Unpack[Choice],
    ) -> pd.DataFrame | gpd.GeoDataFrame:
        """Features of a collection as a table, typed by its schema; needs geopandas.

        Parameters
        ----------
        collection, limit, page_size, choice
            As in `items`.
        crs
            As in `items`; in the table x is east and y north in every system.

        Returns
        -------
        geopandas.GeoDataFrame or pandas.DataFrame
            One row a feature, its id as the index; a plain table where the collection has no geometry.

        Examples
        --------
        >>> parcels = client.frame("parcels", equal={"idle": "yes"}, crs=4528)  # doctest: +SKIP
        >>> parcels.crs.to_epsg(), len(parcels)  # doctest: +SKIP
        (4528, 14)
        """
        pages = self.items(collection, crs=crs, limit=limit, page_size=page_size, **choice)
        features = (feature for page in pages for feature in page.features)
        system = None if crs is None else crs_address(crs)
        return build_frame(features, self.schema(collection), crs=system, properties=choice.get("properties"))

    def item(self, collection: str, name: str, *, crs: int | str | None = None) -> dict[str, Any]:
        """One feature by its id, as GeoJSON.

        Examples
        --------
        >>> client.item("parks", "YTLG01")["geometry"]["type"]  # doctest: +SKIP
        'MultiPolygon'
        """
        query = {} if crs is None else {"crs": crs_address(crs)}
        return self._read("collections", collection, "items", name, query=query)

    # Records

    def parcel(self, name: str) -> dict[str, Any]:
        """All that the snapshot says of a parcel: its dossier.

        Examples
        --------
        >>> dossier = client.parcel("330599001001GB00001")  # doctest: +SKIP
        """
        return self._read("parcels", name)

    def park(self, name: str) -> dict[str, Any]:
        """The indicators of a park, with benchmark and source.

        Examples
        --------
        >>> park = client.park("YTLG01")  # doctest: +SKIP
        """
        return self._read("parks", name)

    def findings(self, **choice: Unpack[Choice]) -> dict[str, Any]:
        """What was found: how many and how much land, by kind and verdict.

        Examples
        --------
        >>> found = client.findings(filter="verdict = 'yes'")  # doctest: +SKIP
        """
        return self._read("findings", query=read_choice(choice))

    def search(self, text: str) -> dict[str, Any]:
        """Parcels and companies by a part of their id or name.

        Examples
        --------
        >>> found = client.search("GB00001")  # doctest: +SKIP
        """
        return self._read("search", query={"q": text})

    def export(self, collection: str, form: str, path: Path | str, **choice: Unpack[Choice]) -> Path:
        """Write a collection, or what is chosen of it, to a file.

        Parameters
        ----------
        collection
            Its id; ``snapshot`` (gpkg, pmtiles) is everything, ``register`` (xlsx) the register of idle land.
        form
            ``gpkg``, ``xlsx``, ``csv``, ``geojson`` or ``parquet``.
        path
            Where to; it is written beside and put in its place when it is whole.
        choice
            Which features, and in which order; see `Choice`.

        Raises
        ------
        ClientError
            The service refused, or the file broke off.
        StoreError
            The place cannot be written.

        Examples
        --------
        >>> file = client.export("parcels", "csv", "idle.csv", equal={"idle": "yes"})  # doctest: +SKIP
        >>> file.name  # doctest: +SKIP
        'idle.csv'
        """
        place = Path(path)
        parts = (*self._root, "exports", f"{collection}.{form}")
        with (
            self._wire.open(*parts, query=read_choice(choice)) as response,
            publish_file(place) as beside,
            beside.open("wb") as file,
        ):
            self._wire.pour(response, file.write, f"GET /{'/'.join(parts)}")
        return place

    # Work

    def upload(
        self,
        archive: Path | str,
        *,
        check: bool = False,
        as_of: dt.date | str | None = None,
        accept_guess: bool = False,
    ) -> Job:
        """Send a project as a zip, to be checked, analysed and published as the next snapshot; needs a key that may write.

        Parameters
        ----------
        archive
            A zip with the park's files, with or without a park.toml.
        check
            Only check the files and publish nothing.
        as_of
            Day of the analysis; None leaves it to park.toml.
        accept_guess
            Without a park.toml: analyse with the one that was guessed even where that is not sure.

        Examples
        --------
        >>> job = client.upload("office.zip", check=True)  # doctest: +SKIP
        >>> job.wait().state  # doctest: +SKIP
        'done'
        """
        file = Path(archive)
        if not file.is_file():
            raise InputError("there is no such file", where=str(archive), mend="name a zip of the project")
        query = {"name": file.name}
        query.update({"check": "true"} if check else {})
        query.update({"as_of": str(as_of)} if as_of is not None else {})
        query.update({"accept": "guess"} if accept_guess else {})
        headers = {"Content-Type": "application/zip", "Content-Length": str(file.stat().st_size)}
        told = self._wire.read(
            "uploads", query=query, method="POST", headers=headers, body=lambda: _pieces(file)
        )
        return Job(self._wire, told)

    def scenario(self, changes: Mapping[str, Any] | Path | str) -> Job:
        """Ask what would differ if roads, mains or facilities were other than they are; needs a key that may write.

        Parameters
        ----------
        changes
            A GeoJSON collection of changes, or a file that holds one.

        Examples
        --------
        >>> job = client.scenario("changes.geojson").wait()  # doctest: +SKIP
        """
        told = (
            Path(changes).read_bytes() if isinstance(changes, (str, Path)) else json.dumps(changes).encode()
        )
        headers = {"Content-Type": "application/geo+json"}
        return Job(
            self._wire,
            self._wire.read("scenarios", method="POST", headers=headers, body=lambda: told),
        )

    def scenario_result(self, job: Job | str) -> dict[str, Any]:
        """What would differ, per parcel and park, once the job is done."""
        return self._wire.read("scenarios", job.id if isinstance(job, Job) else job)

    def jobs(self) -> list[Job]:
        """Jobs that the service knows of."""
        return [Job(self._wire, told) for told in self._wire.read("jobs")["jobs"]]

    def job(self, name: str) -> Job:
        """A job by its id, in any later session."""
        return Job(self._wire, self._wire.read("jobs", name))

    def _read(self, *parts: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._wire.read(*self._root, *parts, query=query)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(_SENT_AT_ONCE):
            yield piece
