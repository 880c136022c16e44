/* The layers: their order of drawing, which are on, and the control that sets them by group. */
(function (parkgeo) {
  "use strict";

  // The layer control: heading → groups of layers under it.
  const PANEL = [
    ["group_land", ["parks", "parcels", "buildings", "facilities"]],
    ["group_siting", ["sites", "net_land", "blocks", "neighbour_conflicts"]],
    ["group_findings", ["findings"]],
    ["group_access", ["isochrones"]],
    ["group_roads", ["roads"]],
    ["group_network", ["network", "gates", "links", "network_report"]],
    ["group_utilities", ["utilities"]],
    ["group_reach", ["reach"]],
    ["group_constraints", ["constraints"]],
    ["group_plan", ["plan"]],
    ["group_imagery", ["imagery"]],
  ];
  // Order of drawing, lowest first; a click finds whatever lies on top.
  const STACK = ["imagery", "parks", "isochrones", "roads", "network", "parcels", "buildings", "blocks", "plan", "constraints", "net_land", "sites", "reach", "utilities", "findings", "neighbour_conflicts", "links", "gates", "network_report", "facilities"];
  // Grounds to look at, not to click on: what lies below stays within reach.
  const UNCLICKED = ["buildings", "isochrones", "reach"];
  // Grounds over which parcels are drawn without fill.
  const GROUNDS = ["isochrones", "imagery"];
  // Areas that are clicked anywhere; of others the line alone, so that what lies inside stays within reach.
  const FILLED = ["parcels", "facilities"];
  const PARCELS = "parcels";

  class Layers {
    /** changed: called when a layer was set on or off. */
    constructor(view, words, colours, changed) {
      this.view = view;
      this.words = words;
      this.colours = colours;
      this.changed = changed;
      this.node = parkgeo.element("details", "pg-panel pg-layers");
      const parcels = { id: PARCELS, group: PARCELS, title: null, count: view.count, shown: true };
      this.all = STACK.flatMap((group) => (group === PARCELS ? [parcels] : view.layers.filter((layer) => layer.group === group)));
      this.members = this.all.map((layer) => this.member(layer));
      this.byId = new Map(this.members.map((member) => [member.id, member]));
      this.pictures = new parkgeo.Pictures(this.members.filter(({ layer }) => layer.picture));
      this.stage = new parkgeo.ShapeLayer(this.members.filter(({ layer }) => !layer.picture));
    }

    /** A layer as the stage draws it, see shapelayer.js. */
    member(layer) {
      const { source } = this.view;
      const { group } = layer;
      const look = { styles: layer.styles || [layer.style], of: layer.of || null, shown: null, rim: group === "gates" };
      const tiles = {
        tile: (tile, margin) => source.tiles(layer.id).tile(tile, margin),
        leave: (tile) => source.leave && source.leave(layer.id, tile),
      };
      return {
        id: layer.id, layer, look, source: tiles, visible: Boolean(layer.shown), chosen: -1,
        clickable: !UNCLICKED.includes(group), outline: !FILLED.includes(group),
      };
    }

    get parcels() {
      return this.byId.get(PARCELS);
    }

    /** Draw the parcels as the colours say. */
    recolour() {
      Object.assign(this.parcels.look, this.colours.look());
      this.stage.repaint();
    }

    toggle(member, on) {
      member.visible = on;
      // Parcels lie over grounds: without fill while one is on, and as before when none is.
      const bare = this.covers();
      this.pictures.update();
      const uncovered = bare !== this.colours.bare;
      this.colours.bare = bare;
      if (uncovered) {
        this.recolour();
        this.sampleParcels();
      } else {
        this.stage.repaint();
      }
      this.changed(uncovered);
    }

    /** The layers of a map: just those are on. An entry is a layer's id or a group. */
    setOn(entries) {
      for (const member of this.members) {
        member.visible = member.id === PARCELS || entries.includes(member.id) || entries.includes(member.layer.group);
      }
      this.colours.bare = this.covers();
      this.pictures.update();
      this.recolour();
      this.fill();
    }

    /** Whether a ground is on that the parcels' fill would cover. */
    covers() {
      return this.members.some((one) => GROUNDS.includes(one.layer.group) && one.visible);
    }

    sampleParcels() {
      const box = this.node.querySelector('input[data-layer="parcels"]');
      box.nextElementSibling.replaceWith(parkgeo.swatch(this.colours.sample(), parkgeo.POLYGON));
    }

    /* the control */

    fill() {
      const sets = PANEL.map(([key, groups]) => this.set(key, groups)).filter(Boolean);
      const ground = this.basemaps ? [this.basemaps.choice()] : [];
      this.node.replaceChildren(parkgeo.element("summary", "", this.words.say("layers")), ...ground, ...sets);
    }

    set(key, groups) {
      const members = groups.flatMap((group) => this.members.filter((member) => member.layer.group === group));
      if (!members.length) {
        return null;
      }
      const set = parkgeo.element("fieldset", "");
      const heading = parkgeo.element("legend", "");
      const boxes = members.map((member) => this.box(member));
      if (members.length > 1) {
        heading.append(this.groupBox(key, members, boxes));
      } else {
        heading.textContent = this.words.say(key);
      }
      set.append(heading, ...boxes.flatMap((box) => [box.label, ...box.more]));
      return set;
    }

    title({ layer }) {
      return layer.title ? this.words.of(layer.title) : this.colours.subject(true);
    }

    /** A sample of a layer as it is drawn. */
    sample({ layer, id }) {
      if (id === PARCELS) {
        return parkgeo.swatch(this.colours.sample(), parkgeo.POLYGON);
      }
      if (layer.picture) {
        return parkgeo.swatch(layer.styles[layer.styles.length - 1], parkgeo.POLYGON);
      }
      return parkgeo.swatch(layer.style, layer.kind === undefined ? firstKind(layer) : layer.kind);
    }

    box(member) {
      const { layer } = member;
      const label = parkgeo.element("label", "pg-layer");
      const input = parkgeo.element("input", "");
      input.type = "checkbox";
      input.checked = member.visible;
      input.dataset.layer = layer.id;
      label.append(input, this.sample(member), parkgeo.userText("span", "pg-name", this.title(member)));
      if (!layer.bands) {
        label.append(parkgeo.element("span", "pg-count", this.counted(layer)));
      }
      const more = this.bands(member);
      const set = (on) => {
        input.checked = on;
        more.forEach((node) => {
          node.hidden = !on;
        });
        this.toggle(member, on);
      };
      input.addEventListener("change", () => set(input.checked));
      return { label, input, more, set };
    }

    /** How many there are and, where it tells something, of how much land. */
    counted({ count, area_m2: m2 }) {
      const figure = this.words.figure(count, 0);
      return m2 === undefined ? figure : `${figure} · ${this.words.land(m2)}`;
    }

    /** What the bands of a layer mean, below its box while it is shown. */
    bands({ layer, visible }) {
      if (!layer.bands) {
        return [];
      }
      const list = parkgeo.element("ul", "pg-bands");
      layer.bands.forEach((band, number) => {
        const item = parkgeo.element("li", "");
        item.append(parkgeo.swatch(layer.styles[number], parkgeo.POLYGON), parkgeo.element("span", "", this.words.band(band, layer.unit)));
        list.append(item);
      });
      list.hidden = !visible;
      return [list];
    }

    /** The box that sets a whole group; half set when its layers differ. */
    groupBox(key, members, boxes) {
      const label = parkgeo.element("label", "pg-layer");
      const input = parkgeo.element("input", "");
      input.type = "checkbox";
      const update = () => {
        const on = boxes.filter((box) => box.input.checked).length;
        input.checked = on === boxes.length;
        input.indeterminate = on > 0 && on < boxes.length;
      };
      input.addEventListener("change", () => {
        const { checked } = input;
        boxes.filter((box) => box.input.checked !== checked).forEach((box) => box.set(checked));
        update();
      });
      boxes.forEach((box) => box.input.addEventListener("change", update));
      update();
      label.append(input, parkgeo.element("span", "", this.words.say(key)));
      return label;
    }

    /** The layers that are on beside the parcels, as a list of samples and titles. */
    list(node) {
      node.replaceChildren();
      for (const member of this.members.filter((one) => one.visible && one.id !== PARCELS)) {
        const item = parkgeo.element("li", "");
        item.append(this.sample(member), parkgeo.userText("span", "", this.title(member)));
        node.append(item, ...this.bands(member));
      }
    }
  }

  /** What a layer is made of: points, lines or areas. */
  function firstKind({ shapes }) {
    const kinds = shapes ? shapes.kinds : [];
    const first = kinds.find((kind) => kind !== parkgeo.NOTHING);
    return first === undefined ? parkgeo.POLYGON : first;
  }

  Object.assign(parkgeo, { Layers });
})((window.parkgeo = window.parkgeo || {}));
