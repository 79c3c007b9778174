// The confirm dialog of a button.

/** Ask before a button acts; returns whether the person confirmed it. */
export async function askConfirm(confirm) {
  return window.confirm(confirm.text.text);
}
