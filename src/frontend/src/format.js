// A query in one layout: a statement on each line, two blanks for each level, keywords in capitals.
// Only blanks and the case of keywords change; what is not well-formed is left alone.

import { sparql } from "codemirror-lang-sparql";

const parser = sparql().language.parser;
const PUNCTUATION = /\^\^|&&|\|\||!=|<=|>=|[{}()[\].;,=<>!+\-*/|^?]|\S/g;
// Words that begin a line of their own, outside of brackets.
const CLAUSES = new Set([
  ..."SELECT CONSTRUCT ASK DESCRIBE FROM WHERE GROUP HAVING ORDER LIMIT OFFSET PREFIX BASE".split(" "),
]);
const IN_GROUP = new Set(
  "OPTIONAL MINUS GRAPH SERVICE FILTER BIND VALUES UNION SELECT WHERE GROUP HAVING ORDER LIMIT OFFSET".split(" "),
);
const SHORT = 76; // characters of a group that stays on one line
const TIGHT = new Set(["/", "|", "^", "*", "+", "?", "!", "-", "^^"]);

/** The query in its layout; null where it is not well-formed. */
export function format(text) {
  const tokens = cut(text);
  if (tokens === null) return null;
  const made = lay(tokens);
  return same(tokens, cut(made)) ? made : null;
}

function cut(text) {
  const found = [];
  let end = 0;
  let isWhole = true;
  const between = (to) => {
    for (const each of text.slice(end, to).matchAll(PUNCTUATION)) {
      found.push({ text: each[0], from: end + each.index, name: "mark" });
    }
  };
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) isWhole = false;
      if (node.node.firstChild || node.from === node.to || node.from < end) return;
      between(node.from);
      found.push({ text: text.slice(node.from, node.to).trimEnd(), from: node.from, name: node.name });
      end = node.to;
    },
  });
  if (!isWhole) return null;
  between(text.length);
  for (let i = 0; i < found.length; i++) {
    const before = i ? text.slice(found[i - 1].from + found[i - 1].text.length, found[i].from) : "";
    found[i].lines = (before.match(/\n/g) ?? []).length;
    found[i].isApart = before !== "";
    if (/^(?!true|false)[A-Za-z_]+$/i.test(found[i].text) && found[i].name === found[i].text.toUpperCase()) {
      found[i].text = found[i].name;
      found[i].isWord = true;
    }
  }
  return found;
}

function same(before, after) {
  return after !== null && before.length === after.length && before.every((each, i) => each.text === after[i].text);
}

class Layout {
  constructor() {
    this.lines = [""];
    this.level = 0;
    this.isOpen = false; // inside a statement that goes on in the next line
  }

  get line() {
    return this.lines[this.lines.length - 1];
  }

  break(extra = 0, isBlank = false) {
    if (this.line.trim() !== "") this.lines.push("");
    if (isBlank && this.lines.length > 1 && this.lines[this.lines.length - 2] !== "") this.lines.push("");
    this.lines[this.lines.length - 1] = "  ".repeat(Math.max(this.level + extra, 0));
  }

  add(text, isApart) {
    const glue = isApart && this.line.trim() !== "" ? " " : "";
    this.lines[this.lines.length - 1] += glue + text;
  }

  get text() {
    return this.lines.map((line) => line.trimEnd()).join("\n").replace(/\n{3,}/g, "\n\n").trim() + "\n";
  }
}

function lay(tokens) {
  const out = new Layout();
  const open = []; // brackets: "{" for a group, "v" for the braces of VALUES, "(" and "["
  let previous = null;
  let isValues = false;
  let isCondition = false; // after FILTER or BIND, until its bracket is closed
  for (const [place, token] of tokens.entries()) {
    const last = open[open.length - 1];
    const isInGroup = last === "{";
    const isTop = open.length === 0;
    const inner = open.length - 1 - open.lastIndexOf("{"); // brackets that are open within the group
    if (inner > 0 && token.lines > 0 && token.name !== "Comment") {
      out.break(inner + (out.isOpen ? 1 : 0) - (/^[)\]}]$/.test(token.text) ? 1 : 0)); // as it was written
    }
    if (token.name === "Comment") {
      if (token.lines > 0 || !previous) out.break(out.isOpen ? 1 : 0, token.lines > 1);
      out.add(token.lines > 0 ? token.text : ` ${token.text}`, true);
      out.break(out.isOpen ? 1 : 0);
    } else if (token.text === "{") {
      if (isInGroup && (ends(previous) || previous?.text === "UNION")) out.break(0, token.lines > 1);
      out.add("{", true);
      const isInline = isValues || last === "v" || (open.length > 0 && isShort(tokens, place));
      open.push(isInline ? "v" : "{");
      if (!isInline) {
        out.level += 1;
        out.isOpen = false;
        out.break();
      }
      isValues = false;
    } else if (token.text === "}") {
      open.pop();
      token.isEnd = open[open.length - 1] === "{";
      if (last === "v") out.add("}", previous?.text !== "{");
      else {
        out.level -= 1;
        out.isOpen = false;
        out.break();
        out.add("}", false);
      }
    } else {
      const begins = token.isWord && (isTop ? CLAUSES : isInGroup ? IN_GROUP : new Set()).has(token.text);
      const follows = token.isWord && (token.text === "AS" || token.text === "BY");
      const startsLine =
        (begins && previous !== null) || (isInGroup && !follows && ends(previous) && token.text !== ".") ||
        (token.text === "VALUES" && isTop);
      if (startsLine) {
        if (begins) out.isOpen = false;
        const isQuery = isTop && previous?.name === "IriRef" && !["PREFIX", "BASE", "FROM"].includes(token.text);
        out.break(out.isOpen ? 1 : 0, token.lines > 1 || isQuery);
      }
      out.add(token.text, isSpaced(previous, token, last));
      if (token.text === "VALUES") isValues = true;
      if (token.text === "(" || token.text === "[") open.push(token.text);
      if (token.text === ")" || token.text === "]") open.pop();
      if (isInGroup && (token.text === "FILTER" || token.text === "BIND")) isCondition = true;
      if (isCondition && token.text === ")" && open[open.length - 1] === "{") {
        isCondition = false;
        token.isEnd = true;
      }
      if (isInGroup && token.text === ".") { out.isOpen = false; token.isEnd = true; }
      if (isInGroup && token.text === ";") { out.isOpen = true; token.isEnd = true; }
    }
    previous = token;
  }
  return out.text;
}

/** Whether what follows a token begins a line in a group. */
function ends(token) {
  return token !== null && (token.isEnd || token.text === "{");
}

/** Whether a group was written on one line, fits there and has no group in it. */
function isShort(tokens, place) {
  const end = tokens.findIndex((each, i) => i > place && (each.text === "{" || each.text === "}"));
  const inside = tokens.slice(place + 1, end + 1);
  const length = tokens[end].from - tokens[place].from;
  return tokens[end].text === "}" && length < SHORT && inside.every((each) => !each.lines && each.name !== "Comment");
}

function isSpaced(previous, token, bracket) {
  if (previous === null) return false;
  if (token.name === "Langtag" || token.text === "^^" || previous.text === "^^") return false;
  if (token.text === ",") return token.isApart && bracket === "{";
  if (token.text === ")" || previous.text === "(") return false;
  if (token.text === "." || token.text === ";") return true;
  if (TIGHT.has(token.text) || TIGHT.has(previous.text)) return token.isApart;
  if (token.text === "(") return token.isApart || ["FILTER", "BIND", "IN", "HAVING"].includes(previous.text);
  if (bracket === "[" && token.text === "]") return previous.text !== "[";
  return true;
}
