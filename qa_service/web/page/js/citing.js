// A citation in words for other places: plain text, Markdown, BibTeX.

import { placeUrl } from "./places.js";
import { text } from "./texts.js";

/** The address of a citation's place on this page; only this page's own documents become links. */
export function addressOf(citation) {
  if (/^\/documents\/[^/]/.test(citation.url ?? "")) return citation.url;
  return placeUrl({ documentId: citation.document_id, start: citation.start, end: citation.end });
}

export function absoluteUrl(citation) {
  return String(new URL(addressOf(citation), location.origin));
}

export function plainCitation(citation) {
  return `${text("quoted", { quotation: citation.quotation })} — ${placeWords(citation)}. ${absoluteUrl(citation)}`;
}

export function markdownCitation(citation) {
  const { sentence, quotation, title, document_id: id } = citation;
  const quoted = (sentence?.includes(quotation) ? sentence : quotation).trim().split(/\r?\n/);
  const [, ...place] = placeParts(citation);
  const source = [`[${escaped(title || id)}](${absoluteUrl(citation)})`, ...place.map(escaped)].join(", ");
  return [...quoted.map((words) => `> ${escaped(words)}`), ">", `> — ${source}`].join("\n");
}

/** BibTeX has no entry for a place in a document; `misc` with a note is what its readers keep. */
export function bibtexCitation(citation) {
  const { document_id: id, start, title, section, page, quotation, language } = citation;
  const key = `${id.replace(/[^A-Za-z0-9]+/g, "-")}-${start}`;
  const fields = {
    title: title || id,
    chapter: section !== title && section,
    pages: page ?? null,
    note: quotation,
    language,
    url: absoluteUrl(citation),
    urldate: new Date().toISOString().slice(0, 10),
  };
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
    .map(([name, value]) => `  ${name} = {${name === "url" ? value : braced(value)}},`);
  return `@misc{${key},\n${lines.join("\n")}\n}`;
}

function placeParts({ title, section, page, document_id: id }) {
  return [title || id, section !== title && section, page !== null && page !== undefined && text("page", { page })]
    .filter(Boolean);
}

function placeWords(citation) {
  return placeParts(citation).join(", ");
}

/** Text that Markdown shows as it is. */
function escaped(words) {
  return words.replace(/([\\`*_[\]<>#|~])/g, "\\$1");
}

/** Text that BibTeX shows as it is. */
function braced(value) {
  const names = { "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
  return String(value).replace(/\s+/g, " ").replace(/[\\{}~^%#&$_]/g, (sign) => names[sign] ?? `\\${sign}`);
}
