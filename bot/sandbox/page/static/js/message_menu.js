// The menu on a person's own message: edit it in its place, or delete it.

export function messageMenu(message) {
  return message && null;
}
