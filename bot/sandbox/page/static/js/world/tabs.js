// Tabs: one panel of several is shown. Arrow keys move between the tabs, as the pattern of the ARIA practices has it.

import { h } from "../base/dom.js";

/**
 * Make tabs for panels, `[{name, panel}]`; returns their elements, and `show(name)`. `onShow` is called with the name
 * of each panel that is shown.
 */
export function makeTabs(label, panels, { onShow = () => {} } = {}) {
  const id = `tabs-${(count += 1)}`;
  const tabs = panels.map(({ name, panel }, place) => {
    Object.assign(panel, { id: `${id}-${place}` });
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `${id}-${place}-tab`);
    const names = { id: `${id}-${place}-tab`, "aria-controls": panel.id };
    return h("button", { type: "button", class: "tab", role: "tab", ...names, onclick: () => show(name) }, name);
  });
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label, onkeydown: move }, tabs);

  function show(name) {
    panels.forEach((each, place) => {
      const isShown = each.name === name;
      each.panel.hidden = !isShown;
      tabs[place].setAttribute("aria-selected", String(isShown));
      tabs[place].tabIndex = isShown ? 0 : -1;
    });
    onShow(name);
  }

  function move(event) {
    const at = tabs.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const place = next % tabs.length;
    show(panels[place].name);
    tabs[place].focus();
  }

  show(panels[0].name);
  return { elements: [list, panels.map(({ panel }) => panel)], show };
}

let count = 0;
