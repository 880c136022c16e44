/* What a search for sites found: the best first, why not the others, and what to ask for where it cannot be said. */
(function (parkgeo) {
  "use strict";

  const { element, userText } = parkgeo;
  // A sign beside the word: a grade is not told by colour alone.
  const SIGNS = { high: "●●●", medium: "●●○", low: "●○○", no: "✕", undetermined: "?" };
  const CRITERIA = ["access_score", "services_ready", "travel", "net_share", "rectangle", "economy", "cost"];
  const MOST_IDS = 6;

  /** What a criterion is called; an office's own as the packs write it. */
  function criterion(words, name) {
    return CRITERIA.includes(name) ? words.say(`siting_criterion_${name}`) : name;
  }

  function gradeMark(words, grade) {
    const known = Object.hasOwn(SIGNS, grade) ? grade : "undetermined";
    const node = element("span", `pg-fit pg-fit-${known}`);
    const sign = element("span", "pg-fit-sign", SIGNS[known]);
    sign.setAttribute("aria-hidden", "true");
    node.append(sign, element("span", "", words.say(`siting_grade_${known}`)));
    return node;
  }

  /** What a site is called: a parcel by its id, a joined site by its own with those of its parcels. */
  function siteName(words, { site_id: id, kind, parcel_ids: parcels }) {
    return kind === "joined" ? `${id} · ${words.say("siting_joined", { count: words.figure(parcels.length, 0) })}` : id;
  }

  function list(sentences) {
    const node = element("ul", "pg-site-limits");
    node.append(...sentences.map((text) => userText("li", "pg-user", text)));
    return node;
  }

  class SitingFound {
    /** show: called with a site that the reader chose. */
    constructor(dashboard, show) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.show = show;
    }

    nodes(found) {
      const { words } = this;
      const { counts } = found;
      const figures = { asked: counts.asked, fit: counts.fit, no: counts.do_not_fit, unknown: counts.undetermined };
      const said = Object.fromEntries(Object.entries(figures).map(([name, count]) => [name, words.figure(count, 0)]));
      const lead = element("p", "pg-lead", words.say("siting_counts", said));
      lead.dataset.fit = counts.fit;
      const source = found.industry ? [this.source(found)] : [];
      if (found.joining && found.joining.words) {
        source.push(userText("p", "pg-caption pg-user", found.joining.words));
      }
      if (!counts.asked) {
        return [lead, ...source, element("p", "pg-none", words.say("siting_nothing"))];
      }
      return [
        lead,
        ...source,
        ...(found.ranked.length ? [this.ranked(found.ranked)] : [element("p", "pg-none", words.say("siting_none"))]),
        ...this.others("siting_why_not", found.why_not, counts.do_not_fit, (site) => this.lacking(site)),
        ...this.others("siting_undetermined", found.undetermined, counts.undetermined, (site) => this.unsure(site)),
      ];
    }

    /** Whose figures an industry's needs are; the packs' own words for it in the tip. */
    source({ needs, source, industry }) {
      const { words } = this;
      const key = industry.verified ? "siting_needs_of" : "siting_needs_unverified";
      const node = userText("p", "pg-caption pg-user", words.say(key, { needs }));
      node.title = source;
      return node;
    }

    siteCell(site) {
      const { words } = this;
      const node = element("span", "pg-site-name");
      const button = parkgeo.button("pg-row-button", siteName(words, site), () => this.show(site), parkgeo.userText("span", "", siteName(words, site)));
      button.dataset.site = site.site_id;
      node.append(button);
      if (site.kind === "joined") {
        const ids = site.parcel_ids.slice(0, MOST_IDS);
        node.append(userText("span", "pg-caption pg-user", words.list(ids) + (site.parcel_ids.length > MOST_IDS ? " …" : "")));
      }
      return node;
    }

    ranked(sites) {
      const { words } = this;
      const heads = ["rank", "site", "grade", "score", "stability", "room_left"].map((name) => words.say(`siting_${name}`));
      const rows = sites.map((site) => [
        words.figure(site.rank, 0), this.siteCell(site), gradeMark(words, site.grade), this.score(site), this.stays(site), this.opener(site),
      ]);
      const table = parkgeo.plainTable("pg-plain pg-ranked", words.say("siting_ranked"), heads, rows, [0, 4]);
      [...table.tBodies[0].rows].forEach((line, place) => line.after(this.more(sites[place], heads.length)));
      table.querySelectorAll("thead th")[4].title = words.say("siting_stability_how");
      return table;
    }

    score(site) {
      const { words } = this;
      const [score, low, high] = [site.score, site.score_low, site.score_high].map((value) => words.figure(value, 1));
      const told = site.score !== null && site.score_low !== null && low !== high ? words.say("siting_between", { score, low, high }) : score;
      const node = element("span", "pg-site-score");
      const label = `${words.say("siting_score")} ${told}`;
      node.append(
        element("span", "", told),
        parkgeo.bar({ value: site.score === null ? NaN : site.score, low: site.score_low ?? NaN, high: site.score_high ?? NaN, most: 100, colour: "#35608f", label }),
      );
      if (site.known_weight !== null) {
        node.title = words.say("siting_known", { share: words.percent(site.known_weight) });
      }
      return node;
    }

    stays({ stability }) {
      return stability === null ? parkgeo.DASH : this.words.percent(stability);
    }

    /** Opens the line below a site's own. */
    opener({ site_id: id }) {
      const { words } = this;
      const label = `${words.say("siting_room_left")}, ${id}`;
      const button = parkgeo.button("pg-row-button pg-site-open", label, () => {
        const line = button.closest("tr").nextElementSibling;
        line.hidden = !line.hidden;
        button.setAttribute("aria-expanded", String(!line.hidden));
      }, words.say("siting_room_left"));
      button.setAttribute("aria-expanded", "false");
      return button;
    }

    /** What it has beyond what is needed, and what each criterion gives. */
    more(site, columns) {
      const { words } = this;
      const row = element("tr", "pg-site-more");
      row.hidden = true;
      const node = element("td", "");
      node.colSpan = columns;
      row.append(node);
      node.append(list(site.limits.map((limit) => limit.words)));
      const points = site.breakdown.filter(({ weight }) => weight > 0).map(({ title, points: got, weight }) => {
        const share = words.percent(weight);
        return got === null ? words.say("siting_unknown_point", { title, weight: share }) : words.say("siting_point", { title, points: words.figure(got, 1), weight: share });
      });
      node.append(element("p", "pg-caption", words.say("siting_points")), list(points));
      const { obstacles = [], cost_words: cost = "" } = site;
      if (obstacles.length) {
        node.append(userText("p", "pg-user", words.say("siting_obstacles", { obstacles: words.list(obstacles.map(({ title }) => title)) })));
      }
      if (cost) {
        node.append(userText("p", "pg-user", cost));
      }
      return row;
    }

    others(key, sites, count, cells) {
      if (!sites.length) {
        return [];
      }
      const { words } = this;
      const node = element("details", "pg-site-others");
      node.dataset.list = key;
      node.open = true;
      const title = words.say(key, { shown: words.figure(sites.length, 0), count: words.figure(count, 0) });
      const heads = key === "siting_why_not" ? ["siting_site", "siting_lacks", "siting_change"] : ["siting_site", "siting_open", "siting_ask"];
      const rows = sites.map((site) => [this.siteCell(site), ...cells(site)]);
      node.append(element("summary", "", title), parkgeo.plainTable("pg-plain", title, heads.map((head) => words.say(head)), rows));
      return [node];
    }

    lacking(site) {
      return [list(site.limits.filter(({ verdict }) => verdict === "no").map((limit) => limit.words)), userText("span", "pg-user", site.counterfactual)];
    }

    unsure(site) {
      return [list(site.limits.filter(({ verdict }) => verdict === "undetermined").map((limit) => limit.words)), userText("span", "pg-user", site.ask)];
    }
  }

  Object.assign(parkgeo, { SitingFound, gradeMark, criterion, siteName, limitList: list });
})((window.parkgeo = window.parkgeo || {}));
