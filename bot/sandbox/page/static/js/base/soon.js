// Work that many changes ask for is done once, before the next picture.

const NO_PICTURE_MS = 250; // a hidden tab has no pictures, and yet a title

/** Return a function that runs `work` before the next frame, once for all calls until then. */
export function oncePerFrame(work) {
  let isAsked = false;
  const run = () => {
    if (!isAsked) return;
    isAsked = false;
    work();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(run);
    setTimeout(run, NO_PICTURE_MS);
  };
}
