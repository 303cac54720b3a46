// Before the first paint: the theme that was chosen, or the system's. A file, since the CSP allows no inline script.
(() => {
  const chosen = localStorage.getItem("chatsphere-theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? "dark" : "light");
})();
