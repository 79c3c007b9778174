// Files of a message: text is shown, folded; CSV as a table; anything else by its name and size.

import { clear, h, icon } from "../base/dom.js";
import { visible } from "../text/references.js";
import { rowsOf } from "./csv.js";

const LINES_FOLDED = 10;
const LETTERS_FOLDED = 1_500;
const LETTERS_SHOWN = 200_000;
const ROWS_SHOWN = 50;
const LARGEST_READ = 4_000_000; // bytes
const LARGEST_KEPT = 20; // files, the newest

const contents = new Map();
const unfolded = new Set();

/** Return the files of a message as an element. */
export function drawFiles(files) {
  return h("div", { class: "files" }, files.map(drawFile));
}

function drawFile(file) {
  const title = visible(file.title || file.name);
  const body = h("div", { class: "file-body" });
  const size = h("span", { class: "file-size" }, sizeWords(file.size));
  const save = h(
    "a",
    { class: "link", href: file.url, download: file.name, "aria-label": `Download ${title}` },
    "Download",
  );
  fill(body, file, title);
  return h(
    "figure",
    { class: "file" },
    h("figcaption", { class: "file-head" }, icon("file"), h("bdi", { class: "file-name" }, title), size, save),
    body,
  );
}

async function fill(body, file, title) {
  if (file.size === 0) return body.append(note("The file is empty."));
  if (file.size > LARGEST_READ) return body.append(note("The file is too large to be shown here."));
  const read = contents.get(file.id) ?? keep(file.id, readText(file.url));
  body.append(note("Reading…"));
  const { text, problem } = await read;
  clear(body);
  if (problem) body.append(note(problem));
  else if (/\.csv$/i.test(file.name)) body.append(drawTable(text, title));
  else body.append(drawContent(text, file, title));
}

function keep(id, read) {
  contents.set(id, read);
  if (contents.size > LARGEST_KEPT) contents.delete(contents.keys().next().value);
  read.then(({ isPassing }) => isPassing && contents.delete(id));
  return read;
}

async function readText(url) {
  let bytes;
  try {
    const response = await fetch(url);
    if (!response.ok) return { problem: "The file cannot be read from the page's server.", isPassing: true };
    bytes = await response.arrayBuffer();
  } catch {
    return { problem: "The page's server does not answer, so the file is not shown.", isPassing: true };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "The file is not text: this page cannot show it." };
  }
}

function drawContent(text, file, title) {
  const whole = visible(text.slice(0, LETTERS_SHOWN));
  const lines = whole.replace(/\n$/, "").split("\n");
  const start = lines.slice(0, LINES_FOLDED).join("\n").slice(0, LETTERS_FOLDED);
  const isLong = start.length < whole.trimEnd().length;
  const content = h("pre", { class: "file-text", tabindex: "0", role: "region", "aria-label": title });
  const left = text.length - LETTERS_SHOWN;
  const rest = left > 0 && note(`${left.toLocaleString("en")} more characters are in the file.`);
  const showAll = () => {
    unfolded.add(file.id);
    content.textContent = whole;
    more.remove();
    if (rest) content.after(rest);
  };
  const more = h(
    "button",
    { type: "button", class: "more", onclick: () => (showAll(), content.focus()) },
    `Show all (${lines.length.toLocaleString("en")} lines)`,
  );
  content.textContent = start;
  const shown = h("div", {}, content, isLong && more);
  if (isLong && unfolded.has(file.id)) showAll();
  return shown;
}

function drawTable(text, title) {
  const [head = [], ...rows] = rowsOf(text.replace(/^\ufeff/, ""));
  const cells = (tag, row, props = {}) =>
    h(
      "tr",
      {},
      row.map((cell) => h(tag, props, h("bdi", {}, visible(cell)))),
    );
  const table = h(
    "table",
    {},
    h("caption", { class: "unseen" }, title),
    h("thead", {}, cells("th", head, { scope: "col" })),
    h(
      "tbody",
      {},
      rows.slice(0, ROWS_SHOWN).map((row) => cells("td", row)),
    ),
  );
  const left = rows.length - ROWS_SHOWN;
  const counted =
    left > 0 ? `${left.toLocaleString("en")} more ${left === 1 ? "row is" : "rows are"} in the file.` : null;
  return h(
    "div",
    {},
    h("div", { class: "file-table", tabindex: "0", role: "region", "aria-label": title }, table),
    counted && note(counted),
  );
}

function note(text) {
  return h("p", { class: "file-note" }, text);
}

function sizeWords(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const [size, unit] = bytes < 999_500 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
