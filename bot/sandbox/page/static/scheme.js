// The colour scheme that was chosen, set before the page is painted: a plain script, as modules run later.
try {
  const chosen = localStorage.getItem("scheme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
} catch {
  // A browser that keeps nothing follows the system's scheme.
}
