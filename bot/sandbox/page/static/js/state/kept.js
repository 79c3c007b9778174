// What a tab keeps over a reload, in its sessionStorage, and what a browser keeps, in its localStorage.

/** Return a value that was kept for this tab, or null. A browser that keeps nothing is no error. */
export function read(key, storage = sessionStorage) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

/** Keep a value for this tab; null forgets it. */
export function keep(key, value, storage = sessionStorage) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage that is full or switched off: the page works on, and forgets at the next reload.
  }
}

/** What was typed and not sent, by person and place. */
export const drafts = {
  read(person, place) {
    return read(`draft ${person} ${place}`) ?? "";
  },
  keep(person, place, text) {
    keep(`draft ${person} ${place}`, text === "" ? null : text);
    return text;
  },
};
