/* Conditions as CQL2 text, as the service's `filter` takes it: the same parcels as the page shows. */
(function (parkgeo) {
  "use strict";

  const CONTROL = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r" };
  const PLAIN = /^[A-Za-z_]\w*$/;

  function quote(text) {
    const safe = text.replaceAll("\\", "\\\\").replaceAll("'", "''");
    return `'${safe.replace(/[\b\t\n\v\f\r]/g, (sign) => CONTROL[sign])}'`;
  }

  function property(name) {
    return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  }

  /** Text that LIKE finds anywhere, signs of its own included. */
  function anywhere(text) {
    return quote(`%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
  }

  /** One of some conditions. */
  function either(parts) {
    return parts.length > 1 ? `(${parts.join(" OR ")})` : parts[0];
  }

  function among(name, values) {
    const said = values.filter((value) => value !== null).map(quote);
    const parts = [];
    if (said.length) {
      parts.push(said.length > 1 ? `${property(name)} IN (${said.join(", ")})` : `${property(name)} = ${said[0]}`);
    }
    if (values.includes(null)) {
      parts.push(`${property(name)} IS NULL`);
    }
    return either(parts);
  }

  function within(name, range, kind) {
    const [from, to] = parkgeo.endsOf(range, kind);
    const parts = [from === null ? null : `${property(name)} >= ${from}`, to === null ? null : `${property(name)} <= ${to}`];
    const both = parts.filter((part) => part !== null).join(" AND ");
    return range.missing ? `(${parts.includes(null) ? both : `(${both})`} OR ${property(name)} IS NULL)` : both;
  }

  /** An area of [longitude, latitude]. */
  function inArea(ring, touching) {
    const closed = [...ring, ring[0]].map((corner) => corner.join(" ")).join(", ");
    return `${touching ? "S_INTERSECTS" : "S_WITHIN"}(geometry, POLYGON((${closed})))`;
  }

  /** The criteria as one condition, empty where there are none. kinds: column → its kind. */
  function cql2Of(criteria, kinds) {
    const parts = [
      ...Object.entries(criteria.any || {}).map(([name, values]) => among(name, values)),
      ...Object.entries(criteria.ranges || {}).map(([name, range]) => within(name, range, kinds(name))),
    ];
    if (criteria.findings) {
      parts.push(either(criteria.findings.codes.map((code) => among(code, criteria.findings.verdicts))));
    }
    if (criteria.holder) {
      parts.push(`CASEI(${property(parkgeo.HOLDER)}) LIKE CASEI(${anywhere(criteria.holder.trim())})`);
    }
    if (criteria.ids) {
      parts.push(among("parcel_id", criteria.ids));
    }
    if (criteria.areas) {
      parts.push(either(criteria.areas.rings.map((ring) => inArea(ring, criteria.areas.touching))));
    }
    return parts.join(" AND ");
  }

  Object.assign(parkgeo, { cql2Of, inArea });
})((window.parkgeo = window.parkgeo || {}));
