"""How well the land is connected, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out, print_whole
from parkgeo.i18n import say
from parkgeo.report.access_facts import TRAVEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from parkgeo.store import Snapshot

__all__ = ["print_access", "print_parcel_access", "print_remarks"]

_SHOWN = 20


def print_access(told: Mapping[str, Any], snapshot: Snapshot, lang: str) -> None:
    """Print network, minutes, services, score and the links that matter."""
    console = out()
    console.print()
    console.print(f"{told['park']}  ·  {told['as_of']}", style="bold", soft_wrap=True)
    if told["network"] is None and not told["minutes"]:
        console.print(
            say("This snapshot holds no travel times: analyse the park again with this version.", lang)
        )
        return
    words = _Words(snapshot, lang)
    _print_network(console, told, words)
    # Without roads one line has said it all: no kind of facility has minutes.
    if told["network"] is not None:
        _print_minutes(console, told["minutes"], words)
    _print_score(console, told["score"], lang)
    _print_services(console, told["services"], words)
    _print_links(console, told["links"], words)


class _Words:
    """Codes of one snapshot as words of one language."""

    def __init__(self, snapshot: Snapshot, lang: str) -> None:
        self.snapshot = snapshot
        self.lang = lang

    def code(self, table: str, column: str, code: object) -> str:
        from parkgeo.report.words import code_word

        known = self.snapshot.field(table, column).get("codes") or {}
        return code_word(str(code), self.lang, known=known)

    def facility(self, kind: object) -> str:
        return self.code("facilities", "kind", kind)

    def service(self, kind: object) -> str:
        return self.code("services", "kind", kind).lower()

    def say(self, sentence: str, **values: object) -> str:
        return say(sentence, self.lang, **values)

    def number(self, value: float | None, digits: int = 1) -> str:
        """With just so many decimals, as in a column of figures."""
        return "—" if value is None else f"{value:,.{digits}f}"

    def listed(self, parts: Sequence[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def list(self, parts: Sequence[str]) -> str:
        return ("；" if self.lang == "zh" else "; ").join(parts)


def _table(titles: Sequence[str], right: Sequence[int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold", no_wrap=at == 0)
    return table


def _print_network(console: Console, told: Mapping[str, Any], words: _Words) -> None:
    network = told["network"]
    if network is None:
        console.print(
            words.say("There are no roads: travel times and frontage are not known."), soft_wrap=True
        )
        return
    console.print(
        words.say(
            "Road network: {nodes} nodes, {edges} edges, {km} km",
            nodes=words.number(network["nodes"], 0), edges=words.number(network["edges"], 0), km=words.number(network["km"]),
        ),
        style="bold",
    )  # fmt: skip
    parts = [
        words.say("{part} {km} km", part=words.code("network_edges", "part", part["part"]), km=words.number(part["km"]))
        for part in network["parts"]
    ]  # fmt: skip
    console.print(words.list(parts), soft_wrap=True)
    seen = [
        f"{words.code('network_report', 'kind', kind)} {count}" for kind, count in network["report"].items()
    ]
    if seen:
        console.print(words.say("To be looked at: {seen}", seen=words.list(seen)), soft_wrap=True)
    console.print(
        words.say(
            "Gates: {given} given, {assumed} assumed along the frontage; parcels without: {without}",
            given=network["gates_given"], assumed=network["gates_assumed"],
            without="—" if network["parcels_without_gate"] is None else network["parcels_without_gate"],
        ),
        soft_wrap=True,
    )  # fmt: skip
    console.print()


def _print_minutes(console: Console, rows: Sequence[Mapping[str, Any]], words: _Words) -> None:
    if not rows:
        return
    console.print(words.say("Minutes from the parcels to the nearest"), style="bold")
    titles = ("Facility", "Travel", "Least", "Median", "Most", "Parcels without")
    table = _table([words.say(title) for title in titles], (2, 3, 4, 5))
    for row in sorted(rows, key=lambda row: not row["gateway"]):
        table.add_row(
            words.facility(row["kind"]),
            words.say(TRAVEL[row["mode"]]),
            *(words.number(row[name]) for name in ("least", "median", "most")),
            str(row["unknown"]),
        )
    print_whole(table)
    _print_reasons(console, rows, words)


def _print_reasons(console: Console, rows: Sequence[Mapping[str, Any]], words: _Words) -> None:
    """Why parcels lack minutes; a way of travel is named alone where the reason is that of all its kinds."""
    reasons: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        for reason in row["reasons"]:
            told = f"{reason[words.lang]} ({words.say('{count} parcels', count=reason['parcels'])})"
            reasons.setdefault(told, {}).setdefault(row["mode"], []).append(words.facility(row["kind"]))
    every = {mode: sum(row["mode"] == mode for row in rows) for mode in TRAVEL}
    for reason, modes in reasons.items():
        about = [
            words.say(TRAVEL[mode]) + ("" if len(kinds) == every[mode] else f" ({words.listed(kinds)})")
            for mode, kinds in modes.items()
        ]
        console.print(f"{words.list(about)}: {reason}", soft_wrap=True)
    if reasons:
        console.print()


def _print_score(console: Console, score: Mapping[str, Any], lang: str) -> None:
    if not score["known"]:
        if score["unknown"]:
            console.print(say("Access score: of no parcel, since something it needs is missing.", lang))
            console.print()
        return
    console.print(
        say(
            "Access score, of 100: least {least}, median {median}, most {most}; without a score: {unknown}", lang,
            **{name: f"{score[name]:.1f}" for name in ("least", "median", "most")}, unknown=score["unknown"],
        ),
        soft_wrap=True,
    )  # fmt: skip
    console.print()


def _print_services(console: Console, services: Mapping[str, Any] | None, words: _Words) -> None:
    if services is None:
        return
    console.print(words.snapshot.field("parcels", "services_ready")[words.lang], style="bold")
    spread = [
        words.say("{number}: {count} parcels", number=number, count=count)
        for number, count in services["ready"].items()
        if count
    ]
    if services["unknown"]:
        spread.append(words.say("not known: {count} parcels", count=services["unknown"]))
    console.print(words.list(spread), soft_wrap=True)
    titles = ("Service", "Ready", "Not ready", "Undetermined", "Share ready")
    table = _table([words.say(title) for title in titles], (1, 2, 3, 4))
    for row in services["kinds"]:
        share = "—" if row["share"] is None else f"{words.number(100 * row['share'])} %"
        table.add_row(
            words.service(row["kind"]),
            str(row["ready"]),
            str(row["not_ready"]),
            str(row["undetermined"]),
            share,
        )
    print_whole(table)
    if services["bottleneck"]:
        console.print(
            words.say("Bottleneck of the park: {kind}", kind=words.service(services["bottleneck"])),
            soft_wrap=True,
        )
    if services["one_away"]:
        named = [f"{words.service(kind)} {count}" for kind, count in services["one_away"].items()]
        console.print(words.say("Parcels one service away: {named}", named=words.list(named)), soft_wrap=True)
        listed = services["one_away_parcels"]
        shown = [f"{one['parcel_id']} ({words.service(one['kind'])})" for one in listed[:_SHOWN]]
        more = [words.say("and {count} more", count=len(listed) - _SHOWN)] if len(listed) > _SHOWN else []
        console.print("  " + words.list(shown + more), soft_wrap=True)
    console.print()


def _print_links(console: Console, links: Sequence[Mapping[str, Any]], words: _Words) -> None:
    if not links:
        return
    kinds = words.snapshot.catalogue.get("figures", {}).get("access.links_kinds", {}).get("value") or []
    console.print(words.say("Road segments whose closure costs most"), style="bold")
    console.print(
        words.say(
            "On the ways by car to the nearest: {kinds}. Cut off: from one of them or more; minutes lost are those of the others.",
            kinds=words.listed([words.facility(kind) for kind in kinds]),
        ),
        soft_wrap=True,
    )
    titles = ("Road", "Name", "Parcels slower", "Parcels cut off", "Minutes lost")
    table = _table([words.say(title) for title in titles], (2, 3, 4))
    for link in links:
        table.add_row(
            str(link.get("road_id") or "—"),
            link["name"] or "—",
            words.number(link.get("parcels_slower"), 0),
            words.number(link.get("parcels_cut_off"), 0),
            words.number(link.get("minutes_lost")),
        )
    print_whole(table)


def print_remarks(remarks: Sequence[Mapping[str, Any]], snapshot: Snapshot, lang: str) -> None:
    """Print what is wrong with the road network, with where it is."""
    words = _Words(snapshot, lang)
    if not remarks:
        out().print(words.say("Nothing of the road network is to be looked at."))
        return
    titles = ("What", "Road", "Other road", "Value", "Longitude, latitude")
    table = _table([words.say(title) for title in titles], (3,))
    for row in remarks:
        value = "—" if row["value"] is None else f"{words.number(row['value'], 2)} {row['unit'] or ''}"
        table.add_row(
            words.code("network_report", "kind", row["kind"]), str(row["road_id"] or "—"), str(row["other_road_id"] or "—"),
            value.rstrip(), f"{row['longitude']:.6f}, {row['latitude']:.6f}",
        )  # fmt: skip
    print_whole(table)


def print_parcel_access(
    told: Mapping[str, Any], snapshot: Snapshot, lang: str, *, nearest: bool = False
) -> None:
    """Print one parcel's ways, of each kind all that are listed or only the nearest, its score and services."""
    console, words = out(), _Words(snapshot, lang)
    if not told["ways"] and not told["services"]:
        return
    console.print()
    console.print(words.say("Accessibility and services"), style="bold")
    console.print(
        words.say(
            "Gates: {gates}; to the nearest road that it may open onto: {metres} m",
            gates=words.number(told["gates"], 0), metres=words.number(told["frontage_m"]),
        ),
        soft_wrap=True,
    )  # fmt: skip
    _print_ways([way for way in told["ways"] if way["rank"] == 1 or not nearest], words)
    for asks in dict.fromkeys(ask for field in told["asks"].values() for ask in field[lang]):
        console.print(asks, soft_wrap=True)
    _print_points(console, told, words)
    _print_mains(console, told, words)


