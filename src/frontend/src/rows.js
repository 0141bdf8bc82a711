// All rows of an answer in one table, of which only those that can be seen are in the page.
// The rows stay as the bytes that came, so 100,000 of them take little more than the file does.

import { names, shorten } from "./names.js";

const MOST_ROWS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;
const SPARE = 12; // rows that are made above and below those that can be seen

/** Load the rows of the answer that is shown, and put a table of them in its place. */
export async function showAllRows(button, results, schema, signal) {
  const box = results.querySelector(".answer-box");
  const place = results.querySelector("#rows");
  const count = results.querySelector("#count");
  const { prefixes } = await names(schema);
  button.disabled = true;
  const rows = new Rows();
  try {
    const address = new URL(box.dataset.address, location.href);
    address.searchParams.set("download", "tsv");
    await rows.read(address, signal, (number) => {
      count.textContent = `${button.dataset.loading} ${number.toLocaleString(document.documentElement.lang)}`;
    });
  } catch (fault) {
    button.disabled = false;
    if (fault.name !== "AbortError") count.textContent = fault.message;
    return;
  }
  const said = rows.isCut ? button.dataset.cut : button.dataset.loaded;
  count.textContent = `${rows.count.toLocaleString(document.documentElement.lang)} ${said}`;
  const workbench = document.querySelector(".workbench").dataset;
  const label = place.querySelector("[role=region]").getAttribute("aria-label");
  place.replaceChildren(new Table(rows, prefixes, workbench, label).box);
  button.hidden = true;
}

/** Rows in SPARQL 1.1 Query Results TSV, kept as they came. */
class Rows {
  constructor() {
    this.pieces = []; // bytes, each piece ends with a line
    this.piece = new Uint16Array(MOST_ROWS);
    this.start = new Uint32Array(MOST_ROWS);
    this.end = new Uint32Array(MOST_ROWS);
    this.count = 0;
    this.bytes = 0;
    this.variables = null;
    this.isCut = false;
    this.decoder = new TextDecoder();
  }

  async read(address, signal, tell) {
    const answer = await fetch(address, { signal });
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 400));
    const reader = answer.body.getReader();
    let rest = new Uint8Array();
    let told = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      rest = this.take(joined(rest, value));
      if (this.isCut) {
        await reader.cancel(); // ends the worker that makes the rest
        return;
      }
      if (performance.now() - told > 200) {
        told = performance.now();
        tell(this.count);
      }
    }
    if (rest.length) this.take(joined(rest, new Uint8Array([10])));
  }

  /** Take the lines of some bytes; return what follows the last one. */
  take(bytes) {
    const last = bytes.lastIndexOf(10);
    if (last < 0) return bytes;
    const kept = bytes.slice(0, last + 1);
    let from = 0;
    for (let to = kept.indexOf(10); to >= 0; from = to + 1, to = kept.indexOf(10, from)) {
      if (this.variables === null) {
        this.variables = this.decoder.decode(kept.subarray(from, to)).replace("\r", "").split("\t").map((name) => name.slice(1));
        continue;
      }
      if (this.count === MOST_ROWS || this.pieces.length === 65_535 || this.bytes > MOST_BYTES) {
        this.isCut = true;
        break;
      }
      this.piece[this.count] = this.pieces.length;
      this.start[this.count] = from;
      this.end[this.count] = to;
      this.count += 1;
    }
    this.pieces.push(kept);
    this.bytes += kept.length;
    return bytes.slice(last + 1);
  }

  cells(number) {
    const bytes = this.pieces[this.piece[number]].subarray(this.start[number], this.end[number]);
    return this.decoder.decode(bytes).replace(/\r$/, "").split("\t");
  }
}

function joined(first, second) {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const ESCAPES = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f" };

/** A term of the format: kind, text, language and datatype. */
export function read(term) {
  if (term === "") return null;
  if (term.startsWith("<") && term.endsWith(">") && !term.startsWith("<<")) return { kind: "iri", text: term.slice(1, -1) };
  const literal = /^"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^<([^>]*)>)?$/s.exec(term);
  if (literal) {
    const text = literal[1].replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs, (_, short, long, sign) =>
      sign === undefined ? String.fromCodePoint(parseInt(short ?? long, 16)) : (ESCAPES[sign] ?? sign));
    return { kind: isNumber(text, literal[3]) ? "number" : "text", text, language: literal[2] ?? "", datatype: literal[3] ?? "" };
  }
  return { kind: /^[+-]?[\d.]/.test(term) ? "number" : "node", text: term };
}

