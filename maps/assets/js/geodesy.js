/* Lengths and areas on the ellipsoid (GRS 80, that of CGCS2000; WGS 84 differs by a tenth of a millimetre). Angles in degrees, metres. */
(function (parkgeo) {
  "use strict";

  const A = 6378137;
  const F = 1 / 298.257222101;
  const B = A * (1 - F);
  const E2 = F * (2 - F);
  const E = Math.sqrt(E2);
  const RADIANS = Math.PI / 180;

  /** Metres between two places [latitude, longitude], by Vincenty's inverse formula. */
  function distance([lat1, lng1], [lat2, lng2]) {
    const l = (lng2 - lng1) * RADIANS;
    const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(lat * RADIANS)));
    const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    let lambda = l;
    // A few turns are enough for any two places but those opposite each other on the globe.
    for (let turn = 0; turn < 60; turn += 1) {
      const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
      const sinSigma = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
      if (sinSigma === 0) {
        return 0;
      }
      const cosSigma = sin1 * sin2 + cos1 * cos2 * cosL;
      const sigma = Math.atan2(sinSigma, cosSigma);
      const sinAlpha = (cos1 * cos2 * sinL) / sinSigma;
      const cos2Alpha = 1 - sinAlpha * sinAlpha;
      const cos2M = cos2Alpha ? cosSigma - (2 * sin1 * sin2) / cos2Alpha : 0;
      const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
      const before = lambda;
      lambda = l + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2M + c * cosSigma * (2 * cos2M * cos2M - 1)));
      if (Math.abs(lambda - before) < 1e-13) {
        return along(sigma, sinSigma, cosSigma, cos2Alpha, cos2M);
      }
    }
    return NaN;
  }

  function along(sigma, sinSigma, cosSigma, cos2Alpha, cos2M) {
    const k = (cos2Alpha * (A * A - B * B)) / (B * B);
    const a = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)));
    const b = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)));
    const third = (b / 6) * cos2M * (4 * sinSigma * sinSigma - 3) * (4 * cos2M * cos2M - 3);
    return B * a * (sigma - b * sinSigma * (cos2M + (b / 4) * (cosSigma * (2 * cos2M * cos2M - 1) - third)));
  }

  /** Metres along places, one after the other. */
  function length(places) {
    return places.slice(1).reduce((sum, place, before) => sum + distance(places[before], place), 0);
  }

  /** What the sine of latitude becomes on the sphere that has the ellipsoid's area. */
  function q(lat) {
    const sine = Math.sin(lat * RADIANS);
    return (1 - E2) * (sine / (1 - E2 * sine * sine) + Math.atanh(E * sine) / E);
  }

  const POLE = q(90);

  /** Square metres inside a ring of places, on the sphere of equal area; edges are great circles of it. */
  function area(ring) {
    const radius2 = (A * A * POLE) / 2;
    const halves = ring.map(([lat]) => Math.tan(Math.asin(q(lat) / POLE) / 2));
    let excess = 0;
    ring.forEach((place, here) => {
      const next = (here + 1) % ring.length;
      const turn = Math.tan(((ring[next][1] - place[1]) * RADIANS) / 2);
      excess += 2 * Math.atan2(turn * (halves[here] + halves[next]), 1 + halves[here] * halves[next]);
    });
    return Math.abs(excess) * radius2;
  }

  /** Whether a place is inside a ring of [x, y]. */
  function inRing(ring, x, y) {
    let inside = false;
    let before = ring[ring.length - 1];
    for (const here of ring) {
      if (here[1] > y !== before[1] > y && x < ((before[0] - here[0]) * (y - here[1])) / (before[1] - here[1]) + here[0]) {
        inside = !inside;
      }
      before = here;
    }
    return inside;
  }

  Object.assign(parkgeo, { geodesy: { distance, length, area }, inRing });
})((window.parkgeo = window.parkgeo || {}));