def _print_ways(ways: Sequence[Mapping[str, Any]], words: _Words) -> None:
    if not ways:
        return
    titles = ("Facility", "Travel", "Nearest", "Minutes", "km")
    table = _table([words.say(title) for title in titles], (3, 4))
    for way in ways:
        named = way["name"] or way["facility_id"] or "—"
        table.add_row(
            words.facility(way["kind"]), words.say(TRAVEL.get(way["mode"], way["mode"])),
            named if way["rank"] == 1 else f"{way['rank']:.0f}. {named}",
            words.number(way["minutes"]), words.number(way["km"]),
        )  # fmt: skip
    print_whole(table)


def _print_points(console: Console, told: Mapping[str, Any], words: _Words) -> None:
    if not told["points"]:
        return
    console.print(words.say("Access score: {score} of 100", score=words.number(told["score"])), style="bold")
    titles = ("Measure", "Value", "Full points at", "No points at", "Weight", "Points")
    table = _table([words.say(title) for title in titles], (1, 2, 3, 4, 5))
    for row in told["points"]:
        title = words.snapshot.field("parcels", str(row["metric"]))[words.lang]
        numbers = (words.number(row[name]) for name in ("value", "ideal", "worst", "weight", "points"))
        table.add_row(title, *numbers)
    print_whole(table)


def _print_mains(console: Console, told: Mapping[str, Any], words: _Words) -> None:
    if not told["services"]:
        return
    ready = words.number(told["services_ready"], 0)
    console.print(words.say("Services ready: {ready} of 7", ready=ready), style="bold")
    titles = ("Service", "Ready", "Distance (m)", "Limit (m)", "Nearest main", "Note")
    table = _table([words.say(title) for title in titles], (2, 3))
    for row in told["services"]:
        table.add_row(
            words.service(row["kind"]),
            words.say(str(row["ready"])) if row["ready"] else "—",
            words.number(row["distance_m"]), words.number(row["limit_m"]),
            str(row["utility_id"] or "—"), row.get(f"note_{words.lang}") or "",
        )  # fmt: skip
    print_whole(table)
