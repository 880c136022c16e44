/* Search by parcel id or holder, with the keyboard alone if one likes. */
(function (parkgeo) {
  "use strict";

  const SHOWN = 12;

  class Search {
    /** goTo: called with the row that was chosen. */
    constructor(view, words, goTo) {
      this.view = view;
      this.words = words;
      this.goTo = goTo;
      this.turn = 0;
    }

    box() {
      const box = parkgeo.element("div", "pg-search");
      const input = parkgeo.element("input", "");
      const results = parkgeo.element("ul", "pg-results");
      input.type = "search";
      input.placeholder = this.words.say("search");
      input.setAttribute("aria-label", this.words.say("search_label"));
      input.autocomplete = "off";
      results.hidden = true;
      results.setAttribute("aria-live", "polite");
      input.addEventListener("input", () => this.fill(input.value, results));
      box.addEventListener("keydown", (event) => this.key(event, input, results));
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

    key(event, input, results) {
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

    async fill(query, results) {
      const wanted = query.trim();
      this.turn += 1;
      const { turn } = this;
      results.hidden = !wanted;
      if (!wanted) {
        results.replaceChildren();
        return;
      }
      const { rows, count } = await this.view.search(wanted, SHOWN);
      const verdict = this.view.colouring("idle");
      const classes = verdict ? await this.view.classes("idle") : null;
      if (turn !== this.turn) {
        return; // something else was typed meanwhile
      }
      results.replaceChildren(...rows.map((found) => this.result(found, verdict && verdict.classes[classes[found.row]], results)));
      if (count === 0) {
        results.append(parkgeo.element("li", "pg-hint", this.words.say("search_none")));
      } else if (count > rows.length) {
        const values = { shown: this.words.figure(rows.length, 0), count: this.words.figure(count, 0) };
        results.append(parkgeo.element("li", "pg-hint", this.words.say("search_more", values)));
      }
    }

    result({ row, id, holder }, verdict, results) {
      const item = parkgeo.element("li", "");
      const node = parkgeo.element("button", "");
      node.type = "button";
      if (verdict) {
        node.append(parkgeo.swatch(verdict.style, parkgeo.POLYGON));
      }
      const words = parkgeo.element("span", "pg-result");
      words.append(parkgeo.userText("strong", "", id), parkgeo.userText("span", "", holder || this.words.say("no_holder")));
      node.append(words);
      node.addEventListener("click", () => {
        results.hidden = true;
        this.goTo(row);
      });
      item.append(node);
      return item;
    }
  }

  Object.assign(parkgeo, { Search });
})((window.parkgeo = window.parkgeo || {}));
