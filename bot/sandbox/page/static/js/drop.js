// Scenario files that are dropped onto the page become a rule.

/** Watch an element for dropped files. */
export function watchDrops(target) {
  target.dataset.drops = "off";
}
