// The rules of the platform with their scenarios, in the drawer: the line that starts each, and a check's verdict.

export function drawRules(root) {
  root.replaceChildren();
}
