/* Files of just what the table shows, in its order; the sheet for a visit; and a link to what is set on the page. */
(function (parkgeo) {
  "use strict";

  // Endings of files that the service makes of a table's rows, and what they are called.
  const FORMS = [["xlsx", "dash_form_xlsx"], ["gpkg", "dash_form_gpkg"], ["csv", "dash_form_csv"], ["pdf", "dash_form_pdf"]];
  const WORDED = ["xlsx", "csv"]; // opened by people, not by programs: in words, as the table has it
  const NAME_IN_HEADER = /filename="([\w.-]+)"/;
  const SPOKEN_NAME_IN_HEADER = /filename\*=UTF-8''([\w.~%-]+)/; // RFC 8187, in the page's language
  const SAY_MS = 4000;
  const { element } = parkgeo;

  /** The name that the service gives a file, that in the page's language before the plain one. */
  function nameIn(header) {
    const spoken = SPOKEN_NAME_IN_HEADER.exec(header);
    const plain = NAME_IN_HEADER.exec(header);
    return spoken ? decodeURIComponent(spoken[1]) : plain && plain[1];
  }

  class Downloads {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.node = element("details", "pg-menu pg-downloads");
      this.summary = element("summary", "pg-button");
      this.list = element("div", "pg-menu-list");
      this.node.append(this.summary, this.list);
      this.busy = false;
      this.node.addEventListener("toggle", () => this.node.open && this.fill());
      this.node.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.node.open) {
          this.node.open = false;
          this.summary.focus();
        }
      });
      document.addEventListener("pointerdown", (event) => {
        if (!this.node.contains(event.target)) {
          this.node.open = false;
        }
      });
    }

    speak() {
      this.summary.textContent = this.words.say("dash_download");
      if (this.node.open) {
        this.fill();
      }
    }

    /** The sheet in front: its rows are what is taken away; behind another tab it is the parcels'. */
    get sheet() {
      const { tabs } = this.dashboard;
      const parcels = tabs.tabs.find(({ id }) => id === "parcels");
      return (tabs.current.table ? tabs.current : parcels).table;
    }

    /** What the service is asked for: collection, condition and order of a sheet. */
    asked(sheet) {
      const { filters } = this.dashboard;
      const own = sheet.condition ? sheet.condition() : "";
      const filter = sheet.only ? sheet.only() : [filters.cql2(), own].filter(Boolean).join(" AND ");
      const names = sheet.keys.flatMap(([name, down]) => {
        const field = { reason: `verdict_reason_${this.words.lang}`, lift: `lift_${this.words.lang}` }[name] || name;
        return name === "clause" ? [] : [(down ? "-" : "") + field];
      });
      // What is equal stands as in the table, whatever order the service would have it in.
      return { filter, sortby: [...names, ...(sheet.ties && !names.includes(sheet.ties) ? [sheet.ties] : [])].join(",") };
    }

    /** The columns that the table shows come first in a file, and all others behind them. */
    shown(sheet) {
      const { lang } = this.words;
      const fields = (name) => ({ clause: [], reason: [`verdict_reason_${lang}`], lift: [`lift_${lang}`] })[name] || [name];
      return [...new Set(sheet.columns.flatMap(({ name }) => fields(name)))].join(",");
    }

    address(sheet, form) {
      const { filter, sortby } = this.asked(sheet);
      const worded = WORDED.includes(form) ? { values: "words", first: this.shown(sheet) } : {};
      const given = new URLSearchParams({ lang: this.words.lang });
      for (const [name, value] of Object.entries({ filter, sortby, ...worded })) {
        if (value) {
          given.set(name, value);
        }
      }
      return this.dashboard.address(`exports/${sheet.collection}.${form}?${given}`);
    }

    fill() {
      const { words, sheet } = this;
      const count = words.figure(sheet.rows().length, 0);
      const title = words.say(sheet.collection === "parcels" ? "dash_download_parcels" : "dash_download_companies", { count });
      const forms = FORMS.filter(([form]) => sheet.collection === "parcels" || (form !== "pdf" && form !== "gpkg"));
      const buttons = forms.map(([form, key]) => {
        const button = parkgeo.button("pg-menu-item", words.say(key), () => this.take(form));
        button.dataset.form = form;
        return button;
      });
      const register = parkgeo.button("pg-menu-item", words.say("dash_whole_register"), () => this.fetch(this.dashboard.address(`exports/register.xlsx?lang=${words.lang}`), "register.xlsx"));
      const visit = parkgeo.button("pg-menu-item pg-visit-button", words.say("dash_visit"), () => {
        this.node.open = false;
        parkgeo.printVisit(this.dashboard);
      });
      this.list.replaceChildren(element("p", "pg-menu-title", title), ...buttons, register, visit, ...this.condition());
    }

    /** The condition as the service takes it, to paste elsewhere. */
    condition() {
      const { filter } = this.asked(this.sheet);
      if (!filter) {
        return [];
      }
      const label = element("label", "pg-condition", this.words.say("dash_condition"));
      const area = element("textarea", "");
      area.readOnly = true;
      area.rows = 3;
      area.value = filter;
      label.append(area);
      return [label];
    }

    async take(form) {
      const { sheet } = this;
      if (this.asked(sheet).filter === null) {
        this.dashboard.notice(this.words.say("dash_too_many"), { error: true });
        return;
      }
      await this.fetch(this.address(sheet, form), `${sheet.collection}.${form}`);
    }

    /** Fetched first and saved then, so that what the service refuses is said here and not saved. */
    async fetch(address, name) {
      if (this.busy) {
        return;
      }
      const { dashboard, words } = this;
      this.busy = true;
      this.node.classList.add("pg-busy");
      dashboard.notice(words.say("dash_preparing", { name }));
      try {
        const answer = await parkgeo.reach(address);
        if (!answer.ok) {
          throw new Error(await parkgeo.complaint(answer, words));
        }
        parkgeo.download(nameIn(answer.headers.get("Content-Disposition") || "") || name, answer.headers.get("Content-Type"), await answer.blob());
        this.node.open = false;
        dashboard.notice("");
      } catch (error) {
        dashboard.notice(error.message, { error: true });
      } finally {
        this.busy = false;
        this.node.classList.remove("pg-busy");
      }
    }

    /** A button that copies the address; where that is not allowed the address is shown to be copied by hand. */
    copier() {
      const { dashboard, words } = this;
      return parkgeo.button("pg-button pg-copy", words.say("dash_copy"), async () => {
        if (dashboard.state.tooLong) {
          dashboard.notice(words.say("dash_link_long"), { error: true });
          return;
        }
        const address = new URL(dashboard.state.hash(), window.location.href).href;
        const copied = navigator.clipboard ? await navigator.clipboard.writeText(address).then(() => true, () => false) : false;
        dashboard.notice(copied ? words.say("dash_copied") : address);
        if (copied) {
          setTimeout(() => dashboard.notice(""), SAY_MS);
        }
      });
    }
  }

  Object.assign(parkgeo, { Downloads });
})((window.parkgeo = window.parkgeo || {}));
