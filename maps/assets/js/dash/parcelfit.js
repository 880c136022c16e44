/* What could stand on a parcel: all industries of the packs, best first, each with what it lacks or what is not known. Asked for when opened. */
(function (parkgeo) {
  "use strict";

  const { element, userText } = parkgeo;
  const GRADED = ["high", "medium", "low"];

  /** What is said of one industry beside its grade: what it lacks and would need, or what to ask for. */
  function saidOf(fit) {
    const lacking = fit.failed.filter(({ verdict }) => verdict === "no");
    const told = (lacking.length ? lacking : fit.failed).map((limit) => limit.words);
    const more = lacking.length ? fit.counterfactual : fit.ask;
    return [...(told.length ? [parkgeo.limitList(told)] : []), ...(more ? [userText("p", "pg-caption pg-user", more)] : [])];
  }

  function table(words, fits) {
    const heads = [words.say("siting_industry"), words.say("siting_grade"), words.say("siting_score")];
    const rows = fits.map((fit) => {
      const about = element("div", "");
      about.append(userText("span", "pg-user", fit.title), ...saidOf(fit));
      // A score is of what fits: beside what does not it would say the opposite of its grade.
      return [about, parkgeo.gradeMark(words, fit.grade), GRADED.includes(fit.grade) ? words.figure(fit.score, 0) : parkgeo.DASH];
    });
    return parkgeo.plainTable("pg-plain pg-fits", words.say("siting_fits"), heads, rows, [2]);
  }

  /** The part of the panel; candidate: what the analysis says of the parcel, where it says anything. */
  function parcelFit(dashboard, path, candidate) {
    if (!dashboard.view.data.siting) {
      return [];
    }
    const { words } = dashboard;
    const node = element("details", "pg-part pg-what-fits");
    const place = element("div", "");
    node.append(element("summary", "", words.say("siting_what_fits")), place);
    const fill = async () => {
      place.replaceChildren(element("p", "pg-panel-status", words.say("panel_reading")));
      try {
        const { fits } = await dashboard.ask(`${path}/fit?lang=${words.lang}`);
        const used = candidate === "none" ? [element("p", "pg-caption", words.say("siting_in_use"))] : [];
        place.replaceChildren(...used, fits.length ? table(words, fits) : element("p", "pg-none", words.say("siting_no_industries")));
      } catch (error) {
        place.replaceChildren(parkgeo.problem(words, error, fill));
      }
    };
    node.addEventListener("toggle", () => {
      if (node.open && !place.childElementCount) {
        fill();
      }
    });
    return [node];
  }

  Object.assign(parkgeo, { parcelFit });
})((window.parkgeo = window.parkgeo || {}));
