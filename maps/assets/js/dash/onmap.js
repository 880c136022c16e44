/* What happens on the map, told to the dashboard; and the map set as the dashboard says.
 *
 * On the dashboard a parcel is shown in the panel, not in a pop-up, and an area that was drawn is one of the filters.
 */
(function (parkgeo) {
  "use strict";

  /** The map's own doings, each followed or replaced by the dashboard's. */
  function tieToMap(dashboard) {
    const { page } = dashboard;
    const before = Object.fromEntries(["speak", "recolour", "chooseMap", "layersChanged", "closed", "selected"].map((name) => [name, page[name].bind(page)]));
    Object.assign(page, {
      speak() {
        before.speak();
        dashboard.tell("language");
        dashboard.state.write();
      },
      async recolour(...given) {
        await before.recolour(...given);
        dashboard.rail.mark();
        dashboard.state.write();
      },
      async chooseMap(chosen) {
        await before.chooseMap(chosen);
        dashboard.rail.mark();
      },
      layersChanged(uncovered) {
        before.layersChanged(uncovered);
        dashboard.state.write();
      },
      closed(popup) {
        before.closed(popup);
        page.layers.stage.choose(page.layers.parcels, dashboard.parcel);
      },
      async selectParcel(row) {
        page.map.closePopup();
        dashboard.choose(row, { from: "map" });
        return true;
      },
      async goTo(row) {
        const corners = await page.view.bounds(row);
        if (corners) {
          page.map.fitBounds(corners, { maxZoom: 16, animate: false });
        }
        dashboard.choose(row, { from: "search" });
      },
      // Called by the sketch: the areas that are ticked there are a condition like the others.
      selected() {
        page.view.mask("sketch", null);
        dashboard.filters.drawn(page.sketch.kept.filter((one) => one.selected).map(({ places }) => places));
      },
    });
    // The service says which parcels lie in an area: of the very shapes that a download would choose from.
    page.view.within = async (ring) => dashboard.filters.areas.rows(ring.map(([x, y]) => parkgeo.toLatLng(x, y)));
    dashboard.listen("selection", () => before.selected());
    dashboard.main.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !page.open && !page.sketch.active) {
        dashboard.choose(-1);
      }
    });
    new ResizeObserver(() => page.map.invalidateSize({ animate: false })).observe(dashboard.main);
  }

  /** Colour and layers as a link says; what this snapshot does not have stays as it is. */
  async function colourAs({ page, rail, words }, { colour, question, layers }) {
    const { colours, view } = page;
    const map = view.maps.find((one) => one.id === question);
    if (map) {
      colours.asked = map;
    }
    if (layers !== null || map) {
      page.layers.setOn(layers === null ? map.layers : layers.split(","));
    }
    if (colour && (colour === parkgeo.OUTLINE || view.colouring(colour))) {
      await colours.choose(colour).catch((error) => page.failed(words.say("colour_failed", { reason: error.message })));
    }
    page.layers.recolour();
    rail.mark();
  }

  Object.assign(parkgeo, { tieToMap, colourAs });
})((window.parkgeo = window.parkgeo || {}));
