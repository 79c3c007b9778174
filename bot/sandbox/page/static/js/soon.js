// Work that many changes ask for is done once, before the next picture.

/** Return a function that runs `work` before the next frame, once for all calls until then. */
export function oncePerFrame(work) {
  let isAsked = false;
  const run = () => {
    isAsked = false;
    work();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    if (document.hidden)
      setTimeout(run, 50); // a hidden tab has no frames
    else requestAnimationFrame(run);
  };
}
