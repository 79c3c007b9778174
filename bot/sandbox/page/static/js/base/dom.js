// Elements: the one way in which the page makes them. Text becomes text nodes, never markup.

const IN_SVG = new Set(["svg", "path", "circle", "rect", "line", "polyline", "polygon", "g", "text", "title"]);
const SVG = "http://www.w3.org/2000/svg";

/**
 * Return a new element. `on…` properties are listeners (`onclick`), `class` may be a list with gaps, `value`, `checked`,
 * `disabled` and other live properties are set as such, `data` is an object of data attributes; null and false leave
 * an attribute out. Children are strings, numbers, nodes, lists of them, or null.
 */
export function h(tag, props = {}, ...children) {
  const isSvg = tag === "svg" || (IN_SVG.has(tag) && tag !== "text" && tag !== "title");
  const element = isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProperty(element, name, value);
  element.append(...nodesOf(children));
  return element;
}

/** Remove all children of a node, and return the node. */
export function clear(node) {
  node.replaceChildren();
  return node;
}

/** Put these children in the place of all that a node has, and return the node. */
export function replace(node, ...children) {
  node.replaceChildren(...nodesOf(children));
  return node;
}

/** Make these elements the children of a node, and move none that stands where it should: it keeps focus and scroll. */
export function arrange(node, elements) {
  const wanted = new Set(elements);
  for (const child of [...node.children]) if (!wanted.has(child)) child.remove();
  let next = node.firstChild;
  for (const element of elements) {
    if (element === next) next = next.nextSibling;
    else node.insertBefore(element, next);
  }
}

/** Return an icon, drawn with lines in the colour of the text around it; it has no name of its own. */
export function icon(name) {
  const lines = ICONS[name].map((d) => h("path", { d }));
  return h("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, lines);
}

const LIVE = new Set(["value", "checked", "disabled", "hidden", "open", "selected", "multiple", "indeterminate"]);
const REFUSED = new Set(["style", "innerHTML", "outerHTML", "srcdoc"]);

function setProperty(element, name, value) {
  if (value === null || value === undefined || REFUSED.has(name)) return;
  if (name.startsWith("on")) {
    if (typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === "class") {
    const words = [value].flat().filter(Boolean).join(" ");
    if (words) element.setAttribute("class", words);
  } else if (name === "data") {
    for (const [key, each] of Object.entries(value))
      if (each !== null && each !== undefined) element.dataset[key] = each;
  } else if (LIVE.has(name)) {
    element[name] = value;
  } else if (name.startsWith("aria-")) {
    element.setAttribute(name, String(value));
  } else if (value !== false) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function nodesOf(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

const ICONS = {
  menu: ["M3 5h14", "M3 10h14", "M3 15h14"],
  close: ["M5 5l10 10", "M15 5L5 15"],
  back: ["M12 4l-6 6 6 6"],
  down: ["M10 4v11", "M5 10.5l5 5 5-5"],
  home: ["M3 9.5L10 4l7 5.5", "M5 8.5V16h10V8.5"],
  hash: ["M8 3L6.5 17", "M13.5 3L12 17", "M3.5 7.5h14", "M2.5 12.5h14"],
  lock: ["M5 9h10v8H5z", "M7 9V6.5a3 3 0 0 1 6 0V9"],
  shared: ["M8.5 5H4v4.5", "M4 5l6 6", "M11.5 15H16v-4.5", "M16 15l-5-5"],
  world: [
    "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 1 1 0-15",
    "M2.5 10h15",
    "M10 2.5c4 4.5 4 10.5 0 15",
    "M10 2.5c-4 4.5-4 10.5 0 15",
  ],
  sun: [
    "M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 1 1 0-7",
    "M10 1.5v2",
    "M10 16.5v2",
    "M1.5 10h2",
    "M16.5 10h2",
    "M4 4l1.4 1.4",
    "M14.6 14.6L16 16",
    "M16 4l-1.4 1.4",
    "M5.4 14.6L4 16",
  ],
  moon: ["M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z"],
  person: ["M10 3a3.5 3.5 0 1 1 0 7 3.5 3.5 0 1 1 0-7", "M3.5 17c.5-3.5 3-5 6.5-5s6 1.5 6.5 5"],
  search: ["M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 1 1 0-11", "M13 13l4.5 4.5"],
  send: ["M3 10l14-6-5 13-3-5.5z"],
  more: ["M4.5 10h.01", "M10 10h.01", "M15.5 10h.01"],
  reply: ["M3.5 4.5h13v9h-7L6 17v-3.5H3.5z"],
  file: ["M5 2.5h7l3.5 3.5v11.5H5z", "M12 2.5V6h3.5"],
  check: ["M4 10.5l4 4 8-9"],
};
