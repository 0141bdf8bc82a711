// Saves the way on the page that checks a text: it sends the form and puts the new result in place,
// checks while one types, takes a file that is dropped, and jumps to a place in the text.
"use strict";

(() => {
  const PAUSE_MS = 700;
  const form = document.getElementById("check");
  if (!form) return;
  const text = form.elements.text;
  const file = form.elements.file;
  const progress = document.getElementById("progress");
  const result = document.getElementById("result");
  const said = text.dataset; // the sentences, in the language of the page
  const most = Number(said.most);
  let underWay = null;
  let timer = 0;

  // Everything is told to a screen reader; what stands in the result too is not shown twice.
  function say(words, isShown = true) {
    progress.textContent = words;
    progress.classList.toggle("vh", !isShown);
  }

  const isDownload = (button) => button !== null && button.name === "format";

  const bytesOf = (value) => new TextEncoder().encode(value).length;

  async function check(button) {
    clearTimeout(timer);
    if (underWay) underWay.abort();
    const mine = (underWay = new AbortController());
    const data = new FormData(form);
    if (button && button.name) data.append(button.name, button.value);
    say(said.checking);
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: data,
        headers: { Accept: "text/html" },
        signal: mine.signal,
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== underWay) return;
      show(page, answer.ok, button);
    } catch (error) {
      if (error.name === "AbortError") return;
      say(said.unreachable);
    }
    if (mine === underWay) result.removeAttribute("aria-busy");
  }

  function show(page, isFound, button) {
    const open = new Set(
      [...result.querySelectorAll("details[open]")].map((each) => each.parentElement.id),
    );
    const made = page.getElementById(isFound ? "result" : "content");
    result.replaceChildren(...(made ? made.childNodes : []));
    for (const each of result.querySelectorAll("details")) {
      each.open = open.has(each.parentElement.id);
    }
    const heading = result.querySelector("h2, h1");
    say(heading ? heading.textContent.trim() + "." : "", false);
    if (button && button.name) {
      const same = `button[name="${button.name}"][value="${button.value}"]`;
      const again = result.querySelector(same);
      if (again) again.focus();
    }
  }

  async function take(chosen) {
    if (chosen.size > most) {
      say(said.fileTooLarge);
      return;
    }
    const bytes = await chosen.arrayBuffer();
    try {
      text.value = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      text.value = "";
      check(null); // not UTF-8: the file itself is sent, so that the answer says where
      return;
    }
    nameIt(chosen.name);
    file.value = "";
    check(null);
  }

  function nameIt(name) {
    let field = form.elements.name;
    if (!(field instanceof HTMLInputElement)) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "name";
      form.append(field);
    }
    field.value = name;
  }

  // Lines and columns count from 1, columns in code points; a text field counts UTF-16 units.
  function offsetOf(lines, line, column) {
    let offset = 0;
    for (let each = 0; each < line - 1 && each < lines.length; each += 1) {
      offset += lines[each].length + 1;
    }
    const letters = [...(lines[line - 1] ?? "")].slice(0, column - 1);
    return offset + letters.join("").length;
  }

  function select(place) {
    const lines = text.value.split("\n");
    const start = offsetOf(lines, Number(place.line), Number(place.column));
    const end = offsetOf(lines, Number(place.endLine), Number(place.endColumn));
    text.focus({ preventScroll: true });
    text.setSelectionRange(start, Math.max(start, end));
    const height = text.scrollHeight / Math.max(lines.length, 1);
    text.scrollTop = Math.max(0, (Number(place.line) - 3) * height);
    text.scrollIntoView({ block: "nearest" });
  }

  form.addEventListener("submit", (event) => {
    if (isDownload(event.submitter)) return;
    event.preventDefault();
    check(event.submitter);
  });
  text.addEventListener("input", () => {
    clearTimeout(timer);
    if (underWay) underWay.abort();
    result.removeAttribute("aria-busy");
    file.value = ""; // what is written counts from now on
    if (!text.value.trim()) {
      result.replaceChildren();
      say("");
    } else if (bytesOf(text.value) > most) {
      say(said.textTooLarge);
    } else {
      timer = setTimeout(() => check(null), PAUSE_MS);
    }
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.elements.language.addEventListener("change", () => {
    if (text.value.trim()) check(null);
  });
  file.addEventListener("change", () => {
    if (file.files.length) take(file.files[0]);
  });
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    take(file.files[0]);
  });
  result.addEventListener("click", (event) => {
    const place = event.target.closest("a[data-line]");
    if (!place || !text.value) return;
    event.preventDefault();
    select(place.dataset);
  });
})();
