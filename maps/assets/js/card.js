/* What a pop-up says: of a parcel its verdict, reasons, findings, gaps and figures; of another shape its fields. */
(function (parkgeo) {
  "use strict";

  const SECTIONS = ["idle", "dates", "areas", "built", "access", "services", "yield", "identity"];
  const VERDICT = "idle";

  class Cards {
    constructor(view, words, colours) {
      this.view = view;
      this.words = words;
      this.colours = colours;
    }

    card() {
      const card = parkgeo.element("article", "pg-card");
      card.tabIndex = -1;
      return card;
    }

    async parcel(row) {
      const facts = await this.view.facts(row);
      const verdict = await this.verdictOf(row);
      const { words } = this;
      const value = (name) => (facts.fields[name] ? facts.fields[name].value : null);
      const card = this.card();
      card.append(parkgeo.userText("h2", "", facts.id), parkgeo.userText("p", "pg-holder pg-user", value("holder")));
      card.append(...this.colours.line(row, facts));
      if (verdict) {
        card.append(this.verdictLine(verdict));
      }
      const full = this.view.meta.limit === null;
      if (full) {
        const reason = value(`verdict_reason_${words.lang}`);
        card.append(parkgeo.userText("p", "pg-reason pg-user", reason));
        card.append(...this.findings(facts.findings, reason), ...this.gaps(facts, verdict));
        for (const section of SECTIONS) {
          card.append(...this.section(section, facts));
        }
      }
      return card;
    }

    /** The class of the verdict on idle land, whatever the map is coloured by. */
    async verdictOf(row) {
      const colouring = this.view.colouring(VERDICT);
      return colouring && colouring.classes[(await this.view.classes(VERDICT))[row]];
    }

    verdictLine(verdict) {
      const line = parkgeo.element("p", "pg-verdict");
      line.append(parkgeo.swatch(verdict.style, parkgeo.POLYGON), parkgeo.element("strong", "", this.words.of(verdict.label)));
      if (verdict.code === "yes") {
        line.append(parkgeo.element("span", "pg-badge", this.words.say("suspected")));
      }
      return line;
    }

    /** Which fields a section shows: [name, whether it is left out where it has no value]. */
    names(section) {
      return (this.view.data.sections[section] || []).map((name) => [name.replace("?", ""), name.endsWith("?")]);
    }

    section(section, facts) {
      const rows = this.names(section)
        .filter(([name]) => facts.fields[name])
        .map(([name, optional]) => [name, facts.fields[name], optional])
        .filter(([, field, optional]) => field.value !== null || !optional);
      const table = section === "access" ? this.minutes(facts) : [];
      if (!rows.length && !table.length) {
        return [];
      }
      return [parkgeo.element("h3", "", this.words.say(`section_${section}`)), this.definitions(rows), ...table];
    }

    definitions(rows) {
      const list = parkgeo.element("dl", "");
      for (const [name, field] of rows) {
        const entry = parkgeo.userText("dd", "pg-user", this.words.value(field));
        entry.dataset.field = name;
        list.append(parkgeo.userText("dt", "", this.words.of(field.title)), entry);
      }
      return list;
    }

    /** Minutes to each kind of facility, a column for each way of travel. */
    minutes({ fields }) {
      const { modes } = this.view.data;
      const used = Object.keys(modes).filter((mode) => Object.keys(fields).some((name) => name.startsWith(modes[mode])));
      const kinds = new Set(used.flatMap((mode) => Object.keys(fields).filter((name) => name.startsWith(modes[mode])).map((name) => name.slice(modes[mode].length))));
      if (!kinds.size) {
        return [];
      }
      const table = parkgeo.element("table", "pg-minutes");
      const head = parkgeo.element("tr", "");
      head.append(parkgeo.element("th", "", this.words.say("minutes_of")), ...used.map((mode) => heading(this.words.say(`mode_${mode}`), "col")));
      table.append(head);
      for (const kind of kinds) {
        const line = parkgeo.element("tr", "");
        line.append(heading(this.words.code(kind), "row"));
        for (const mode of used) {
          const field = fields[modes[mode] + kind];
          line.append(parkgeo.element("td", "pg-number", field ? this.words.figure(field.value, 1, true) : ""));
        }
        table.append(line);
      }
      return [table];
    }

    findings(findings, said) {
      const list = parkgeo.element("ul", "pg-findings");
      list.append(...findings.map((finding) => this.finding(finding, said)));
      const heading = parkgeo.element("h3", "", this.words.say("findings"));
      return [heading, findings.length ? list : parkgeo.element("p", "pg-none", this.words.say("findings_none"))];
    }

    /** One finding; a reason that stands above already is not said again. */
    finding({ code, verdict, unit, clause, reason, missing, since, observed, threshold, verified }, said) {
      const { words } = this;
      const { titles, settings } = this.view.data.findings;
      const item = parkgeo.element("li", "");
      const title = parkgeo.element("p", "pg-finding-title");
      const known = Object.hasOwn(titles, code) ? words.of(titles[code]) : code;
      title.append(parkgeo.userText("strong", "", known), parkgeo.element("span", "pg-tag", words.knows(`verdict_${verdict}`) ? words.say(`verdict_${verdict}`) : verdict));
      if (!verified) {
        const own = settings.includes(code);
        title.append(parkgeo.element("span", `pg-tag ${own ? "pg-setting" : "pg-unverified"}`, words.say(own ? "setting" : "unverified")));
      }
      const facts = [words.of(clause)];
      if (since) {
        facts.push(words.say("since", { date: since }));
      }
      if (observed !== null && threshold !== null) {
        // Of the evidence it is pairs that are counted, and no share.
        const counted = code === "evidence_conflict";
        const [seen, limit] = [observed, threshold].map((value) => (counted ? words.figure(value, 0) : unit === "1" ? words.percent(value) : words.withUnit(value, unit, 1)));
        facts.push(words.say(counted ? "contradictions" : "observed", { observed: seen, threshold: limit }));
      }
      item.append(title, parkgeo.userText("p", "pg-clause", facts.filter(Boolean).join(" · ")));
      if (words.of(reason) !== said) {
        item.append(parkgeo.userText("p", "pg-user", words.of(reason)));
      }
      if (missing) {
        item.append(parkgeo.userText("p", "pg-needs", words.say("needs", { fields: this.fieldNames(missing) })));
      }
      return item;
    }

    fieldNames(missing) {
      const { fields } = this.view.data.findings;
      const names = missing.split(",").map((name) => name.trim());
      return this.words.list(names.map((name) => (Object.hasOwn(fields, name) ? this.words.of(fields[name]) : name)));
    }

    gaps(facts, verdict) {
      const list = parkgeo.element("ul", "pg-gaps");
      // Several fields may wait for the same answer: it is asked once.
      const waiting = new Map();
      for (const gap of facts.gaps) {
        const ask = this.words.of(gap.ask);
        waiting.set(ask, [...(waiting.get(ask) || []), this.words.of(gap.field)]);
      }
      for (const [ask, names] of waiting) {
        const item = parkgeo.userText("li", "pg-user", ask);
        item.prepend(parkgeo.userText("span", "pg-fields", this.words.list(names.filter(Boolean))));
        list.append(item);
      }
      const blank = this.unexplained(facts);
      if (blank.length) {
        list.append(parkgeo.userText("li", "pg-blank", this.words.say("missing_values", { fields: this.words.list(blank) })));
      }
      const undecided = (verdict && verdict.code === "undetermined") || facts.findings.some((finding) => finding.verdict === "undetermined");
      const none = this.words.say(undecided ? "missing_verdict" : "missing_none");
      return [parkgeo.element("h3", "", this.words.say("missing")), list.childElementCount ? list : parkgeo.element("p", "pg-none", none)];
    }

    /** Titles of the dashes in the pop-up that no gap accounts for. */
    unexplained({ fields, gaps }) {
      const explained = new Set(gaps.map((gap) => gap.key));
      return Object.keys(this.view.data.sections)
        .flatMap((section) => this.names(section))
        .filter(([name, optional]) => !optional && fields[name] && fields[name].value === null && !explained.has(name))
        .map(([name]) => this.words.of(fields[name].title));
    }

    /** A road, main, facility …: its class and its named fields. */
    async shape(layer, row) {
      const { fields, reason } = await this.view.layerFacts(layer.id, row);
      const card = this.card();
      card.append(parkgeo.userText("h2", "", this.words.of(layer.title)));
      if (reason) {
        card.append(parkgeo.userText("p", "pg-reason pg-user", this.words.of(reason)));
      }
      card.append(this.definitions(Object.entries(fields)));
      return card;
    }
  }

  function heading(text, scope) {
    const cell = parkgeo.element("th", scope === "col" ? "pg-number" : "", text);
    cell.scope = scope;
    return cell;
  }

  Object.assign(parkgeo, { Cards });
})((window.parkgeo = window.parkgeo || {}));
