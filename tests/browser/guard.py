"""Watches over a page in the browser: what runs that should not, where a user's text shows and how, and what it pushes aside."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

# Begins before the page does. What the browser's driver evaluates itself is told by its stack.
_GUARD = r"""(() => {
    const ran = [];
    const note = (what) => { ran.push(String(what).slice(0, 300)); };
    const own = () => /UtilityScript|__playwright/.test(new Error().stack);
    Object.defineProperty(window, "__owned", { get: () => (ran.length ? ran[0] : undefined), set: (value) => note(`canary: ${value}`) });
    for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
        window[name] = (...given) => { note(`${name}(${given})`); return null; };
    }
    const evaluate = window.eval;
    window.eval = (text) => { if (!own()) { note(`eval: ${text}`); } return evaluate(text); };
    const made = { construct: (type, given) => { if (!own()) { note(`new Function: ${given}`); } return Reflect.construct(type, given); },
        apply: (type, self, given) => { if (!own()) { note(`Function: ${given}`); } return Reflect.apply(type, self, given); } };
    const Guarded = new Proxy(Function, made);
    Function.prototype.constructor = Guarded;
    window.Function = Guarded;
    for (const name of ["setTimeout", "setInterval"]) {
        const before = window[name];
        window[name] = (what, ...rest) => { if (typeof what === "string") { note(`${name}: ${what}`); } return before.call(window, what, ...rest); };
    }
    for (const name of ["write", "writeln"]) {
        const before = document[name].bind(document);
        document[name] = (text) => { note(`document.${name}: ${text}`); before(text); };
    }
    // Elements that nobody should bring in once the page stands. The library of charts comes when it is wanted, from where all files come.
    const kept = /^\/(snapshots\/[^/]+\/)?assets\/[0-9a-f]{16}\//;
    const strange = (node) => {
        const name = node.localName;
        if (name === "script" && node.src) { return !(new URL(node.src).origin === window.location.origin && kept.test(new URL(node.src).pathname)); }
        if (["iframe", "frame", "object", "embed", "base", "portal"].includes(name)) { return true; }
        if (["script", "style", "link", "meta"].includes(name)) { return standing; }
        return false;
    };
    const look = (node) => {
        for (const { name, value } of node.attributes) {
            if (name.startsWith("on") || (/^(href|src|action|formaction|xlink:href)$/.test(name) && /^[\s\x00-\x1f]*(javascript|vbscript):/i.test(value))) {
                note(`attribute ${name}: ${node.outerHTML}`);
            }
        }
    };
    const heard = (changes) => {
        for (const { addedNodes, target, type } of changes) {
            if (type === "attributes") { look(target); }
            for (const node of addedNodes) {
                if (node.nodeType === Node.ELEMENT_NODE) { [node, ...node.querySelectorAll("*")].forEach((one) => { look(one); if (strange(one)) { note(`element: ${one.outerHTML}`); } }); }
            }
        }
    };
    const observer = new MutationObserver(heard);
    observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["href", "src", "action", "formaction"] });
    let standing = false; // what the page itself is made of has come
    document.addEventListener("DOMContentLoaded", () => { heard(observer.takeRecords()); standing = true; });

    // Nothing keeps a text's writing direction to itself in lists to choose from, titles and drawings; so it is not asked for there.
    const BARE = "option, optgroup, title, textarea, svg, script, style, noscript, code";
    const seen = {};
    const loose = new Set();
    const wide = new Set();
    const plain = (text) => text.replace(/\r\n?/g, "\n");

    function where(node) {
        const parts = [];
        for (let at = node; at && at !== document.body && parts.length < 4; at = at.parentElement) {
            parts.unshift(at.localName + (at.className && at.className.split ? `.${at.className.trim().split(/\s+/).join(".")}` : ""));
        }
        return parts.join(" > ");
    }

    /** Look at all that shows: which strings stand as written in which places, which are not kept apart, what is wider than its panel. */
    function sweep({ strings, places, panels }, root = "html") {
        const whole = strings.map(plain);
        const begun = whole.map((text) => text.slice(0, 40));
        const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
        for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            const said = plain(text.data);
            const parent = text.parentElement;
            if (said.trim().length < 4 || parent.closest("script, style")) { continue; }
            let [told, any] = [[], false];
            begun.forEach((start, at) => {
                if (said.includes(start)) {
                    any = true;
                    if (said.includes(whole[at])) { told.push(at); }
                }
            });
            if (!any) { continue; }
            if (!parent.closest("bdi") && !parent.closest(BARE)) { loose.add(where(parent)); }
            for (const [place, selector] of Object.entries(places)) {
                if (parent.closest(selector)) {
                    seen[place] = seen[place] || new Set();
                    told.forEach((at) => seen[place].add(at));
                }
            }
        }
        const { innerWidth } = window;
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > innerWidth) { wide.add(`the page: ${scrollWidth} of ${innerWidth}`); }
        for (const panel of document.querySelectorAll(panels)) {
            const box = panel.getBoundingClientRect();
            if (!box.width || !box.height) { continue; }
            if (panel.scrollWidth > panel.clientWidth + 1 && panel.clientWidth) { wide.add(`${where(panel)}: ${panel.scrollWidth} of ${panel.clientWidth}`); }
            if (box.left < -1 || box.right > innerWidth + 1) { wide.add(`${where(panel)}: from ${box.left} to ${box.right} of ${innerWidth}`); }
        }
    }

    window.__guard = { ran, sweep, told: () => ({ ran: [...ran], loose: [...loose], wide: [...wide], seen: Object.fromEntries(Object.entries(seen).map(([place, found]) => [place, [...found]])) }) };
})();"""


class Guard:
    """Watches over each page of a browser's context.

    Parameters
    ----------
    context
        The context, before it has a page.
    strings
        Users' texts.
    places
        Where a user's text may show: selectors by name.
    panels
        Selector of what nothing may be wider than.
    """

    def __init__(self, context: Any, strings: tuple[str, ...], places: dict[str, str], panels: str) -> None:
        self.told = {"strings": list(strings), "places": places, "panels": panels}
        self.at = ""
        self.seen: defaultdict[str, set[int]] = defaultdict(set)
        context.add_init_script(_GUARD)

    def sweep(self, page: Any, root: str = "html") -> None:
        """Look at all that shows now, or at a part of it."""
        page.evaluate("([told, root]) => window.__guard.sweep(told, root)", [self.told, root])

    def sweep_each(self, page: Any, steps: str, root: str = "html") -> None:
        """Look at what shows after each step of a script: ``async (look, strings) => …`` that awaits ``look()``."""
        script = f"""async ([told, root]) => {{
            const look = async () => {{ await new Promise((done) => setTimeout(done)); window.__guard.sweep(told, root); }};
            await ({steps})(look, told.strings);
        }}"""
        page.evaluate(script, [self.told, root])

    def open(self, page: Any, address: str) -> Any:
        """Go to a page, which is to stay; the answer."""
        answer = page.goto(address)
        self.at = page.url.partition("#")[0]
        return answer

    def check(self, page: Any, *, apart: bool = True) -> None:
        """The page is still there, nothing ran, all texts are kept apart (unless none asks for it), nothing is wider than its panel; remembers what showed where."""
        assert page.url.partition("#")[0] == self.at, "the page went elsewhere"
        told = self._told(page)
        for place, found in told.pop("seen").items():
            self.seen[place] |= set(found)
        amiss = {what: found for what, found in told.items() if found and (apart or what != "loose")}
        assert not amiss, json.dumps(amiss, ensure_ascii=False, indent=1)

    def _told(self, page: Any) -> dict[str, Any]:
        """What the page's own guard noted; a page that leaves while it is asked went elsewhere."""
        from playwright.sync_api import Error

        try:
            return page.evaluate("window.__guard.told()")
        except Error as error:
            if "navigation" not in error.message:
                raise
            raise AssertionError("the page went elsewhere") from error

    def never_as_written(self, place: str) -> list[str]:
        """Strings that no page showed as written in a place."""
        return [text[:60] for at, text in enumerate(self.told["strings"]) if at not in self.seen[place]]


__all__ = ["Guard"]
