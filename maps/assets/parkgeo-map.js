/* The park's map in the page: draws the embedded data and builds every control and pop-up.
 *
 * Users' text is hostile: it reaches the page through textContent only, never as HTML and never as part of an attribute or selector.
 * A missing value is null and shows as a dash. Words come in all languages with the data, so switching needs no network.
 */
(function () {
  "use strict";

  const DASH = "—";
  const UNITS_PER_DEGREE = 1e7;
  const M2_PER_MU = 10000 / 15;
  const POINT = 0;
  const LINE = 1;
  const POLYGON = 2;
  const CLICK_TOLERANCE_PX = 5;
  const SEARCH_SHOWN = 12;
  const NARROW_PX = 900;
  const POPUP_PX = 380;

  // The layer control: heading → groups of layers under it.
  const PANEL = [
    ["group_land", ["parks", "parcels", "buildings", "facilities"]],
    ["group_findings", ["findings"]],
    ["group_access", ["isochrones"]],
    ["group_roads", ["roads"]],
    ["group_network", ["network", "gates", "links", "network_report"]],
    ["group_utilities", ["utilities"]],
    ["group_reach", ["reach"]],
    ["group_constraints", ["constraints"]],
    ["group_plan", ["plan"]],
  ];
  // Order of drawing, lowest first; one canvas draws all, so that a click finds whatever lies on top.
  const STACK = ["parks", "isochrones", "roads", "network", "parcels", "buildings", "plan", "constraints", "reach", "utilities", "findings", "links", "gates", "network_report", "facilities"];
  // Grounds to look at, not to click on: what lies below stays within reach.
  const UNCLICKED = ["buildings", "isochrones", "reach"];
  const FILLED = ["buildings", "facilities", "isochrones", "reach"];
  // Pictures of buttons as paths: a sign of a font may be missing on the reader's machine.
  const ICONS = { home: "M3 9 9 3l6 6M5 8v7h8V8", full: "M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4" };
  const SECTIONS = ["idle", "dates", "areas", "built", "access", "services", "yield", "identity"];

  /* ---------- drawing ---------- */

  const tiles = new Map();

  /** A small repeating picture: diagonal lines or dots, sharp on dense screens. */
  function patternTile(kind, ink) {
    const key = kind + ink;
    if (tiles.has(key)) {
      return tiles.get(key);
    }
    const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
    const size = 7;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = context.strokeStyle = ink;
    context.lineWidth = 1.3;
    context.beginPath();
    if (kind === "dots") {
      context.arc(size / 2, size / 2, 1.25, 0, 2 * Math.PI);
      context.fill();
    } else {
      // Three strokes, so that the corners meet those of the next tile.
      for (const shift of [-size, 0, size]) {
        context.moveTo(shift, size);
        context.lineTo(shift + size, 0);
      }
      context.stroke();
    }
    const tile = { canvas, ratio };
    tiles.set(key, tile);
    return tile;
  }

  function fillPattern(context, options) {
    const tile = patternTile(options.pattern, options.ink);
    const pattern = context.createPattern(tile.canvas, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / tile.ratio));
    context.globalAlpha = 1;
    context.fillStyle = pattern;
    context.fill("evenodd");
  }

  const PatternCanvas = L.Canvas.extend({
    _fillStroke(context, layer) {
      const options = layer.options;
      if (!options.fill || !options.pattern) {
        L.Canvas.prototype._fillStroke.call(this, context, layer);
        return;
      }
      if (options.fillOpacity > 0) {
        context.globalAlpha = options.fillOpacity;
        context.fillStyle = options.fillColor;
        context.fill("evenodd");
      }
      fillPattern(context, options);
      // Leaflet keeps defaults in the prototype of the options: a copy would lose them.
      const strokeOnly = Object.create(options, { fill: { value: false } });
      L.Canvas.prototype._fillStroke.call(this, context, { options: strokeOnly });
    },
  });

  // Clicked at its line only: what lies inside stays within reach.
  const Outline = L.Polygon.extend({
    _containsPoint(point) {
      return L.Polyline.prototype._containsPoint.call(this, point, true);
    },
    _clickTolerance() {
      return CLICK_TOLERANCE_PX;
    },
  });
  const Line = L.Polyline.extend({
    _clickTolerance() {
      return CLICK_TOLERANCE_PX;
    },
  });

  function pathOptions(style, renderer) {
    return {
      renderer,
      color: style.stroke,
      weight: style.weight,
      opacity: 1,
      dashArray: style.dash || null,
      fill: Boolean(style.fill || style.pattern),
      fillColor: style.fill,
      fillOpacity: style.fill ? style.fill_opacity : 0,
      pattern: style.pattern,
      ink: style.ink,
    };
  }

  function decodePath(steps, origin) {
    const path = [];
    let x = 0;
    let y = 0;
    for (let place = 0; place < steps.length; place += 2) {
      x += steps[place];
      y += steps[place + 1];
      path.push([origin[1] + y / UNITS_PER_DEGREE, origin[0] + x / UNITS_PER_DEGREE]);
    }
    return path;
  }

  function decodePolygon(shape, origin) {
    return shape.slice(1).map((rings) => rings.map((ring) => decodePath(ring, origin)));
  }

  /** One shape of a layer beside the parcels. */
  function drawShape(shape, layer, style, origin, renderer) {
    const options = pathOptions(style, renderer);
    options.interactive = !UNCLICKED.includes(layer.group);
    if (shape[0] === POINT) {
      const radius = style.radius || 4.5;
      // A station among mains takes the colour of its kind.
      const fillColor = style.fill || style.stroke;
      const rim = layer.group === "gates" ? { color: style.stroke, weight: style.weight } : { color: "#FFFFFF", weight: 1.5 };
      const marker = Object.assign(options, { radius, fill: true, fillColor, fillOpacity: 1, ...rim });
      return L.featureGroup(shape.slice(1).map((point) => L.circleMarker(decodePath(point, origin)[0], marker)));
    }
    if (shape[0] === LINE) {
      return new Line(shape.slice(1).map((path) => decodePath(path, origin)), Object.assign(options, { fill: false }));
    }
    const Shape = FILLED.includes(layer.group) ? L.Polygon : Outline;
    return new Shape(decodePolygon(shape, origin), options);
  }

  /** A legend's sample, drawn by the same means as the map. */
  function swatch(style, kind) {
    const canvas = document.createElement("canvas");
    const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
    const width = 26;
    const height = 16;
    canvas.className = "pg-swatch";
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.setLineDash((style.dash || "").split(" ").filter(Boolean).map(Number));
    context.lineWidth = Math.max(style.weight, 0.8);
    context.strokeStyle = style.stroke;
    context.beginPath();
    if (kind === POINT) {
      context.arc(width / 2, height / 2, style.radius || 4.5, 0, 2 * Math.PI);
    } else if (kind === LINE) {
      context.moveTo(1, height / 2);
      context.lineTo(width - 1, height / 2);
    } else {
      context.rect(1.5, 1.5, width - 3, height - 3);
    }
    if (style.fill && kind !== LINE) {
      context.globalAlpha = style.fill_opacity;
      context.fillStyle = style.fill;
      context.fill();
      context.globalAlpha = 1;
    }
    if (style.pattern && kind !== LINE) {
      fillPattern(context, style);
    }
    context.stroke();
    return canvas;
  }

  /* ---------- page parts ---------- */

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) {
      node.className = className;
    }
    if (text !== undefined && text !== null) {
      node.textContent = text;
    }
    return node;
  }

  /** A user's text: literal, and its writing direction kept to itself. */
  function userText(tag, className, text) {
    const node = element(tag, className);
    node.append(element("bdi", "", text === null || text === undefined ? DASH : text));
    return node;
  }

  function button(className, label, action) {
    const node = element("button", className);
    node.type = "button";
    node.title = label;
    node.setAttribute("aria-label", label);
    node.addEventListener("click", action);
    return node;
  }

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", "0 0 18 18");
    picture.setAttribute("class", "pg-icon");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", ICONS[name]);
    picture.append(path);
    return picture;
  }

  /** A corner of the map that holds a node of ours; clicks and wheels there do not reach the map. */
  function corner(map, node, position) {
    const control = L.control({ position });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      return node;
    };
    control.addTo(map);
  }

  /* ---------- the map ---------- */

  class ParkMap {
    constructor(map, groups, data) {
      this.map = map;
      this.groups = groups;
      this.data = data;
      this.language = data.languages.indexOf(data.lang);
      this.renderer = new PatternCanvas({ padding: 0.3 });
      this.colours = new window.parkgeoColours(this, { element, userText, swatch });
      this.drawn = new Map();
      this.shown = new Set(["parcels", ...data.layers.filter((layer) => layer.shown).map((layer) => layer.id)]);
      this.halo = null;
      this.open = null;
      this.parts = {
        head: document.getElementById("parkgeo-head"),
        legend: element("details", "pg-panel pg-legend"),
        layers: element("details", "pg-panel pg-layers"),
        home: element("div", "leaflet-bar pg-home"),
      };
    }

    run() {
      const wide = this.map.getContainer().clientWidth >= NARROW_PX;
      this.parts.layers.open = wide;
      this.parts.legend.open = this.map.getContainer().clientWidth >= 600;
      L.control.zoom({ position: "topleft" }).addTo(this.map);
      corner(this.map, this.parts.home, "topleft");
      corner(this.map, this.parts.layers, "topright");
      corner(this.map, this.parts.legend, "bottomleft");
      L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(this.map);
      this.map.on("popupclose", (event) => this.closed(event.popup));
      // Leaflet closes by Escape only while the map itself has the focus, not its pop-up.
      this.map.getPane("popupPane").addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          this.map.closePopup();
          this.map.getContainer().focus();
        }
      });
      this.speak();
      this.map.invalidateSize();
      this.fit();
      for (const group of STACK) {
        this.showGroup(group);
      }
      this.groups.parcels.on("click", (event) => this.selectParcel(event.layer.options.place, event.latlng));
    }

    /* words and figures */

    say(key, values) {
      const sentence = this.data.text[key][this.language];
      return sentence.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
    }

    text(place) {
      return place === null || place === undefined ? null : this.data.strings[place];
    }

    code(value) {
      return value !== null && Object.hasOwn(this.data.codes, value) ? this.data.codes[value][this.language] : value;
    }

    /** A code, or several with commas between them; a user's own text is left as it is. */
    codes(value) {
      const parts = value.split(", ");
      return parts.length > 1 && parts.every((part) => Object.hasOwn(this.data.codes, part)) ? this.list(parts.map((part) => this.code(part))) : this.code(value);
    }

    unit(unit) {
      return Object.hasOwn(this.data.units, unit) ? this.data.units[unit][this.language] : unit;
    }

    /** A number with at most so many decimals, or, among others in a column, with just so many. */
    figure(value, digits, fixed) {
      if (value === null || value === undefined) {
        return DASH;
      }
      const scale = 10 ** digits;
      const rounded = Math.round(value * scale) / scale + 0; // + 0: a small loss rounds to 0, not to −0
      return new Intl.NumberFormat(this.data.languages[this.language] === "zh" ? "zh-CN" : "en", {
        maximumFractionDigits: digits,
        minimumFractionDigits: fixed ? digits : 0,
      }).format(rounded);
    }

    area(value) {
      if (value === null || value === undefined) {
        return DASH;
      }
      return `${this.figure(value, 0)} ${this.unit("m2")} (${this.figure(value / M2_PER_MU, 1)} ${this.unit("mu")})`;
    }

    /** A share; below one in a hundred the second decimal still tells something. */
    percent(value) {
      return `${this.figure(value * 100, Math.abs(value) < 0.01 ? 2 : 1)} %`;
    }

    withUnit(value, unit, digits) {
      const figure = this.figure(value, digits);
      return unit && figure !== DASH ? `${figure} ${this.unit(unit)}` : figure;
    }

    cell(column, place) {
      const value = column.values[place];
      if (value === null || value === undefined) {
        return null;
      }
      switch (column.kind) {
        case "area":
          return this.area(value);
        case "percent":
          return this.percent(value);
        case "number":
          return this.withUnit(value, column.unit, 2);
        case "date":
          return value;
        default:
          return this.codes(this.text(value));
      }
    }

    speak() {
      const lang = this.data.languages[this.language];
      document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
      this.fillHead();
      this.fillLegend();
      this.fillLayers();
      this.fillHome();
      this.nameStockControls();
      if (this.open) {
        this.open.popup.setContent(this.open.build());
      }
    }

    /** Leaflet's own buttons speak English; here they speak the reader's language. */
    nameStockControls() {
      const container = this.map.getContainer();
      container.setAttribute("aria-label", this.say("map"));
      for (const [selector, key] of [[".leaflet-control-zoom-in", "zoom_in"], [".leaflet-control-zoom-out", "zoom_out"], [".leaflet-popup-close-button", "close"]]) {
        for (const node of container.querySelectorAll(selector)) {
          node.title = this.say(key);
          node.setAttribute("aria-label", this.say(key));
        }
      }
    }

    /* head */

    fillHead() {
      const park = this.text(this.data.meta.park);
      const titles = element("div", "pg-titles");
      this.parts.question = element("h1", "");
      this.parts.suspected = element("span", "pg-badge", this.say("suspected"));
      titles.append(this.parts.question, this.parts.suspected);
      this.ask();
      const line = element("p", "pg-subtitle");
      line.append(userText("span", "pg-park", park), element("span", "pg-asof", this.say("as_of", { date: this.data.meta.as_of })));
      titles.append(line);
      if (this.data.meta.simplified) {
        const { limit, tolerance } = this.data.meta.simplified;
        titles.append(element("p", "pg-note", this.say("simplified", { limit: this.figure(limit, 0), tolerance: this.figure(tolerance, 1) })));
      }
      const tools = element("div", "pg-tools");
      tools.append(this.searchBox(), this.languageButton());
      if (document.fullscreenEnabled) {
        tools.append(this.fullScreenButton());
      }
      this.parts.head.replaceChildren(titles, tools);
    }

    /** The title asks what the colours answer; only idle land is a suspicion. */
    ask() {
      const park = this.text(this.data.meta.park);
      const question = this.colours.question();
      this.parts.question.textContent = question;
      this.parts.suspected.hidden = !this.colours.showsIdle;
      document.title = park ? `${question} ${park}` : question;
    }

    languageButton() {
      const next = (this.language + 1) % this.data.languages.length;
      const name = { zh: "中文", en: "English" }[this.data.languages[next]];
      const node = button("pg-button pg-language", name, () => {
        this.language = next;
        this.speak();
        this.parts.head.querySelector(".pg-language").focus();
      });
      node.lang = this.data.languages[next];
      node.textContent = name;
      return node;
    }

    fullScreenButton() {
      const node = button("pg-button pg-full", this.say("full_screen"), () => {
        if (document.fullscreenElement) {
          document.exitFullscreen();
        } else {
          document.documentElement.requestFullscreen();
        }
      });
      node.append(icon("full"));
      return node;
    }

    fillHome() {
      const node = button("pg-home-button", this.say("whole_park"), () => this.fit());
      node.append(icon("home"));
      this.parts.home.replaceChildren(node);
    }

    /* search */

    searchBox() {
      const box = element("div", "pg-search");
      const input = element("input", "");
      const results = element("ul", "pg-results");
      input.type = "search";
      input.placeholder = this.say("search");
      input.setAttribute("aria-label", this.say("search_label"));
      input.autocomplete = "off";
      results.hidden = true;
      results.setAttribute("aria-live", "polite");
      input.addEventListener("input", () => this.fillResults(input.value, results));
      box.addEventListener("keydown", (event) => this.searchKey(event, input, results));
      box.addEventListener("focusout", (event) => {
        if (!box.contains(event.relatedTarget)) {
          results.hidden = true;
        }
      });
      input.addEventListener("focus", () => {
        results.hidden = !input.value.trim();
      });
      box.append(input, results);
      return box;
    }

    searchKey(event, input, results) {
      const buttons = [...results.querySelectorAll("button")];
      const at = buttons.indexOf(document.activeElement);
      if (event.key === "Escape") {
        results.hidden = true;
        input.focus();
      } else if (event.key === "Enter" && at < 0 && buttons.length) {
        buttons[0].click();
      } else if (event.key === "ArrowDown" && at + 1 < buttons.length) {
        buttons[at + 1].focus();
      } else if (event.key === "ArrowUp" && at >= 0) {
        (at ? buttons[at - 1] : input).focus();
      } else {
        return;
      }
      event.preventDefault();
    }

    fillResults(query, results) {
      const wanted = query.trim().toLocaleLowerCase();
      results.replaceChildren();
      results.hidden = !wanted;
      if (!wanted) {
        return;
      }
      const { ids, holders } = this.data.parcels;
      const found = [];
      for (let place = 0; place < ids.length; place += 1) {
        const holder = this.text(holders[place]) || "";
        if (this.text(ids[place]).toLocaleLowerCase().includes(wanted) || holder.toLocaleLowerCase().includes(wanted)) {
          found.push(place);
        }
      }
      for (const place of found.slice(0, SEARCH_SHOWN)) {
        results.append(this.searchResult(place, results));
      }
      if (found.length === 0) {
        results.append(element("li", "pg-hint", this.say("search_none")));
      } else if (found.length > SEARCH_SHOWN) {
        results.append(element("li", "pg-hint", this.say("search_more", { shown: SEARCH_SHOWN, count: this.figure(found.length, 0) })));
      }
    }

    searchResult(place, results) {
      const { ids, holders, classes } = this.data.parcels;
      const item = element("li", "");
      const node = element("button", "");
      node.type = "button";
      node.append(swatch(this.data.verdict_styles[this.data.classes[classes[place]].code], POLYGON));
      const words = element("span", "pg-result");
      words.append(userText("strong", "", this.text(ids[place])));
      words.append(userText("span", "", this.text(holders[place]) || this.say("no_holder")));
      node.append(words);
      node.addEventListener("click", () => {
        results.hidden = true;
        this.goTo(place);
      });
      item.append(node);
      return item;
    }

    /* legend */

    fillLegend() {
      const rows = this.colours.rows();
      const { name, crs, version, no_ledger: noLedger } = this.data.meta;
      // Without a ledger "0 idle" does not mean that none is.
      const notes = noLedger && this.colours.showsIdle ? [element("p", "pg-note", this.say("no_ledger"))] : [];
      if (this.colours.bare) {
        notes.push(element("p", "pg-note", this.say("bare")));
      }
      this.parts.legend.replaceChildren(
        element("summary", "", this.colours.subject()),
        ...this.colours.chooser(() => this.recolour()),
        ...(rows.length ? [this.legendTable(rows)] : []),
        ...notes,
        element("p", "pg-source", this.say("source", { name, crs, version })),
      );
    }

    legendTable(rows) {
      const table = element("table", "");
      const head = element("tr", "");
      head.append(element("td", ""));
      for (const key of ["column_parcels", "column_ha", "column_mu"]) {
        const cell = element("th", "pg-number", this.say(key));
        cell.scope = "col";
        head.append(cell);
      }
      table.append(head);
      const total = { count: 0, ha: 0, mu: 0 };
      for (const { label, row, style } of rows) {
        table.append(this.legendRow(label, row, style));
        total.count += row.count;
        total.ha += row.ha;
        total.mu += row.mu;
      }
      const sum = this.legendRow(this.say("total"), total, null);
      sum.className = "pg-total";
      table.append(sum);
      return table;
    }

    /** Another colour was chosen: of the parcels, the legend and the question. */
    recolour() {
      this.restyle();
      this.ask();
      this.fillLegend();
      this.fillLayers();
      this.parts.legend.querySelector("select").focus();
      if (this.open) {
        this.open.popup.setContent(this.open.build());
      }
    }

    restyle() {
      const parcels = this.drawn.get("parcels");
      if (parcels) {
        parcels.eachLayer((polygon) => polygon.setStyle(pathOptions(this.colours.style(polygon.options.place), this.renderer)));
      }
    }

    /** Parcels lie over isochrones: without fill while one is on, and as before when none is. */
    uncover() {
      const bare = this.data.layers.some((layer) => layer.group === "isochrones" && this.shown.has(layer.id));
      if (bare !== this.colours.bare) {
        this.colours.bare = bare;
        this.restyle();
        const box = this.parts.layers.querySelector('input[data-layer="parcels"]');
        box.nextElementSibling.replaceWith(swatch(this.colours.sample(), POLYGON));
        this.fillLegend();
      }
    }

    legendRow(label, row, style) {
      const line = element("tr", "");
      if (row.code) {
        line.dataset.verdict = row.code;
      }
      const name = element("th", "");
      name.scope = "row";
      name.append(style ? swatch(style, POLYGON) : element("span", "pg-swatch"), element("span", "", label));
      line.append(name);
      for (const [value, digits] of [[row.count, 0], [row.ha, 1], [row.mu, 1]]) {
        line.append(element("td", "pg-number", this.figure(value, digits, true)));
      }
      return line;
    }

    /* layers */

    fillLayers() {
      const sets = PANEL.map(([key, groups]) => this.layerSet(key, groups)).filter(Boolean);
      this.parts.layers.replaceChildren(element("summary", "", this.say("layers")), ...sets);
    }

    layersOf(groups) {
      const parcels = { id: "parcels", group: "parcels", title: null, count: this.data.parcels.ids.length };
      return groups.flatMap((group) =>
        group === "parcels" ? [parcels] : this.data.layers.filter((layer) => layer.group === group),
      );
    }

    layerSet(key, groups) {
      const layers = this.layersOf(groups);
      if (!layers.length) {
        return null;
      }
      const set = element("fieldset", "");
      const heading = element("legend", "");
      const boxes = layers.map((layer) => this.layerBox(layer));
      if (layers.length > 1) {
        heading.append(this.groupBox(key, layers, boxes));
      } else {
        heading.textContent = this.say(key);
      }
      set.append(heading, ...boxes.flatMap((box) => [box.label, ...box.more]));
      return set;
    }

    layerBox(layer) {
      const label = element("label", "pg-layer");
      const input = element("input", "");
      input.type = "checkbox";
      input.checked = this.shown.has(layer.id);
      input.dataset.layer = layer.id;
      input.addEventListener("change", () => this.toggle(layer, input.checked));
      const first = layer.shapes && layer.shapes.find(Boolean);
      const style = layer.style || this.colours.sample();
      const title = layer.title ? layer.title[this.language] : this.colours.subject(true);
      label.append(input, swatch(style, first ? first[0] : POLYGON), element("span", "pg-name", title));
      if (!layer.bands) {
        label.append(element("span", "pg-count", this.figure(layer.count, 0)));
      }
      return { label, input, more: this.bandsOf(layer, input) };
    }

    /** What the bands of a layer mean, below its box while it is shown. */
    bandsOf(layer, input) {
      if (!layer.bands) {
        return [];
      }
      const list = element("ul", "pg-bands");
      layer.bands.forEach((band, number) => {
        const item = element("li", "");
        item.append(swatch(layer.styles[number], POLYGON), element("span", "", this.colours.band(band, layer.unit)));
        list.append(item);
      });
      list.hidden = !input.checked;
      input.addEventListener("change", () => {
        list.hidden = !input.checked;
      });
      return [list];
    }

    /** The box that sets a whole group; half set when its layers differ. */
    groupBox(key, layers, boxes) {
      const label = element("label", "pg-layer");
      const input = element("input", "");
      input.type = "checkbox";
      const update = () => {
        const on = boxes.filter((box) => box.input.checked).length;
        input.checked = on === boxes.length;
        input.indeterminate = on > 0 && on < boxes.length;
      };
      input.addEventListener("change", () => {
        const { checked } = input;
        boxes.forEach((box, place) => {
          if (box.input.checked !== checked) {
            box.input.checked = checked;
            box.more.forEach((node) => {
              node.hidden = !checked;
            });
            this.toggle(layers[place], checked);
          }
        });
        update();
      });
      boxes.forEach((box) => box.input.addEventListener("change", update));
      update();
      label.append(input, element("span", "", this.say(key)));
      return label;
    }

    toggle(layer, on) {
      if (on) {
        this.shown.add(layer.id);
      } else {
        this.shown.delete(layer.id);
      }
      this.uncover();
      this.show(layer);
      this.restack(layer.group);
    }

    showGroup(group) {
      for (const layer of this.layersOf([group])) {
        this.show(layer);
      }
    }

    /** Shapes are made when a layer is first shown: most layers never are. */
    show(layer) {
      const on = this.shown.has(layer.id);
      if (on && !this.drawn.has(layer.id)) {
        this.drawn.set(layer.id, layer.id === "parcels" ? this.drawParcels() : this.drawLayer(layer));
      }
      const shapes = this.drawn.get(layer.id);
      const group = this.groups[layer.group];
      if (shapes && on !== group.hasLayer(shapes)) {
        group[on ? "addLayer" : "removeLayer"](shapes);
      }
    }

    drawParcels() {
      const { shapes } = this.data.parcels;
      const all = L.featureGroup();
      shapes.forEach((shape, place) => {
        if (shape) {
          const look = Object.assign({ place }, pathOptions(this.colours.style(place), this.renderer));
          all.addLayer(new L.Polygon(decodePolygon(shape, this.data.origin), look));
        }
      });
      return all;
    }

    drawLayer(layer) {
      const all = L.featureGroup();
      layer.shapes.forEach((shape, place) => {
        if (!shape) {
          return;
        }
        const style = layer.styles ? layer.styles[place] : layer.style;
        const drawn = drawShape(shape, layer, style, this.data.origin, this.renderer);
        if (!UNCLICKED.includes(layer.group)) {
          drawn.on("click", (event) => {
            L.DomEvent.stopPropagation(event);
            this.openPopup(event.latlng, () => this.overlayCard(layer, place));
          });
        }
        all.addLayer(drawn);
      });
      return all;
    }

    /** A layer that is added again comes to lie on top: lift all that belongs above it. */
    restack(group) {
      for (const above of STACK.slice(STACK.indexOf(group))) {
        this.groups[above].bringToFront();
      }
      if (this.halo) {
        this.halo.bringToFront();
      }
    }

    /** Show the whole park beside or above the legend, whichever leaves more room. */
    fit() {
      const legend = this.parts.legend.open ? this.parts.legend : { offsetWidth: 0, offsetHeight: 0 };
      const right = this.parts.layers.open ? this.parts.layers.offsetWidth : 0;
      const bounds = L.latLngBounds(this.data.bounds);
      const choices = [
        { left: legend.offsetWidth, bottom: 0 },
        { left: 0, bottom: legend.offsetHeight },
      ].map(({ left, bottom }) => ({
        paddingTopLeft: L.point(left + 24, 24),
        paddingBottomRight: L.point(right + 24, bottom + 24),
      }));
      const zoom = (choice) => this.map.getBoundsZoom(bounds, false, choice.paddingTopLeft.add(choice.paddingBottomRight));
      const best = zoom(choices[0]) >= zoom(choices[1]) ? choices[0] : choices[1];
      this.map.fitBounds(bounds, { ...best, animate: false });
    }

    /* one parcel */

    goTo(place) {
      const shape = this.data.parcels.shapes[place];
      if (!shape) {
        return;
      }
      const polygon = L.polygon(decodePolygon(shape, this.data.origin));
      const bounds = polygon.getBounds();
      this.map.fitBounds(bounds, { maxZoom: 16, animate: false });
      this.selectParcel(place, bounds.getCenter());
      this.open.popup.getElement().querySelector(".pg-card").focus();
    }

    selectParcel(place, latlng) {
      this.openPopup(latlng, () => this.parcelCard(place));
      const path = decodePolygon(this.data.parcels.shapes[place], this.data.origin);
      const line = { renderer: this.renderer, fill: false, interactive: false, opacity: 1 };
      this.halo = L.featureGroup([
        L.polygon(path, { ...line, color: "#FFFFFF", weight: 6 }),
        L.polygon(path, { ...line, color: "#111111", weight: 3 }),
      ]).addTo(this.map);
    }

    openPopup(latlng, build) {
      this.map.closePopup();
      const size = this.map.getSize();
      const clear = this.clearOfPanels(size);
      const popup = L.popup({
        className: "pg-popup",
        minWidth: Math.min(300, size.x - 60),
        maxWidth: Math.min(POPUP_PX, size.x - 60),
        maxHeight: Math.max(160, Math.min(Math.round(size.y * 0.62), size.y - clear.top - clear.bottom - 70)),
        autoPanPaddingTopLeft: [clear.left, clear.top],
        autoPanPaddingBottomRight: [clear.right, clear.bottom],
      });
      this.open = { popup, build };
      popup.setLatLng(latlng).setContent(build()).openOn(this.map);
      this.nameStockControls();
    }

    /** Margins that keep a pop-up off the panels: between them where the map is wide, else below and above them. */
    clearOfPanels(size) {
      const { legend, layers } = this.parts;
      const gap = 20;
      if (legend.offsetWidth + layers.offsetWidth + POPUP_PX + 5 * gap <= size.x) {
        return { left: legend.offsetWidth + gap, right: layers.offsetWidth + gap, top: gap, bottom: gap };
      }
      const top = layers.open ? gap : layers.offsetHeight + gap;
      const bottom = legend.offsetHeight + gap;
      const left = size.x < POPUP_PX + 6 * gap ? gap : 3 * gap; // room for the zoom buttons, if there is any
      return { left, right: gap, top, bottom: size.y - top - bottom > 300 ? bottom : gap };
    }

    closed(popup) {
      if (this.open && this.open.popup === popup) {
        this.open = null;
        if (this.halo) {
          this.halo.remove();
          this.halo = null;
        }
      }
    }

    parcelCard(place) {
      const { ids, holders, classes, reasons } = this.data.parcels;
      const row = this.data.classes[classes[place]];
      const card = element("article", "pg-card");
      card.tabIndex = -1;
      card.append(userText("h2", "", this.text(ids[place])), userText("p", "pg-holder pg-user", this.text(holders[place])));
      card.append(...this.colours.line(place));
      const verdict = element("p", "pg-verdict");
      verdict.append(swatch(this.data.verdict_styles[row.code], POLYGON), element("strong", "", this.say(`class_${row.code}`)));
      if (row.code === "yes") {
        verdict.append(element("span", "pg-badge", this.say("suspected")));
      }
      card.append(verdict);
      if (!this.data.meta.simplified) {
        card.append(userText("p", "pg-reason pg-user", this.text(reasons[this.language][place])));
        card.append(...this.findingsOf(place), ...this.gapsOf(place));
      }
      for (const section of SECTIONS) {
        card.append(...this.section(section, place));
      }
      return card;
    }

    section(section, place) {
      const rows = this.data.parcels.columns
        .filter((column) => column.section === section)
        .map((column) => [column, this.cell(column, place)])
        .filter(([column, value]) => value !== null || !column.optional);
      const table = section === "access" ? this.colours.table(place) : [];
      if (!rows.length && !table.length) {
        return [];
      }
      return [element("h3", "", this.say(`section_${section}`)), this.definitions(rows), ...table];
    }

    definitions(rows) {
      const list = element("dl", "");
      for (const [column, value] of rows) {
        const entry = userText("dd", "pg-user", value);
        entry.dataset.field = column.key;
        list.append(element("dt", "", this.text(column.title[this.language])), entry);
      }
      return list;
    }

    findingsOf(place) {
      const { reasons } = this.data.parcels;
      const list = element("ul", "pg-findings");
      this.data.findings.parcels.forEach((parcel, number) => {
        if (parcel === place) {
          list.append(this.finding(number, reasons[this.language][place]));
        }
      });
      const heading = element("h3", "", this.say("findings"));
      return [heading, list.childElementCount ? list : element("p", "pg-none", this.say("findings_none"))];
    }

    /** One finding; a reason that stands above already is not said again. */
    finding(number, said) {
      const { texts, titles, settings, verified, since, observed, threshold } = this.data.findings;
      const lang = this.data.languages[this.language];
      const get = (column) => this.text(texts[column][number]);
      const item = element("li", "");
      const title = element("p", "pg-finding-title");
      const code = get("code");
      const known = Object.hasOwn(titles, code) ? this.text(titles[code][this.language]) : code;
      title.append(userText("strong", "", known), element("span", "pg-tag", this.say(`verdict_${get("verdict")}`)));
      if (!verified[number]) {
        const own = settings.includes(code);
        const tag = own ? this.say("setting") : this.say("unverified");
        title.append(element("span", `pg-tag ${own ? "pg-setting" : "pg-unverified"}`, tag));
      }
      const facts = [get(`clause_${lang}`)];
      if (since[number]) {
        facts.push(this.say("since", { date: since[number] }));
      }
      if (observed[number] !== null && threshold[number] !== null) {
        const unit = get("unit");
        const [seen, limit] = [observed[number], threshold[number]].map((value) =>
          unit === "1" ? this.percent(value) : this.withUnit(value, unit, 1),
        );
        facts.push(this.say("observed", { observed: seen, threshold: limit }));
      }
      item.append(title, userText("p", "pg-clause", facts.filter(Boolean).join(" · ")));
      if (texts[`reason_${lang}`][number] !== said) {
        item.append(userText("p", "pg-user", get(`reason_${lang}`)));
      }
      const missing = get("missing");
      if (missing) {
        item.append(userText("p", "pg-needs", this.say("needs", { fields: this.fieldNames(missing) })));
      }
      return item;
    }

    list(names) {
      return names.join(this.data.languages[this.language] === "zh" ? "、" : ", ");
    }

    fieldNames(missing) {
      const { fields } = this.data.findings;
      const names = missing.split(",").map((name) => name.trim());
      return this.list(names.map((name) => (Object.hasOwn(fields, name) ? this.text(fields[name][this.language]) : name)));
    }

    gapsOf(place) {
      const gaps = this.gapsAt(place);
      const list = element("ul", "pg-gaps");
      // Several fields may wait for the same answer: it is asked once.
      const waiting = new Map();
      for (const { ask, field } of gaps) {
        waiting.set(ask, [...(waiting.get(ask) || []), field]);
      }
      for (const [ask, names] of waiting) {
        const item = userText("li", "pg-user", ask);
        item.prepend(userText("span", "pg-fields", this.list(names.filter(Boolean))));
        list.append(item);
      }
      const blank = this.unexplained(place, new Set(gaps.map((gap) => gap.key)));
      if (blank.length) {
        list.append(userText("li", "pg-blank", this.say("missing_values", { fields: this.list(blank) })));
      }
      const heading = element("h3", "", this.say("missing"));
      const none = this.undecided(place) ? this.say("missing_verdict") : this.say("missing_none");
      return [heading, list.childElementCount ? list : element("p", "pg-none", none)];
    }

    /** A parcel's own gaps and those of all parcels, unless it has the value all the same. */
    gapsAt(place) {
      const { parcels, whole } = this.data.gaps;
      const gap = (from, number) => ({
        key: this.text(from.keys[number]),
        field: this.text(from.fields[this.language][number]),
        ask: this.text(from.asks[this.language][number]),
      });
      const own = (parcels || []).flatMap((parcel, number) => (parcel === place ? [gap(this.data.gaps, number)] : []));
      const shared = whole ? whole.spared.flatMap((spared, number) => (spared.includes(place) ? [] : [gap(whole, number)])) : [];
      return [...shared, ...own];
    }

    /** Titles of the dashes in the pop-up that no gap accounts for. */
    unexplained(place, explained) {
      return this.data.parcels.columns
        .filter((column) => !column.optional && this.cell(column, place) === null && !explained.has(column.key))
        .map((column) => this.text(column.title[this.language]));
    }

    undecided(place) {
      const { parcels, texts } = this.data.findings;
      const open = (number) => this.text(texts.verdict[number]) === "undetermined";
      const row = this.data.classes[this.data.parcels.classes[place]];
      return row.code === "undetermined" || parcels.some((parcel, number) => parcel === place && open(number));
    }

    /** A road, main, facility …: its class and its named fields. */
    overlayCard(layer, place) {
      const card = element("article", "pg-card");
      card.tabIndex = -1;
      card.append(element("h2", "", layer.title[this.language]));
      if (layer.reasons) {
        card.append(userText("p", "pg-reason pg-user", this.text(layer.reasons[this.language][place])));
      }
      card.append(this.definitions(layer.columns.map((column) => [column, this.cell(column, place)])));
      return card;
    }
  }

  /** Called by the script that folium writes at the end of the page. */
  function start(map, lang, groups) {
    const data = JSON.parse(document.getElementById("parkgeo-data").textContent);
    for (const group of Object.values(groups)) {
      group.addTo(map);
    }
    if (data) {
      data.lang = lang;
      new ParkMap(map, groups, data).run();
    }
  }

  window.parkgeoMap = { start };
})();
