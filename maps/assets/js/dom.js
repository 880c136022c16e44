/* Parts of the page. Users' text is hostile: it reaches the page through textContent only, never as HTML, attribute or selector. */
(function (parkgeo) {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  // Pictures of buttons as paths: a sign of a font may be missing on the reader's machine.
  const ICONS = {
    home: "M3 9 9 3l6 6M5 8v7h8V8",
    full: "M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4",
    sketch: "M2 13 13 2l3 3L5 16H2v-3M10 5l3 3",
    print: "M5 6V2h8v4M5 13H2V7h14v6h-3M5 11h8v5H5z",
    north: "M9 1 14 16 9 12.5 4 16z",
  };

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
    node.append(element("bdi", "", text === null || text === undefined ? parkgeo.DASH : text));
    return node;
  }

  /** A button with a name for those who do not see it, and words or a picture for those who do. */
  function button(className, label, action, look) {
    const node = element("button", className);
    node.type = "button";
    node.title = label;
    node.setAttribute("aria-label", label);
    node.addEventListener("click", action);
    node.append(look === undefined ? label : look);
    return node;
  }

  function icon(name) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 18 18");
    picture.setAttribute("class", "pg-icon");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", ICONS[name]);
    picture.append(path);
    return picture;
  }

  /** A list to choose one of: [value, words] each. */
  function choice(className, label, options, chosen, changed) {
    const select = element("select", className);
    select.setAttribute("aria-label", label);
    select.title = label;
    for (const [value, words] of options) {
      const option = element("option", "", words);
      option.value = value;
      select.append(option);
    }
    select.value = chosen;
    select.addEventListener("change", () => changed(select.value));
    return select;
  }

  /** A corner of the map that holds a node of ours; clicks and wheels there do not reach the map. */
  function corner(map, node, position) {
    const control = L.control({ position });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      // Leaflet looks for its mark above what was clicked, and does not find it if the click replaced that: so stop it here.
      node.addEventListener("click", (event) => event.stopPropagation());
      return node;
    };
    control.addTo(map);
  }

  /** Give the reader a file. */
  function download(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = element("a", "");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  Object.assign(parkgeo, { element, userText, button, icon, choice, corner, download });
})((window.parkgeo = window.parkgeo || {}));
