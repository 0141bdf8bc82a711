// What each page does with a script: the theme that a reader has chosen, and buttons that copy.
// It runs before the body is drawn, so that no page flashes in the other theme.

const KEY = "citypledge-theme";
const THEMES = ["light", "dark"];
const root = document.documentElement;

function stored() {
  try {
    const found = localStorage.getItem(KEY);
    return THEMES.includes(found) ? found : null;
  } catch {
    return null; // a browser may keep nothing for this site: then the system decides
  }
}

function show(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function current() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return root.dataset.theme ?? (isDark ? "dark" : "light");
}

function toggle() {
  const theme = current() === "dark" ? "light" : "dark";
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return; // it holds for this page
  }
}

async function copy(button) {
  const status = document.getElementById("said");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    if (status) status.textContent = button.dataset.copied;
  } catch {
    if (status) status.textContent = button.dataset.copy; // to be copied by hand
  }
}

function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches("[data-copy]")) copy(button);
    else if (button?.matches("[data-theme-toggle]")) toggle();
  });
  for (const each of document.querySelectorAll("[data-needs-script]")) each.hidden = false;
}

root.classList.add("js");
show(stored());
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", listen);
else listen();
