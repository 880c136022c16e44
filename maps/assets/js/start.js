/* Opens the page that is one file: reads its data and starts the map. Called by the script that folium writes at the end of the page. */
(function (parkgeo) {
  "use strict";

  // The sentences of the page are in the data, which cannot be read here: so these two stand by themselves, as those of <noscript> do.
  const TOO_OLD = {
    "zh-CN": "此浏览器版本过旧，无法打开这张地图。请改用 Chrome 或 Edge 104、Firefox 113、Safari 16.4 及以上版本。",
    en: "This browser is too old for this map. Please open it with Chrome or Edge 104, Firefox 113, Safari 16.4 or later.",
  };

  async function start(map, lang) {
    const text = document.getElementById("parkgeo-data").textContent;
    if (!text) {
      return null;
    }
    if (typeof DecompressionStream === "undefined") {
      const sentences = Object.entries(TOO_OLD).map(([language, sentence]) => {
        const node = parkgeo.element("p", "pg-too-old", sentence);
        node.lang = language;
        return node;
      });
      document.getElementById("parkgeo-head").append(...sentences);
      return null;
    }
    const data = await parkgeo.unpackText(text);
    document.getElementById("parkgeo-data").remove(); // the packed text is needed no more
    const page = new parkgeo.ParkMap(map, new parkgeo.View(data, new parkgeo.PortableSource(data)), new parkgeo.Words({ ...data, lang }));
    parkgeo.page = page;
    await page.run();
    return page;
  }

  Object.assign(parkgeo, { start });
})((window.parkgeo = window.parkgeo || {}));
