// The heights of a list's rows: measured where a row was drawn, guessed elsewhere, and summed up from the top.

const FIRST_GUESS = 56; // px

/** Make the heights of a list. `setRows` tells the rows' keys in order; all positions are px from the top. */
export function makeHeights() {
  const measured = new Map();
  let keys = [];
  let tops = new Float64Array(1);
  let sum = 0;
  let isStale = false;
  let guess = FIRST_GUESS; // the mean of what was measured, made anew with the rows only: it moves all below

  function setRows(next) {
    keys = next;
    isStale = true;
    if (measured.size) guess = sum / measured.size;
  }

  /** Record a row's height; returns whether it differs from what was assumed. */
  function measure(key, height) {
    const known = measured.get(key);
    if (known !== undefined && Math.abs(known - height) < 0.05) return false;
    sum += height - (known ?? 0);
    measured.set(key, height);
    isStale = true;
    return true;
  }

  function summed() {
    if (!isStale) return tops;
    if (tops.length !== keys.length + 1) tops = new Float64Array(keys.length + 1);
    for (let at = 0; at < keys.length; at += 1) tops[at + 1] = tops[at] + (measured.get(keys[at]) ?? guess);
    isStale = false;
    return tops;
  }

  /** Return the index of the row at a position, the last row for what is below all. */
  function rowAt(position) {
    const all = summed();
    let low = 0;
    let high = keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (all[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  return { setRows, measure, rowAt, top: (index) => summed()[index], total: () => summed()[keys.length] };
}
