/* What speaks for idle land and what against it: the lines of evidence, and what would lift the grade. */
(function (parkgeo) {
  "use strict";

  const SAYS = ["idle", "in_use", "cannot_say"];
  const SIGNS = { idle: "✕", in_use: "✓", cannot_say: "?" };

  function mark(words, line, says) {
    if (line.says !== says) {
      return parkgeo.element("span", "pg-empty", "");
    }
    const node = parkgeo.element("span", `pg-mark pg-mark-${says.replace("_", "-")}`, SIGNS[says]);
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", words.say(`panel_${says}`));
    return node;
  }

  function lineName(words, line) {
    const key = `panel_line_${line}`;
    return words.knows(key) ? words.say(key) : line;
  }

  /** A line and under it its figure and where that comes from. */
  function lineCell(words, line) {
    const cell = parkgeo.element("span", "");
    cell.append(parkgeo.userText("strong", "", lineName(words, line.line)));
    const note = line[`note_${words.lang}`];
    if (note) {
      cell.append(parkgeo.userText("span", "pg-evidence-note pg-user", note));
    }
    if (line.source_file) {
      const row = line.source_row === null || line.source_row === undefined ? null : words.figure(line.source_row, 0);
      const where = row === null ? line.source_file : words.say("panel_file_row", { file: line.source_file, row });
      cell.append(parkgeo.userText("span", "pg-evidence-source pg-user", where));
    }
    return cell;
  }

  /** All lines as a table, and what they say together. */
  function evidence(record, words) {
    const lines = (record.evidence || []).filter((line) => SAYS.includes(line.says));
    if (!lines.length) {
      return [];
    }
    const head = [words.say("panel_line"), ...SAYS.map((says) => words.say(`panel_${says}`))];
    const rows = lines.map((line) => [lineCell(words, line), ...SAYS.map((says) => mark(words, line, says))]);
    const table = parkgeo.plainTable("pg-evidence", words.say("panel_evidence"), head, rows);
    return [together(record, words), table];
  }

  function together(record, words) {
    const value = (name) => (record.fields[name] ? record.fields[name].value : null);
    const says = value("evidence_says");
    const key = `panel_together_${says}`;
    const node = parkgeo.element("p", `pg-together${says === "conflict" ? " pg-needs" : ""}`, words.say(words.knows(key) ? key : "panel_together_cannot_say"));
    const confidence = value("evidence_confidence");
    if (confidence && words.knows(`panel_confidence_${confidence}`)) {
      node.append(" ", words.say(`panel_confidence_${confidence}`));
    }
    const rank = value("field_check_rank");
    if (rank !== null) {
      node.append(" ", words.say("panel_rank", { rank: words.figure(rank, 0) }));
    }
    return node;
  }

  /** The grade, and of each company on the parcel what alone would lift it. */
  function lifts(record, words) {
    const grade = record.fields.grade ? record.fields.grade.value : null;
    const score = record.fields.score ? record.fields.score.value : null;
    const nodes = [];
    if (grade) {
      const line = parkgeo.element("p", "pg-grade");
      line.append(parkgeo.userText("strong", `pg-grade-${["A", "B", "C", "D"].includes(grade) ? grade : "none"}`, grade));
      line.append(score === null ? words.say("panel_graded") : words.say("panel_graded_score", { score: parkgeo.short(words, score) }));
      nodes.push(line);
    }
    if (grade === "A") {
      return [...nodes, parkgeo.element("p", "pg-none", words.say("panel_highest"))];
    }
    const told = (record.scores || []).filter((row) => row[`lift_${words.lang}`]);
    const helps = told.filter((row) => row.needed_for_next_grade === undefined || row.needed_for_next_grade !== null);
    const companies = new Set(told.map((row) => row.enterprise_id));
    for (const company of companies) {
      const own = helps.filter((row) => row.enterprise_id === company);
      const name = told.find((row) => row.enterprise_id === company).name || company;
      const list = parkgeo.element("ul", "pg-lifts");
      list.append(...own.map((row) => liftItem(row, words)));
      if (companies.size > 1) {
        nodes.push(parkgeo.userText("p", "pg-company pg-user", name));
      }
      nodes.push(own.length ? list : parkgeo.element("p", "pg-none", words.say("panel_no_lift")));
    }
    return nodes;
  }

  function liftItem(row, words) {
    const item = parkgeo.userText("li", "", row[`lift_${words.lang}`]);
    if (row.verified === false) {
      item.append(" ", parkgeo.element("span", "pg-tag pg-unverified", words.say("unverified")));
      item.title = row.benchmark_source || "";
    }
    return item;
  }

  Object.assign(parkgeo, { evidenceTable: evidence, lifts });
})((window.parkgeo = window.parkgeo || {}));
