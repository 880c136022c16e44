/* The chosen parcel in the panel: its verdict in a sentence, its dates, what speaks for and against, what to ask for, its dossier. */
(function (parkgeo) {
  "use strict";

  const { element, userText, part } = parkgeo;
  const FACTS = ["site_area_m2", "land_use", "industry_code", "land_state", "supply_status", "right_type", "way", "idle_fee_wan"];
  const FORMS = ["html", "pdf", "docx"];
  const LOUD = ["yes", "undetermined"];

  class ParcelCard {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
    }

    path(row) {
      return `parcels/${encodeURIComponent(this.dashboard.view.data.parcels.ids.at(row))}`;
    }

    async nodes(row) {
      const { words } = this;
      const { cards } = this.dashboard.page;
      const [about, { photos }] = await Promise.all(["?f=json", "/photos"].map((more) => this.dashboard.ask(`${this.path(row)}${more}`)));
      const record = { ...about, photos };
      const verdict = await cards.verdictOf(row);
      const reason = record.reason ? record.reason[words.lang] : null;
      return [
        ...this.head(record, row),
        ...(verdict ? [cards.verdictLine(verdict)] : []),
        ...(this.value(record, "evidence_says") === "conflict" ? [element("p", "pg-needs pg-contradicted", words.say("panel_together_conflict"))] : []),
        ...(reason ? [userText("p", "pg-reason pg-user", reason)] : []),
        this.facts(record),
        ...part(words.say("section_dates"), ...parkgeo.timeline(record, words)),
        ...part(words.say("panel_evidence"), ...parkgeo.evidenceTable(record, words)),
        ...part(words.say("panel_lift"), ...parkgeo.lifts(record, words)),
        ...parkgeo.parcelFit(this.dashboard, this.path(row), this.value(record, "candidate")),
        ...part(words.say("findings"), ...this.findings(record, reason)),
        ...part(words.say("missing"), ...this.gaps(record)),
        ...part(words.say("panel_photos"), ...this.photos(record, row)),
        ...part(words.say("panel_dossier"), this.links(row)),
      ];
    }

    value(record, name) {
      return record.fields[name] ? record.fields[name].value : null;
    }

    head(record, row) {
      const { words } = this;
      const line = element("div", "pg-parcel-head");
      const tools = element("div", "pg-parcel-tools");
      tools.append(
        parkgeo.button("pg-button pg-back", words.say("panel_back"), () => this.dashboard.choose(-1, { from: "panel" })),
        parkgeo.button("pg-button pg-show", words.say("panel_show"), () => this.show(row)),
      );
      const title = userText("h2", "pg-panel-title", record.parcel_id);
      title.tabIndex = -1;
      line.append(tools, title);
      const where = ["holder", "location"].map((name) => this.value(record, name)).filter(Boolean);
      return [line, ...where.map((text) => userText("p", "pg-holder pg-user", text))];
    }

    async show(row) {
      const bounds = await this.dashboard.view.bounds(row);
      if (bounds) {
        this.dashboard.page.map.fitBounds(bounds, { maxZoom: 17, animate: false });
      }
    }

    /** A field as a person reads it: areas in the chosen unit, codes in words. */
    said(record, name) {
      const { words } = this;
      const { value, unit } = record.fields[name];
      if (value === null || value === undefined || value === "") {
        return null;
      }
      if (unit === "m2") {
        return parkgeo.land(words, value);
      }
      if (typeof value === "number") {
        return words.withUnit(value, unit === "1" ? "" : unit, 2);
      }
      const field = this.dashboard.schema[name] || {};
      const codes = field["x-parkgeo-codes"] || {};
      return Object.hasOwn(codes, value) ? codes[value][words.lang] : words.codes(String(value));
    }

    facts(record) {
      const list = element("dl", "pg-facts");
      for (const name of FACTS.filter((one) => record.fields[one])) {
        const said = this.said(record, name);
        if (said !== null) {
          const entry = userText("dd", "pg-user", said);
          entry.dataset.field = name;
          entry.title = record.fields[name].unit === "m2" ? this.words.withUnit(record.fields[name].value, "m2", 0) : "";
          list.append(userText("dt", "", record.fields[name][this.words.lang]), entry);
        }
      }
      return list;
    }

    findings(record, reason) {
      const { cards } = this.dashboard.page;
      const { languages } = this.words.data;
      const loud = record.findings.filter((finding) => LOUD.includes(finding.verdict));
      if (!loud.length) {
        return [element("p", "pg-none", this.words.say("findings_none"))];
      }
      const list = element("ul", "pg-findings");
      for (const finding of loud) {
        const told = {
          ...finding,
          clause: languages.map((lang) => finding[`clause_${lang}`] || ""),
          reason: languages.map((lang) => finding[`reason_${lang}`] || ""),
          observed: finding.observed === undefined ? null : finding.observed,
          threshold: finding.threshold === undefined ? null : finding.threshold,
        };
        list.append(cards.finding(told, reason));
      }
      return [list];
    }

    /** What to ask for; several fields that wait for one answer stand together. */
    gaps(record) {
      const { words } = this;
      const waiting = new Map();
      for (const gap of record.gaps) {
        const asked = gap[words.lang];
        waiting.set(asked, [...(waiting.get(asked) || []), this.fieldTitle(record, gap.field)]);
      }
      if (!waiting.size) {
        return [element("p", "pg-none", words.say("missing_none"))];
      }
      const list = element("ul", "pg-gaps");
      for (const [asked, names] of waiting) {
        const item = userText("li", "pg-user", asked);
        item.prepend(userText("span", "pg-fields", words.list([...new Set(names.filter(Boolean))])));
        list.append(item);
      }
      return [list];
    }

    fieldTitle(record, name) {
      const known = record.fields[name] || (this.dashboard.schema[name] || {})["x-parkgeo-title"];
      const { fields } = this.dashboard.view.data.findings;
      return known ? known[this.words.lang] : Object.hasOwn(fields, name) ? this.words.of(fields[name]) : "";
    }

    /** Photos that the record tells of; each opens in full. */
    photos(record, row) {
      const told = Array.isArray(record.photos) ? record.photos : [];
      return told.map((photo, place) => {
        const number = photo.number === undefined ? place + 1 : photo.number;
        const figure = element("figure", "pg-photo");
        const link = element("a", "");
        link.href = this.dashboard.address(`${this.path(row)}/photos/${encodeURIComponent(number)}`);
        link.target = "_blank";
        link.rel = "noopener";
        const image = element("img", "");
        image.src = link.href;
        image.loading = "lazy";
        const said = this.words.say("panel_photo", { number: this.words.figure(place + 1, 0) });
        image.alt = said;
        link.append(image);
        const about = photo.title || photo.taken;
        figure.append(link, userText("figcaption", "pg-caption", about || said));
        return figure;
      });
    }

    links(row) {
      const { words } = this;
      const list = element("p", "pg-links");
      for (const form of FORMS) {
        const link = element("a", "pg-button pg-link", words.say(`panel_form_${form}`));
        link.href = this.dashboard.address(`${this.path(row)}?f=${form}&lang=${words.lang}`);
        if (form === "html") {
          link.target = "_blank";
          link.rel = "noopener";
        } else {
          link.download = "";
        }
        list.append(link);
      }
      return list;
    }
  }

  Object.assign(parkgeo, { ParcelCard });
})((window.parkgeo = window.parkgeo || {}));
