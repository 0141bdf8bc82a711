// What the graph says of its own terms, fetched once; and short names of IRIs.

let asked = null;

/** The schema: prefixes, classes and properties, see kg.web.workbench.schema. */
export function names(address) {
  asked ??= fetch(address).then((answer) => {
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }).catch((fault) => {
    console.warn("no schema to complete from:", fault.message);
    asked = null;
    return { prefixes: {}, classes: [], properties: [] };
  });
  return asked;
}

/** The prefixed name of an IRI, or null. */
export function shorten(iri, prefixes) {
  let best = null;
  for (const [prefix, space] of Object.entries(prefixes)) {
    if (iri.startsWith(space) && (best === null || space.length > best[1].length)) best = [prefix, space];
  }
  const local = best && iri.slice(best[1].length);
  return local && /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(local) ? `${best[0]}:${local}` : null;
}
