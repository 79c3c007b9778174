// Comma-separated values as rows: quoted fields, doubled quotes, line ends within quotes (RFC 4180).

/** Return the rows of a CSV text, each a list of its fields; empty lines are left out. */
export function rowsOf(text) {
  const rows = [];
  let row = [];
  let at = 0;
  const endRow = () => {
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quoted(text, at) : bare(text, at);
    row.push(value);
    at = end;
    if (text[at] === ",") {
      at += 1;
      if (at === text.length) row.push("");
    } else {
      at += text.startsWith("\r\n", at) ? 2 : 1;
      endRow();
      continue;
    }
    if (at >= text.length) endRow();
  }
  if (row.length) endRow();
  return rows;
}

function bare(text, start) {
  const found = /[^,\r\n]*/y;
  found.lastIndex = start;
  const value = found.exec(text)[0];
  return { value, end: start + value.length };
}

// A quote that is never closed takes the rest; letters after a closing quote belong to the field.
function quoted(text, start) {
  const parts = [];
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value: [...parts, text.slice(at)].join(""), end: text.length };
    parts.push(text.slice(at, quote));
    at = quote + 1;
    if (text[at] !== '"') break;
    parts.push('"');
    at += 1;
  }
  const rest = bare(text, at);
  return { value: [...parts, rest.value].join(""), end: rest.end };
}
