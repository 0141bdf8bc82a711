// <sparql-editor>: CodeMirror over a text area. It lives in a shadow root, where the styles that it
// makes need no leave of the policy of the page (they are adopted style sheets).

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, HighlightStyle, syntaxTree } from "@codemirror/language";
import { forceLinting, linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { sources } from "./completion.js";
import { names } from "./names.js";
import { missingPrefixes } from "./prefixes.js";

const MOST_FAULTS = 5;

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: ".95rem", borderRadius: "8px 8px 0 0" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "16rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".8rem 0" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "-3px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-3)", border: "0", paddingInline: ".35rem" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--sunken) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in oklab, var(--focus) 26%, transparent)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-2)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "17rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".3rem .6rem", display: "flex", gap: ".8rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--link)", color: "var(--on-link)" },
  ".cm-completionDetail": { fontStyle: "normal", fontFamily: "var(--sans)", marginInlineStart: "auto" },
  ".cm-completionInfo": { fontFamily: "var(--sans)", padding: ".5rem .7rem", maxWidth: "20rem", whiteSpace: "pre-line" },
  ".cm-completionMatchedText": { textDecorationThickness: "2px" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: ".4rem .7rem" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)", outline: "1px solid currentColor" },
  ".cm-selectionMatch": { backgroundColor: "var(--mark)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword], color: "var(--network)", fontWeight: "600" },
  { tag: [tags.variableName, tags.definition(tags.variableName)], color: "var(--pledge)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.integer], color: "var(--project)" },
  { tag: [tags.namespace, tags.typeName, tags.className, tags.propertyName, tags.labelName, tags.url, tags.link], color: "var(--link)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--ink-3)", fontStyle: "italic" },
]);

class SparqlEditor extends HTMLElement {
  #fault = null; // where the server could not read the query: line, column, fault
  #findings = []; // why an answer is empty
  #answered = null; // the text that both are about

  connectedCallback() {
    this.area = this.querySelector("textarea");
    const root = this.attachShadow({ mode: "open" });
    const host = document.createElement("div");
    root.append(document.createElement("slot"), host);
    if (this.dataset.line) this.#fault = { ...this.dataset };
    this.#answered = this.area.value;
    this.view = new EditorView({ parent: host, root, state: EditorState.create({ doc: this.area.value, extensions: this.#extensions() }) });
    this.area.hidden = true;
  }

  #extensions() {
    const told = { schema: this.dataset.schema, search: this.dataset.search, uses: this.dataset.uses };
    const run = () => (this.area.form.requestSubmit(), true);
    return [
      lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), indentUnit.of("  "),
      bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(),
      autocompletion({ override: sources(told), icons: false }),
      sparql(), look, syntaxHighlighting(colours),
      linter((view) => this.#faults(view), { delay: 500 }),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": this.dataset.label, spellcheck: "false", autocapitalize: "off" }),
      // Tab is not bound: it leaves the editor, as it leaves every field.
      keymap.of([{ key: "Mod-Enter", run }, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...searchKeymap, ...lintKeymap]),
      EditorView.updateListener.of((update) => this.#changed(update)),
    ];
  }

  #changed(update) {
    if (!update.docChanged) return;
    this.area.value = update.state.doc.toString();
    if (update.transactions.some((each) => each.isUserEvent("input.type") || each.isUserEvent("input.paste"))) {
      if (/:/.test(lastTyped(update))) this.#declare();
    }
  }

  /** Declare the prefixes that are known, used and missing. */
  async #declare() {
    const { prefixes } = await names(this.dataset.schema);
    const lines = missingPrefixes(this.value, prefixes);
    if (lines) this.view.dispatch({ changes: { from: 0, insert: lines } });
  }

  #faults(view) {
    const found = [];
    if (this.value === this.#answered) {
      if (this.#fault) found.push(placed(view.state.doc, this.#fault, "error", this.#fault.fault));
      for (const each of this.#findings) found.push(placed(view.state.doc, each, "warning", each.message));
    }
    if (found.length) return found;
    syntaxTree(view.state).iterate({
      enter: (node) => {
        if (!node.type.isError || found.length === MOST_FAULTS) return;
        const to = Math.min(Math.max(node.to, node.from + 1), view.state.doc.length);
        found.push({ from: Math.min(node.from, to), to, severity: "error", message: this.dataset.syntax });
      },
    });
    return view.state.doc.toString().trim() ? found : [];
  }

  get value() {
    return this.view.state.doc.toString();
  }

  set value(text) {
    if (text !== this.value) this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  set fault(fault) {
    this.#fault = fault && { ...fault };
    this.#answered = this.value;
    forceLinting(this.view);
  }

  set findings(findings) {
    this.#findings = findings;
    this.#answered = this.value;
    forceLinting(this.view);
  }
}

function lastTyped(update) {
  let text = "";
  update.changes.iterChanges((_a, _b, _c, _d, inserted) => (text += inserted.toString()));
  return text;
}

/** A fault at a line and a column that count from 1, the column in code points. */
function placed(doc, fault, severity, message) {
  const from = offset(doc, Number(fault.line), Number(fault.column));
  const to = fault.endLine ? offset(doc, Number(fault.endLine), Number(fault.endColumn)) : doc.lineAt(from).to;
  return { from, to: Math.max(to, Math.min(from + 1, doc.length)), severity, message };
}

function offset(doc, number, column) {
  const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
  const before = [...line.text].slice(0, column - 1).join("");
  return Math.min(line.from + before.length, line.to);
}

customElements.define("sparql-editor", SparqlEditor);
