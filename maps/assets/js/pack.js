/* Reads what maps/pack.py writes: JSON with typed arrays that are views of the bytes, never copies. */
(function (parkgeo) {
  "use strict";

  const MAGIC = 0x31504750; // "PGP1"
  const ARRAYS = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

  /** Many texts as bytes, read one at a time. */
  class Texts {
    constructor(ends, bytes) {
      this.ends = ends;
      this.bytes = bytes;
      this.decoder = new TextDecoder();
    }

    get length() {
      return this.ends.length;
    }

    at(place) {
      return this.decoder.decode(this.bytes.subarray(place ? this.ends[place - 1] : 0, this.ends[place]));
    }
  }

  function unpack(buffer) {
    const words = new DataView(buffer);
    if (words.getUint32(0, true) !== MAGIC) {
      throw new Error("not parkgeo's data");
    }
    const length = words.getUint32(4, true);
    const base = 8 + length;
    const array = ([type, at, size]) => new ARRAYS[type](buffer, base + at, size);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)), (key, value) => {
      if (value && typeof value === "object" && !Array.isArray(value)) {
        if (Array.isArray(value.$)) {
          return array(value.$);
        }
        if (Array.isArray(value.$t)) {
          return new Texts(...value.$t);
        }
      }
      return value;
    });
  }

  /** The data of a page that is one file: base64 of gzip. */
  async function unpackText(text) {
    const letters = atob(text);
    const packed = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at += 1) {
      packed[at] = letters.charCodeAt(at);
    }
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return unpack(await new Response(stream).arrayBuffer());
  }

  Object.assign(parkgeo, { Texts, unpack, unpackText });
})((window.parkgeo = window.parkgeo || {}));
