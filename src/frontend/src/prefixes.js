// Prefixes that a query uses and does not declare.

// Strings, IRIs and comments, in which a colon means nothing.
const SILENT = /"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\s]*>|#[^\n]*/g;

/** The lines that declare what is known and missing; an empty text where nothing is. */
export function missingPrefixes(text, prefixes) {
  const plain = text.replace(SILENT, (found) => (found.startsWith("<") ? "<>" : " "));
  const declared = new Set([...plain.matchAll(/\bPREFIX\s+([\w-]*):/gi)].map((found) => found[1]));
  const used = new Set([...plain.matchAll(/(?<![\w?$:@.-])([A-Za-z][\w-]*):/g)].map((found) => found[1]));
  return [...used]
    .filter((prefix) => !declared.has(prefix) && Object.hasOwn(prefixes, prefix))
    .sort()
    .map((prefix) => `PREFIX ${prefix}: <${prefixes[prefix]}>\n`)
    .join("");
}
