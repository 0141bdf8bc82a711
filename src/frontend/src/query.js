// The workbench: an editor over the text area, running and cancelling, all rows in one table.
// Without it the page works by its form and its links.

import "./editor.js";
import { names } from "./names.js";
import { format } from "./format.js";
import { missingPrefixes } from "./prefixes.js";
import { showAllRows } from "./rows.js";

const results = document.getElementById("results");
const editor = document.querySelector("sparql-editor");
const clock = document.getElementById("clock");
const cancel = document.getElementById("cancel");
let running = null;
let loading = null;

function say(text) {
  document.getElementById("said").textContent = text;
}

function showButtons(within) {
  for (const each of within.querySelectorAll("[data-needs-script]")) each.hidden = false;
  const all = within.querySelector("#all-rows");
  if (all && all.dataset.hidden && within.querySelectorAll("#rows tbody tr").length < 2) all.hidden = true;
}

/** Ask for a page, and put its answer in the place of the one that is shown. */
async function show(address, { isNew = true, takesText = false } = {}) {
  running?.abort();
  loading?.abort();
  const mine = (running = new AbortController());
  const began = performance.now();
  const tick = () => {
    clock.textContent = `${clock.dataset.running} ${((performance.now() - began) / 1000).toFixed(1)} s`;
  };
  const timer = setInterval(tick, 100);
  cancel.hidden = false;
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: mine.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== running) return;
    put(page, takesText);
    if (isNew) history.pushState({}, "", address);
    clock.textContent = "";
  } catch (fault) {
    if (mine !== running) return;
    clock.textContent = fault.name === "AbortError" ? clock.dataset.cancelled : clock.dataset.failed;
    say(clock.textContent);
  } finally {
    clearInterval(timer);
    if (mine === running) {
      running = null;
      cancel.hidden = true;
      results.removeAttribute("aria-busy");
    }
  }
}

function put(page, takesText) {
  const library = document.getElementById("library");
  if (library) library.open = false;
  const found = page.getElementById("results");
  results.replaceChildren(...(found ?? page.querySelector("main")).childNodes);
  showButtons(results);
  const asked = page.querySelector("sparql-editor");
  if (asked) {
    if (takesText) editor.value = page.getElementById("query").value;
    editor.fault = asked.dataset.line ? asked.dataset : null;
  }
  editor.findings = [...results.querySelectorAll(".doctor li[data-line]")].map((each) => ({
    ...each.dataset,
    message: each.querySelector(".message").textContent,
  }));
  say(results.querySelector("[data-live], .fault h2, .verdict")?.textContent.trim() ?? "");
}

function addressOf(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form));
  return address;
}

async function prepare() {
  const { prefixes } = await names(editor.dataset.schema);
  const lines = missingPrefixes(editor.value, prefixes);
  if (lines) editor.value = lines + editor.value;
}

document.getElementById("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  await prepare();
  show(addressOf(event.target));
});

document.getElementById("asked")?.addEventListener("submit", (event) => {
  event.preventDefault();
  show(addressOf(event.target), { takesText: true });
});

cancel.addEventListener("click", () => running?.abort());

document.getElementById("format").addEventListener("click", async () => {
  await prepare();
  const made = format(editor.value);
  if (made !== null) editor.value = made;
  else say(editor.dataset.syntax);
});

addEventListener("popstate", () => location.reload());

results.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (link?.matches(".views a, .pager a, a.use") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const view = link.dataset.view;
    if (view) setView(view);
    await show(link.href, { takesText: link.matches(".use") });
    results.querySelector(view ? ".views a[aria-current]" : "h2")?.focus();
  } else if (event.target.closest("#all-rows")) {
    loading?.abort();
    loading = new AbortController();
    showAllRows(event.target.closest("#all-rows"), results, editor.dataset.schema, loading.signal);
  } else if (event.target.closest("[data-copy-link]")) {
    copyLink(event.target.closest("[data-copy-link]"));
  }
});

function setView(view) {
  const form = document.getElementById("ask");
  let field = form.elements.namedItem("view");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "view";
    form.append(field);
  }
  field.value = view;
}

async function copyLink(button) {
  const address = new URL(button.dataset.copyLink, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    say(button.dataset.copied);
  } catch {
    say(address); // to be copied by hand
  }
}

results.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.short");
  if (!form) return;
  event.preventDefault();
  const output = form.querySelector("output");
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail);
    const link = document.createElement("a");
    link.href = said.address;
    link.textContent = new URL(said.address, location.href).href;
    output.replaceChildren(link);
  } catch (fault) {
    output.textContent = fault.message;
  }
});

document.getElementById("library-find")?.addEventListener("input", (event) => {
  const words = plain(event.target.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of document.querySelectorAll(".library section")) {
    let isThere = false;
    for (const item of section.querySelectorAll("li")) {
      const text = plain(item.textContent);
      item.hidden = !words.every((word) => text.includes(word));
      isThere ||= !item.hidden;
      shown += !item.hidden;
    }
    section.hidden = !isThere;
  }
  document.getElementById("library-none").hidden = shown > 0;
});

/** A text without case and accents: klaipeda finds Klaipėda. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

if (/Mac|iP/.test(navigator.platform)) document.querySelector("#keys kbd").textContent = "⌘";
showButtons(results);
