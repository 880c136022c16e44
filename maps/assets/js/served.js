/* Opens the pages of the service: asks for their data at addresses beside their own and starts the map. */
(function (parkgeo) {
  "use strict";

  /** The service's root as a page reaches it, whether the page stands there or under a snapshot's name. */
  const ROOT = /\/snapshots\/[^/]+\/[^/]+$/.test(window.location.pathname) ? "../../" : "";

  /** What a browser says of a service that does not answer is in its own language: it is said in the reader's. */
  async function reach(address, options) {
    try {
      return await fetch(address, options);
    } catch (error) {
      if (!(error instanceof TypeError) || !parkgeo.page) {
        throw error;
      }
      throw new Error(parkgeo.page.words.say("no_service"), { cause: error });
    }
  }

  async function read(path) {
    const answer = await reach(path, { headers: { Accept: "application/octet-stream" } });
    if (!answer.ok) {
      const error = new Error(`${answer.status} ${path}`);
      error.status = answer.status;
      throw error;
    }
    return parkgeo.unpack(await answer.arrayBuffer());
  }

  /** What the service has and a page asks for as it needs it, all of one snapshot whichever becomes the live one. */
  class ServedSource extends parkgeo.PortableSource {
    constructor(data) {
      super(data);
      this.address = `${ROOT}snapshots/${encodeURIComponent(data.meta.name)}/view`;
      this.tables = new Map();
      this.packed = new Map();
      this.asked = new Map();
    }

    /** Asked for once; what failed may be asked for again. */
    once(path) {
      if (!this.asked.has(path)) {
        const asked = read(`${this.address}/${path}`);
        this.asked.set(path, asked);
        asked.catch(() => this.asked.delete(path));
      }
      return this.asked.get(path);
    }

    async column(name) {
      const here = this.own(name);
      if (here) {
        return here;
      }
      try {
        return await this.once(`columns/${encodeURIComponent(name)}`);
      } catch (error) {
        if (error.status === 404) {
          return null;
        }
        throw error;
      }
    }

    async classes(key) {
      return (await this.once(`colourings/${encodeURIComponent(key)}`)).of;
    }

    /* shapes */

    tiles(id) {
      const layer = this.layers.get(id);
      if (layer && layer.shapes) {
        return super.tiles(id);
      }
      const table = this.tableOf(id);
      return { tile: (tile, margin) => (table ? this.table(table).tile(tile, margin, layer && layer.number) : this.derived(id, tile, margin)) };
    }

    /** The table whose tiles a layer is on; of a layer that is derived for the map none. */
    tableOf(id) {
      return id === "parcels" ? id : this.layers.get(id).tiles;
    }

    table(name) {
      if (!this.tables.has(name)) {
        this.tables.set(name, new parkgeo.TableTiles(`${this.address}/tiles/${name}`));
      }
      return this.tables.get(name);
    }

    leave(id, tile) {
      const table = this.tableOf(id);
      if (table) {
        this.table(table).leave(tile);
      }
    }

    async derived(id, tile, margin) {
      const { shapes } = await this.once(`layers/${encodeURIComponent(id)}`);
      if (!this.packed.has(id)) {
        this.packed.set(id, new parkgeo.LocalTiles(parkgeo.readShapes(shapes), this.data.origin));
      }
      return this.packed.get(id).tile(tile, margin);
    }

    /* facts */

    async facts(row) {
      return new parkgeo.PortableSource(await this.once(`rows/parcels/${row}`)).facts(0);
    }

    async layerFacts(id, row) {
      if (this.layers.get(id).shapes) {
        return super.layerFacts(id, row); // it came with the page, whole
      }
      const table = this.tableOf(id);
      const layer = table ? await this.once(`rows/${table}/${row}`) : await this.once(`layers/${encodeURIComponent(id)}`);
      const one = new parkgeo.PortableSource({ ...this.data, layers: [{ ...layer, id }] });
      return one.layerFacts(id, table ? 0 : row);
    }

    /* places */

    async box(row) {
      const { boxes } = await this.once("places");
      const box = boxes.subarray(4 * row, 4 * row + 4);
      return box[0] === parkgeo.NOWHERE ? null : [...box].map((edge, place) => edge + this.data.origin[place % 2]);
    }

    async within(ring) {
      const { middles } = await this.once("places");
      const [x0, y0] = this.data.origin;
      const line = ring.map(([x, y]) => [x - x0, y - y0]);
      const found = [];
      for (let row = 0; row < this.data.parcels.count; row += 1) {
        const [x, y] = [middles[2 * row], middles[2 * row + 1]];
        if (x !== parkgeo.NOWHERE && parkgeo.inRing(line, x, y)) {
          found.push(row);
        }
      }
      return found;
    }

    async outlines() {
      const { boxes } = await this.once("places");
      const kinds = Uint8Array.from({ length: boxes.length / 4 }, (_, row) => (boxes[4 * row] === parkgeo.NOWHERE ? parkgeo.NOTHING : parkgeo.POLYGON));
      return { parcels: { shapes: { boxes, kinds }, origin: this.data.origin }, parks: this.layers.has("parks") ? this.tiles("parks") : null };
    }
  }

  async function serveMap(map, lang) {
    const data = await read("view");
    const page = new parkgeo.ParkMap(map, new parkgeo.View(data, new ServedSource(data)), new parkgeo.Words({ ...data, lang }));
    parkgeo.page = page;
    page.layers.basemaps = await parkgeo.offerBasemaps(map, page.words, ROOT);
    page.layers.stage.on("lost", () => sayLost(page));
    page.failed = (text) => sayFailed(page, text);
    keepColour(page);
    sayUnknown(page);
    parkgeo.leadOn(page, "dashboard", "to_dashboard");
    await page.run();
    return page;
  }

  /** A way to another page of the service, in the head of this one. */
  function leadOn(page, path, key) {
    const fill = page.fillHead.bind(page);
    page.leads = [[path, key]];
    page.fillHead = () => {
      fill();
      const links = page.leads.map(([to, name]) => {
        const link = parkgeo.element("a", "pg-button pg-lead-on", page.words.say(name));
        link.href = `${to}?lang=${page.words.lang}`;
        return link;
      });
      page.head.querySelector(".pg-tools").prepend(...links);
    };
  }

  /** A colouring that the service does not give: the one before stays, on the map, in the legend and in its list. */
  function keepColour(page) {
    const recolour = page.recolour.bind(page);
    page.recolour = async (...given) => {
      try {
        await recolour(...given);
      } catch (error) {
        page.legend.fill();
        page.ask();
        page.failed(page.words.say("colour_failed", { reason: error.message }));
      }
    };
  }

  /** What is known of a shape and the service does not give: said on the page, and what is open stays. */
  function sayUnknown(page) {
    for (const name of ["show", "refill"]) {
      const asked = page[name].bind(page);
      page[name] = async (...given) => {
        try {
          return await asked(...given);
        } catch (error) {
          page.failed(page.words.say("facts_failed", { reason: error.message }));
          return false;
        }
      };
    }
  }

  function sayFailed({ map }, text) {
    const old = map.getContainer().querySelector(".pg-failed");
    if (old) {
      old.remove();
    }
    const box = parkgeo.userText("div", "pg-panel pg-lost pg-failed", text);
    box.setAttribute("role", "alert");
    parkgeo.corner(map, box, "topleft");
  }

  /** Part of the map is missing: say so, and ask for it again when the reader wants it. */
  function sayLost({ map, words, layers }) {
    if (map.getContainer().querySelector(".pg-lost")) {
      return;
    }
    const box = parkgeo.element("div", "pg-panel pg-lost");
    box.setAttribute("role", "status");
    const again = parkgeo.button("pg-button", words.say("ask_again"), () => {
      box.remove();
      layers.stage.repaint();
    });
    again.textContent = words.say("ask_again");
    box.append(parkgeo.element("span", "", words.say("tiles_lost")), again);
    parkgeo.corner(map, box, "topleft");
  }

  async function serveDashboard(map, lang) {
    const page = await serveMap(map, lang);
    page.leads = [[`${ROOT}${ROOT ? `snapshots/${encodeURIComponent(page.view.meta.name)}` : "./"}`, "to_start"], ["map", "map"]];
    page.failed = (text) => parkgeo.dashboard.notice(text, { error: true });
    page.fillHead();
    parkgeo.dashboard = new parkgeo.Dashboard(page);
    await parkgeo.dashboard.run();
  }

  Object.assign(parkgeo, { ROOT, NOWHERE: -2147483648, ServedSource, reach, leadOn, serveMap, serveDashboard });
})((window.parkgeo = window.parkgeo || {}));