function isNumber(text, datatype = "") {
  return /#(integer|decimal|double|float|\w*[Ii]nt|\w*[Ll]ong|\w*Integer|\w*[Ss]hort)$/.test(datatype) && text.trim() !== "";
}

class Table {
  constructor(rows, prefixes, workbench, label) {
    this.rows = rows;
    this.prefixes = prefixes;
    this.base = workbench.base;
    this.root = workbench.root;
    this.order = null; // numbers of rows, where they are sorted
    this.height = 36;
    this.box = document.createElement("div");
    this.box.className = "all";
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", label);
    this.table = document.createElement("table");
    this.table.setAttribute("aria-rowcount", rows.count + 1);
    this.body = document.createElement("tbody");
    this.table.append(this.head(), this.body);
    this.box.append(this.table);
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw(true)).observe(this.box);
  }

  head() {
    const head = document.createElement("thead");
    const line = head.insertRow();
    line.setAttribute("aria-rowindex", 1);
    const number = document.createElement("th");
    number.scope = "col";
    number.textContent = "#";
    line.append(number);
    this.rows.variables.forEach((name, column) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.sort(column, cell));
      cell.append(button);
      line.append(cell);
    });
    return head;
  }

  sort(column, cell) {
    const isDown = cell.getAttribute("aria-sort") === "ascending";
    for (const each of this.table.tHead.querySelectorAll("th")) each.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    const keys = Array.from({ length: this.rows.count }, (_, row) => this.key(this.rows.cells(row)[column]));
    const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const sign = isDown ? -1 : 1;
    this.order = Uint32Array.from(keys.keys()).sort((a, b) => sign * compare(keys[a], keys[b], words) || a - b);
    this.box.scrollTop = 0;
    this.draw(true);
  }

  key(term) {
    const found = read(term);
    if (found === null) return null;
    return found.kind === "number" ? Number(found.text) : found.text;
  }

  /** Make the rows that can be seen, between two that take the place of the others. */
  draw(isForced = false) {
    const { count } = this.rows;
    const first = Math.max(Math.floor(this.box.scrollTop / this.height) - SPARE, 0);
    const last = Math.min(first + Math.ceil(this.box.clientHeight / this.height) + 2 * SPARE, count);
    if (!isForced && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    const lines = [];
    for (let place = first; place < last; place++) lines.push(this.line(place));
    this.body.replaceChildren(gap(first * this.height), ...lines, gap((count - last) * this.height));
    const real = lines[0]?.getBoundingClientRect().height;
    if (real && Math.abs(real - this.height) > 0.5) {
      this.height = real;
      this.draw(true);
    }
  }

  line(place) {
    const number = this.order ? this.order[place] : place;
    const line = document.createElement("tr");
    line.setAttribute("aria-rowindex", place + 2);
    const first = line.insertCell();
    first.className = "num quiet";
    first.textContent = (number + 1).toLocaleString(document.documentElement.lang);
    for (const term of this.rows.cells(number)) this.fill(line.insertCell(), read(term));
    return line;
  }

  fill(cell, found) {
    if (found === null) return;
    if (found.kind === "number") cell.className = "num";
    const target = found.kind === "iri" ? this.target(found.text) : null;
    const shown = document.createElement(target ? "a" : "span");
    shown.textContent = found.kind === "iri" ? (shorten(found.text, this.prefixes) ?? found.text) : found.text;
    if (target) {
      shown.href = target;
      if (!found.text.startsWith(this.base)) shown.rel = "noopener external";
    }
    if (found.language) shown.lang = found.language;
    shown.dir = "auto";
    cell.title = found.text;
    cell.append(shown);
    if (found.language) {
      const tag = document.createElement("span");
      tag.className = "tag";
      tag.textContent = found.language;
      cell.append(tag);
    }
  }

  /** Where an IRI leads to: one of the dataset to its page here, another only by http or https. */
  target(iri) {
    if (iri.startsWith(this.base)) return `${this.root}/${encodeURI(iri.slice(this.base.length)).replaceAll("%25", "%")}`;
    return /^https?:\/\//.test(iri) ? iri : null;
  }
}

function gap(height) {
  const line = document.createElement("tr");
  line.className = "gap";
  line.setAttribute("aria-hidden", "true");
  line.style.height = `${height}px`;
  return line;
}

/** Order of two keys: nothing first, then numbers, then words. */
function compare(a, b, words) {
  if (a === null || b === null) return (a !== null) - (b !== null);
  const [isA, isB] = [typeof a === "number", typeof b === "number"];
  if (isA && isB) return a - b;
  if (isA !== isB) return isA ? -1 : 1;
  return words.compare(a, b);
}
