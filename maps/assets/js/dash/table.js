/* A table of any number of rows, of which only those in sight are in the page; for the keyboard and for screen readers it is whole.
 *
 * told: { label(), columns, choose(row), sorted(keys), marks, empty() }; marks, where rows can be ticked: { has, among, set, label(row), all() }; a column is { name, title(), text(row), number, width, swatch(row) }.
 * Arrows, Page Up and Down, Home and End move through the rows; Enter chooses one, Space ticks it. The heads are one stop of the Tab key, arrows lead along them.
 */
(function (parkgeo) {
  "use strict";

  const ROW_PX = 30;
  const MORE = 6;
  const WIDTH_PX = 112;
  const { element } = parkgeo;
  let made = 0;

  class Table {
    constructor(told) {
      made += 1;
      Object.assign(this, { told, id: `pg-table-${made}`, rows: new Uint32Array(0), at: -1, chosen: -1, keys: [] });
      this.node = element("div", "pg-grid");
      this.node.setAttribute("role", "grid");
      this.node.tabIndex = 0;
      this.head = element("div", "pg-grid-head");
      this.head.setAttribute("role", "row");
      this.head.setAttribute("aria-rowindex", "1");
      this.body = element("div", "pg-grid-body");
      this.body.setAttribute("role", "rowgroup");
      const group = element("div", "pg-grid-top");
      group.setAttribute("role", "rowgroup");
      group.append(this.head);
      this.none = element("p", "pg-grid-none");
      this.none.hidden = true;
      this.none.setAttribute("role", "status");
      this.node.append(group, this.body, this.none);
      this.headAt = 0;
      this.pending = false;
      this.node.addEventListener("scroll", () => this.soon());
      this.node.addEventListener("keydown", (event) => this.key(event));
      this.head.addEventListener("keydown", (event) => this.headKey(event));
      this.body.addEventListener("click", (event) => this.clicked(event));
      new ResizeObserver(() => this.soon()).observe(this.node);
    }

    /** Heads anew: in another language or unit, or sorted otherwise. */
    speak() {
      const { columns, label } = this.told;
      this.node.setAttribute("aria-label", label());
      this.node.setAttribute("aria-colcount", String(columns.length));
      // Heads and rows are grids of their own: they meet because each column has its width, and the last one takes what is left.
      const widths = columns.map(({ width }) => width || WIDTH_PX);
      this.node.style.setProperty("--columns", `${widths.slice(0, -1).map((width) => `${width}px`).join(" ")} minmax(${widths[widths.length - 1]}px, 1fr)`);
      this.node.style.setProperty("--width", `${widths.reduce((sum, width) => sum + width, 0)}px`);
      const focused = this.head.contains(document.activeElement);
      this.head.replaceChildren(...columns.map((column, place) => this.headCell(column, place)));
      this.none.hidden = this.rows.length > 0;
      this.none.textContent = this.told.empty && !this.rows.length ? this.told.empty() : "";
      this.tickAll();
      if (focused) {
        this.focusHead(this.headAt);
      }
      this.draw();
    }

    headCell(column, place) {
      const cell = element("div", column.number ? "pg-number" : "");
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", String(place + 1));
      const key = this.keys.find(([name]) => name === column.name);
      cell.setAttribute("aria-sort", key && key === this.keys[0] ? (key[1] ? "descending" : "ascending") : "none");
      const button = element("button", "pg-sort", column.title());
      button.type = "button";
      button.dataset.column = column.name;
      button.title = column.title();
      button.tabIndex = place === this.headAt ? 0 : -1;
      button.addEventListener("click", () => {
        this.headAt = place;
        this.sortBy(column);
      });
      cell.append(button);
      return cell;
    }

    /** The box that ticks all rows that are shown. */
    tickAll() {
      const { marks } = this.told;
      if (!marks || !this.head.firstChild) {
        return;
      }
      const state = marks.among(this.rows);
      const held = this.all && this.all === document.activeElement;
      const tick = this.tick(marks.all(), state === "all", (on) => marks.set(this.rows, on));
      this.all = tick.firstChild;
      this.all.indeterminate = state === "some";
      this.all.disabled = !this.rows.length;
      this.head.querySelector(".pg-tick")?.remove();
      this.head.firstChild.prepend(tick);
      if (held) {
        this.all.focus();
      }
    }

    tick(label, on, changed) {
      const node = element("label", "pg-tick");
      const input = element("input", "");
      input.type = "checkbox";
      input.checked = on;
      input.title = label;
      input.setAttribute("aria-label", label);
      input.addEventListener("change", () => changed(input.checked));
      node.append(input);
      return node;
    }

    /** Other rows are ticked. */
    marked() {
      this.tickAll();
      this.draw();
    }

    /** Up, down, and back to the order in which the table stands. */
    sortBy({ name, number }) {
      const [first] = this.keys;
      const again = first && first[0] === name && this.keys.length === 1;
      const start = Boolean(number); // of figures the greatest are asked for first
      const keys = again ? (first[1] === start ? [[name, !start]] : []) : [[name, start]];
      this.told.sorted(keys);
    }

    /** Other rows, or in another order. The chosen one stays chosen and, where it is still there, in sight. */
    fill(rows, keys) {
      const same = rows === this.rows;
      Object.assign(this, { rows, keys });
      this.at = this.chosen >= 0 ? rows.indexOf(this.chosen) : Math.min(this.at, rows.length - 1);
      this.node.setAttribute("aria-rowcount", String(rows.length + 1));
      this.body.style.height = `${rows.length * ROW_PX}px`;
      if (!same) {
        this.node.scrollTop = 0;
        this.reveal();
      }
      this.speak();
    }

    /** Mark a row as chosen, elsewhere or here. */
    mark(row) {
      this.chosen = row;
      this.at = row < 0 ? this.at : this.rows.indexOf(row);
      this.reveal();
      this.draw();
    }

    /** Scroll so that the row at hand is in sight. */
    reveal() {
      if (this.at < 0) {
        return;
      }
      const room = this.node.clientHeight - this.head.offsetHeight;
      const top = this.at * ROW_PX;
      if (top < this.node.scrollTop) {
        this.node.scrollTop = top;
      } else if (top + ROW_PX > this.node.scrollTop + room) {
        this.node.scrollTop = top + ROW_PX - room;
      }
    }

    soon() {
      if (!this.pending) {
        this.pending = true;
        requestAnimationFrame(() => {
          this.pending = false;
          this.draw();
        });
      }
    }

    draw() {
      const first = Math.max(0, Math.floor(this.node.scrollTop / ROW_PX) - MORE);
      const last = Math.min(this.rows.length, Math.ceil((this.node.scrollTop + this.node.clientHeight) / ROW_PX) + MORE);
      const lines = [];
      for (let place = first; place < last; place += 1) {
        lines.push(this.line(place));
      }
      this.body.replaceChildren(...lines);
      if (this.at >= first && this.at < last) {
        this.node.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
      } else {
        this.node.removeAttribute("aria-activedescendant");
      }
    }

    line(place) {
      const row = this.rows[place];
      const line = element("div", "pg-grid-row");
      line.id = `${this.id}-${place}`;
      line.setAttribute("role", "row");
      line.setAttribute("aria-rowindex", String(place + 2));
      line.setAttribute("aria-selected", String(row === this.chosen));
      line.classList.toggle("pg-at", place === this.at);
      line.classList.toggle("pg-odd", place % 2 === 1);
      line.dataset.place = String(place);
      line.style.transform = `translateY(${place * ROW_PX}px)`;
      line.append(...this.told.columns.map((column, number) => {
        const text = column.text(row, place);
        const cell = parkgeo.userText("div", column.number ? "pg-number" : "", text);
        cell.setAttribute("role", "gridcell");
        cell.setAttribute("aria-colindex", String(number + 1));
        cell.title = text;
        const style = column.swatch && column.swatch(row);
        if (style) {
          cell.prepend(parkgeo.swatch(style, parkgeo.POLYGON));
        }
        if (!number && this.told.marks) {
          cell.prepend(this.rowTick(row));
        }
        return cell;
      }));
      return line;
    }

    rowTick(row) {
      const { marks } = this.told;
      const tick = this.tick(marks.label(row), marks.has(row), (on) => {
        this.node.focus({ preventScroll: true }); // the box is drawn anew
        marks.set([row], on);
      });
      tick.firstChild.tabIndex = -1;
      return tick;
    }

    clicked(event) {
      if (event.target.closest(".pg-tick")) {
        return;
      }
      const line = event.target.closest(".pg-grid-row");
      if (line) {
        this.at = Number(line.dataset.place);
        this.told.choose(this.rows[this.at]);
      }
    }

    key(event) {
      if (event.target !== this.node || event.altKey || event.metaKey) {
        return;
      }
      const page = Math.max(1, Math.floor((this.node.clientHeight - this.head.offsetHeight) / ROW_PX) - 1);
      const last = this.rows.length - 1;
      const to = {
        ArrowDown: this.at + 1, ArrowUp: this.at - 1, PageDown: this.at + page, PageUp: this.at - page, Home: 0, End: last,
      }[event.key];
      if (to !== undefined && last >= 0) {
        this.at = Math.max(0, Math.min(last, to));
        this.reveal();
        this.draw();
      } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        this.node.scrollLeft += event.key === "ArrowLeft" ? -120 : 120;
      } else if (event.key === " " && this.told.marks && this.at >= 0) {
        const row = this.rows[this.at];
        this.told.marks.set([row], !this.told.marks.has(row));
      } else if ((event.key === "Enter" || event.key === " ") && this.at >= 0) {
        this.told.choose(this.rows[this.at]);
      } else {
        return;
      }
      event.preventDefault();
    }

    headKey(event) {
      const last = this.told.columns.length - 1;
      const to = { ArrowLeft: this.headAt - 1, ArrowRight: this.headAt + 1, Home: 0, End: last }[event.key];
      if (to !== undefined) {
        this.focusHead(Math.max(0, Math.min(last, to)));
        event.preventDefault();
      } else if (event.key === "ArrowDown") {
        this.node.focus();
        event.preventDefault();
      }
    }

    focusHead(place) {
      this.headAt = place;
      const buttons = [...this.head.querySelectorAll("button")];
      buttons.forEach((button, here) => {
        button.tabIndex = here === place ? 0 : -1;
      });
      buttons[place].focus();
    }
  }

  Object.assign(parkgeo, { Table });
})((window.parkgeo = window.parkgeo || {}));
