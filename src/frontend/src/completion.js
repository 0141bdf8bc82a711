// What the editor suggests: terms of the graph by where they can stand, things by their names.

import { snippetCompletion } from "@codemirror/autocomplete";
import { names, shorten } from "./names.js";
import { missingPrefixes } from "./prefixes.js";

const KEYWORDS = (
  "SELECT CONSTRUCT ASK DESCRIBE WHERE DISTINCT OPTIONAL UNION MINUS FILTER BIND VALUES GRAPH HAVING LIMIT OFFSET " +
  "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE REGEX CONTAINS STRSTARTS LCASE EXISTS IF COALESCE BOUND YEAR"
).split(" ");
const PHRASES = ["GROUP BY", "ORDER BY", "NOT EXISTS", "NOT IN"];
const SHORTEST = 3; // letters of a name before things are looked for
const WORD = /[\p{L}\p{N}_-]*:?[\p{L}\p{N}_-]*$/u;

/** The sources of suggestions. */
export function sources(told) {
  return [(context) => terms(context, told), (context) => things(context, told)];
}

async function terms(context, told) {
  const schema = await names(told.schema);
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (/^\s*PREFIX\s+[\w-]*$/i.test(before)) return prefixes(line.from + before.search(/PREFIX/i), schema);
  const variable = context.matchBefore(/[?$]\w*$/);
  if (variable) return variables(context.state.doc.toString(), variable);
  const word = context.matchBefore(WORD);
  if (!context.explicit && (!word || word.from === word.to)) return null;
  const from = word ? word.from : context.pos;
  const text = plain(context.state.doc.sliceString(0, from));
  if (/(?:\sa|rdf:type|<http:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns#type>)\s+$/.test(text)) {
    return { from, options: schema.classes.map((each) => term(each, "class", told, schema)), validFor: WORD };
  }
  const own = propertiesHere(text, schema);
  const options = schema.properties.map((each) => ({
    ...term(each, "property", told, schema, own?.[each.iri]),
    boost: own === null ? 0 : own[each.iri] ? 20 + 10 * Math.log10(own[each.iri] + 1) : -20,
  }));
  return { from, options: [...options, ...words(), snippet()], validFor: WORD };
}

/** Comments and strings do not say where something stands. */
function plain(text) {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<=\s|^)#[^\n]*/gm, " ");
}

/** The counts of the properties that the subject of a place has, by IRI; null where its class is not said. */
function propertiesHere(text, schema) {
  const statement = text.slice(Math.max(text.lastIndexOf("{"), text.lastIndexOf("}"), ...ends(text)) + 1);
  const subject = /^\s*([?$]\w+)/.exec(statement)?.[1];
  if (!subject) return null;
  const kinds = [...text.matchAll(/([?$]\w+)\s+(?:a|rdf:type)\s+([\p{L}\p{N}_-]+:[\p{L}\p{N}_-]+)/gu)];
  const found = kinds.filter((each) => each[1] === subject).map((each) => each[2]);
  const known = schema.classes.filter((each) => found.includes(each.name));
  if (!known.length) return null;
  return Object.assign({}, ...known.map((each) => each.properties));
}

/** Where statements end: a dot that stands apart. */
function ends(text) {
  return [...text.matchAll(/\.(?=\s|$)/g)].map((each) => each.index);
}

function term(each, type, told, schema, count) {
  return {
    label: each.name === each.iri ? `<${each.iri}>` : each.name,
    detail: each.label === each.name ? "" : each.label,
    info: [`${(count ?? each.count).toLocaleString(document.documentElement.lang)} × ${told.uses}`, each.note].filter(Boolean).join("\n"),
    type,
    boost: Math.min(Math.log10(each.count + 1), 9),
    apply: inserting(schema.prefixes),
  };
}

/** Insert a name, and declare its prefix if that is missing. */
function inserting(prefixes) {
  return (view, completion, from, to) => {
    insert(view, completion.insert ?? completion.label, from, to, prefixes);
  };
}

function insert(view, text, from, to, prefixes) {
  const doc = view.state.doc;
  const lines = missingPrefixes(`${doc.sliceString(0, from)}${text} ${doc.sliceString(to)}`, only(text, prefixes));
  const changes = [{ from, to, insert: text }];
  if (lines) changes.unshift({ from: 0, insert: lines });
  view.dispatch({ changes, selection: { anchor: from + text.length + lines.length }, userEvent: "input.complete" });
}

function only(text, prefixes) {
  const prefix = text.startsWith("<") ? "" : text.split(":")[0];
  return Object.hasOwn(prefixes, prefix) ? { [prefix]: prefixes[prefix] } : {};
}

function prefixes(from, schema) {
  const options = Object.entries(schema.prefixes).map(([prefix, space]) => ({ label: `PREFIX ${prefix}: <${space}>`, type: "namespace" }));
  return { from, options };
}

function variables(text, found) {
  const names = new Set(text.match(/[?$]\w+/g));
  if (text.split(found.text).length < 3) names.delete(found.text);
  return { from: found.from, options: [...names].map((label) => ({ label, type: "variable" })), validFor: /^[?$]\w*$/ };
}

function words() {
  return [...KEYWORDS, ...PHRASES].map((label) => ({ label, type: "keyword", boost: -40 }));
}

function snippet() {
  return snippetCompletion('?${thing} skos:prefLabel ?${label} .\nFILTER (LANG(?${label}) = "${en}")', { label: "name in one language", type: "text", boost: -30 });
}

/** Things by any of their names: "Klaip" becomes the name of the IRI of Klaipėda. */
async function things(context, told) {
  const word = context.matchBefore(/(?<![?$<@:\p{L}\p{N}_-])[\p{L}][\p{L}\p{N}-]*(?: [\p{L}\p{N}-]+)?$/u);
  if (!word) return null;
  const text = word.text.split(" ").pop();
  if (text.length < SHORTEST || [...KEYWORDS, "PREFIX"].some((each) => each.startsWith(text.toUpperCase()))) return null;
  const from = word.to - text.length;
  await new Promise((done) => setTimeout(done, 150));
  if (context.aborted) return null;
  const address = `${told.search}?q=${encodeURIComponent(text)}`;
  const stop = new AbortController();
  context.addEventListener("abort", () => stop.abort());
  try {
    const [schema, answer] = await Promise.all([names(told.schema), fetch(address, { signal: stop.signal })]);
    if (!answer.ok) return null;
    const { results } = await answer.json();
    return { from, filter: false, options: results.map((each) => thing(each, schema.prefixes)) };
  } catch (fault) {
    if (fault.name === "AbortError") return null;
    throw fault;
  }
}

function thing(each, prefixes) {
  const short = shorten(each.iri, prefixes) ?? `<${each.iri}>`;
  return { label: each.name, displayLabel: each.name, detail: `${short} · ${each.description}`, insert: short, type: "constant", apply: inserting(prefixes) };
}
