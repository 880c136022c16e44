/* The snapshots that are kept, on a line in time: the reader moves the whole dashboard along it, with all that is set. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;
  const MOST_POINTS = 8; // of a trend; each costs the service a snapshot to open
  const PATIENCE_MS = 700; // arrow keys move by one: the page goes where they stop
  const asked = new WeakMap();

  function once(dashboard, key, make) {
    if (!asked.has(dashboard)) {
      asked.set(dashboard, new Map());
    }
    const kept = asked.get(dashboard);
    if (!kept.has(key)) {
      const promise = make();
      kept.set(key, promise);
      promise.catch(() => kept.delete(key));
    }
    return kept.get(key);
  }

  /** All that are kept, in the order of their day and, of one day, as they were published. */
  function snapshotsOf(dashboard) {
    return once(dashboard, "snapshots", async () => {
      const { snapshots } = await parkgeo.ask(`${dashboard.root}snapshots?f=json`);
      return snapshots.sort((a, b) => compare(a.as_of, b.as_of) || compare(a.published, b.published));
    });
  }

  function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** One snapshot a day, the one published last; the newest days of them. */
  function daysApart(snapshots, most = MOST_POINTS) {
    const days = new Map(snapshots.map((one) => [one.as_of, one]));
    return [...days.values()].slice(-most);
  }

  /** What each snapshot says of a park: [{ as_of, name, record }], those left out that do not know it. */
  function parkOverTime(dashboard, park) {
    return once(dashboard, `park ${park}`, async () => {
      const days = daysApart(await snapshotsOf(dashboard));
      const found = [];
      // One after the other: a snapshot that nobody looked at yet must be opened for it.
      for (const { name, as_of: day } of days.length > 1 ? days : []) {
        const address = `${dashboard.root}snapshots/${encodeURIComponent(name)}/parks/${encodeURIComponent(park)}?f=json`;
        const record = await parkgeo.ask(address).catch((error) => {
          if ([404, 410].includes(error.status)) {
            return null;
          }
          throw error;
        });
        if (record) {
          found.push({ name, as_of: day, record });
        }
      }
      return found;
    });
  }

  class TimeBar {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.kept = [];
      this.node = element("section", "pg-time");
      this.waiting = null;
    }

    get place() {
      return this.kept.findIndex((one) => one.name === this.dashboard.snapshot);
    }

    async start() {
      try {
        this.kept = await snapshotsOf(this.dashboard);
      } catch (error) {
        this.node.replaceChildren(parkgeo.problem(this.words, error, () => this.start()));
        return;
      }
      this.fill();
      // Whoever came here by the slider's keys goes on with them.
      if (this.dashboard.state.of("time")) {
        this.dashboard.state.keep("time", null);
        const slider = this.node.querySelector("input");
        if (slider) {
          slider.focus();
        }
      }
    }

    text({ as_of: day, live }) {
      return this.words.say(live ? "panel_day_live" : "panel_day", { date: day });
    }

    fill() {
      const { words } = this;
      const { place } = this;
      const line = element("div", "pg-time-line");
      this.output = parkgeo.userText("output", "pg-time-day", place < 0 ? this.dashboard.view.meta.as_of : this.text(this.kept[place]));
      this.output.title = this.dashboard.snapshot;
      line.append(element("span", "pg-time-title", words.say("panel_snapshot")), this.output);
      const open = parkgeo.button("pg-button pg-compare-open", words.say("panel_compare"), () => this.dashboard.parts.find((part) => part instanceof parkgeo.Compare).open());
      line.append(open);
      const more = this.kept.length > 1 && place >= 0 ? [this.slider(place)] : [element("p", "pg-caption", words.say("panel_one_snapshot"))];
      this.node.setAttribute("aria-label", words.say("panel_snapshot"));
      this.node.replaceChildren(line, ...more);
    }

    slider(place) {
      const { words } = this;
      const wrap = element("div", "pg-time-slider");
      const input = element("input", "");
      Object.assign(input, { type: "range", min: 0, max: this.kept.length - 1, step: 1, value: place });
      input.setAttribute("aria-label", words.say("panel_snapshot"));
      input.setAttribute("aria-valuetext", this.text(this.kept[place]));
      input.addEventListener("input", () => {
        const one = this.kept[Number(input.value)];
        this.output.replaceChildren(element("bdi", "", this.text(one)));
        this.output.title = one.name;
        input.setAttribute("aria-valuetext", this.text(one));
        clearTimeout(this.waiting);
      });
      input.addEventListener("change", () => {
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.go(this.kept[Number(input.value)].name), PATIENCE_MS);
      });
      const ends = element("div", "pg-time-ends");
      ends.append(element("span", "", this.kept[0].as_of), element("span", "", this.kept.at(-1).as_of));
      wrap.append(input, ends);
      return wrap;
    }

    go(name) {
      if (name !== this.dashboard.snapshot) {
        this.dashboard.state.keep("time", 1);
        this.dashboard.toSnapshot(name);
      }
    }
  }

  Object.assign(parkgeo, { TimeBar, snapshotsOf, daysApart, parkOverTime });
})((window.parkgeo = window.parkgeo || {}));
