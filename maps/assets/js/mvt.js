/* Vector tiles of row numbers and shapes, asked for tile by tile and read into the arrays of shapes.js. */
(function (parkgeo) {
  "use strict";

  const EXTENT = 4096;
  const DEEPEST = 18; // finer levels enlarge its tiles: a unit is 3 cm
  const KEPT = 160;
  const TRIES_MS = [400, 2000]; // how long to wait before asking again
  const [MOVE, LINE_TO] = [1, 2];

  /** Numbers that grow, without an object for any of them. */
  class Run {
    constructor(type, length) {
      this.all = new type(length);
      this.length = 0;
    }

    push(value) {
      if (this.length === this.all.length) {
        const more = new this.all.constructor(2 * this.length + 64);
        more.set(this.all);
        this.all = more;
      }
      this.all[this.length] = value;
      this.length += 1;
    }

    get done() {
      return this.all.slice(0, this.length);
    }
  }

  /** One tile of one layer: shapes with the rows they belong to, and the class of each. */
  class TileReader {
    constructor(bytes) {
      const guess = bytes.byteLength / 16;
      this.kinds = new Run(Uint8Array, guess);
      this.rows = new Run(Uint32Array, guess);
      this.first = new Run(Uint32Array, guess + 1);
      this.start = new Run(Uint32Array, guess + 1);
      this.xy = new Run(Int32Array, bytes.byteLength);
      this.places = new Run(Uint8Array, guess);
      this.classes = [];
      new Pbf(bytes).readFields((tag, _, pbf) => tag === 3 && pbf.readMessage((...field) => this.layer(...field), null));
      this.first.push(this.start.length);
      this.start.push(this.xy.length / 2);
    }

    layer(tag, _, pbf) {
      if (tag === 2) {
        this.feature(pbf, pbf.readVarint() + pbf.pos);
      } else if (tag === 4) {
        pbf.readMessage((kind, __, value) => kind === 6 && this.classes.push(value.readSVarint()), null);
      }
    }

    feature(pbf, end) {
      let [row, kind, place] = [0, 0, 255];
      this.first.push(this.start.length);
      while (pbf.pos < end) {
        const tag = pbf.readVarint() >> 3;
        if (tag === 1) {
          row = pbf.readVarint();
        } else if (tag === 2) {
          const last = pbf.readVarint() + pbf.pos;
          while (pbf.pos < last) {
            pbf.readVarint();
            place = pbf.readVarint();
          }
        } else if (tag === 3) {
          kind = pbf.readVarint() - 1;
        } else {
          this.geometry(pbf, pbf.readVarint() + pbf.pos);
        }
      }
      this.kinds.push(kind);
      this.rows.push(row);
      this.places.push(place);
    }

    geometry(pbf, end) {
      let [x, y] = [0, 0];
      while (pbf.pos < end) {
        const command = pbf.readVarint();
        if ((command & 7) === MOVE) {
          this.start.push(this.xy.length / 2);
        }
        if ((command & 7) === MOVE || (command & 7) === LINE_TO) {
          for (let left = command >> 3; left; left -= 1) {
            x += pbf.readSVarint();
            y += pbf.readSVarint();
            this.xy.push(x);
            this.xy.push(y);
          }
        }
      }
    }

    get shapes() {
      const [kinds, rows, first, start, xy] = [this.kinds, this.rows, this.first, this.start, this.xy].map((run) => run.done);
      return new parkgeo.Shapes({ kinds, rows, first, start, xy });
    }
  }

  const NOTHING_HERE = { shapes: new parkgeo.Shapes({ kinds: [], rows: [], first: [0], start: [0], xy: [] }), classes: null };

  function readTile(buffer) {
    const reader = new TileReader(new Uint8Array(buffer));
    const classes = reader.classes.length ? reader.places.done.map((place) => reader.classes[place]) : null;
    return { shapes: reader.shapes, classes };
  }

  /** The tiles of one table; layers that are parts of it share them. */
  class TableTiles {
    constructor(address) {
      this.address = address;
      this.asked = new Map();
    }

    /** Where a tile of the page lies on a tile of the service. */
    static on({ x, y, z }) {
      const finer = Math.max(0, z - DEEPEST);
      const side = EXTENT / 2 ** finer;
      const [col, row] = [x >> finer, y >> finer];
      return { key: `${z - finer}/${row}/${col}`, side, west: (x - (col << finer)) * side, north: (y - (row << finer)) * side };
    }

    /** What lies on a tile: of all classes, or of one. */
    async tile(tile, margin, number) {
      const { key, side, west, north } = TableTiles.on(tile);
      const { shapes, classes } = await this.ask(key).promise;
      const more = (margin * side) / parkgeo.TILE;
      const here = shapes.within(west - more, north - more, west + side + more, north + side + more);
      const found = number === undefined || !classes ? here : here.filter((shape) => classes[shape] === number);
      return { shapes, found, west, north, span: side };
    }

    ask(key) {
      const known = this.asked.get(key);
      const one = known || { waiting: 0, pending: true, stop: new AbortController() };
      this.asked.delete(key);
      this.asked.set(key, one);
      one.waiting += 1;
      if (!known) {
        one.promise = this.fetch(key, one).finally(() => {
          one.pending = false;
        });
        one.promise.catch(() => this.asked.delete(key));
        this.forget();
      }
      return one;
    }

    /** A tile of the page is gone: what nobody else waits for is asked for no longer. */
    leave(tile) {
      const { key } = TableTiles.on(tile);
      const one = this.asked.get(key);
      if (one) {
        one.waiting -= 1;
        if (one.pending && one.waiting <= 0) {
          this.asked.delete(key);
          one.stop.abort();
        }
      }
    }

    forget() {
      for (const [key, one] of this.asked) {
        if (this.asked.size <= KEPT) {
          return;
        }
        if (one.waiting <= 0) {
          this.asked.delete(key);
        }
      }
    }

    async fetch(key, one) {
      for (const wait of [...TRIES_MS, null]) {
        try {
          const answer = await fetch(`${this.address}/${key}`, { signal: one.stop.signal });
          if (answer.ok) {
            return answer.status === 204 ? NOTHING_HERE : readTile(await answer.arrayBuffer());
          }
          if (wait === null || (answer.status < 500 && answer.status !== 429)) {
            throw new parkgeo.LostError(`${answer.status} ${this.address}/${key}`);
          }
        } catch (error) {
          if (one.stop.signal.aborted) {
            return NOTHING_HERE;
          }
          if (wait === null || error instanceof parkgeo.LostError) {
            throw error;
          }
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
      return NOTHING_HERE;
    }
  }

  /** The service said that there is no answer, and will not say otherwise. */
  class LostError extends Error {}

  Object.assign(parkgeo, { TableTiles, readTile, LostError });
})((window.parkgeo = window.parkgeo || {}));
