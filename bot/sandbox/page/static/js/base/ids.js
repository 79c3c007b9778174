// Ids of elements on the page, and the names of controls.

let last = 0;

/** Return an id that nothing else on the page has. */
export function newId() {
  last += 1;
  return `e${last}`;
}

/** Return the attributes that name and describe a control: by its label elsewhere, or in words. */
export function naming({ label, labelledBy, describedBy, required }) {
  return {
    "aria-label": labelledBy ? null : label,
    "aria-labelledby": labelledBy ?? null,
    "aria-describedby": describedBy ?? null,
    "aria-required": required ? true : null,
  };
}
