// One citation: the sentence with the quotation marked, where it stands, and a way to take it along.

import { announce, button, element, joined } from "./dom.js";
import { placeUrl, sentenceParts } from "./places.js";
import { inLanguage, text } from "./texts.js";

export function renderCitation(citation, linkId) {
  const [before, quotation, after] = sentenceParts(citation);
  return element("figure", { class: "citation" },
    element("blockquote", { lang: citation.language, dir: "auto" },
      before, element("mark", { lang: citation.language }, quotation), after),
    element("figcaption", {},
      element("a", { id: linkId, class: "citation-link", href: addressOf(citation) },
        element("cite", { lang: citation.language, dir: "auto" }, citation.title || citation.document_id)),
      element("span", { class: "citation-place" }, placeOf(citation)),
      button(text("copyCitation"), "quiet small copy-citation", (copy) => copyCitation(citation, copy))));
}

/** Section, page and language, as far as they are known; the title stands beside it already. */
export function placeOf({ title, section, page, language }) {
  return joined([
    section && section !== title && element("span", { lang: language, dir: "auto" }, section),
    page !== null && page !== undefined && text("page", { page }),
    inLanguage(language),
  ]);
}

// Only addresses of this page's own documents become links, whatever the stored reply holds.
function addressOf(citation) {
  if (/^\/documents\/[^/]/.test(citation.url ?? "")) return citation.url;
  return placeUrl({ documentId: citation.document_id, start: citation.start, end: citation.end });
}

export function citationText(citation) {
  const { title, section, page } = citation;
  const source = [title, section !== title && section, page !== null && page !== undefined && text("page", { page })].filter(Boolean);
  const address = new URL(addressOf(citation), location.origin);
  return `${text("quoted", { quotation: citation.quotation })} — ${source.join(", ")}. ${address}`;
}

async function copyCitation(citation, copy) {
  const copied = await written(citationText(citation));
  const message = text(copied ? "copied" : "copyFailed");
  copy.textContent = message;
  announce(message);
  setTimeout(() => { copy.textContent = text("copyCitation"); }, 2000);
}

async function written(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return writtenTheOldWay(words);
  }
}

// navigator.clipboard is missing over plain http, as on an office network.
function writtenTheOldWay(words) {
  let copied = false;
  const fill = (event) => {
    event.clipboardData.setData("text/plain", words);
    event.preventDefault();
    copied = true;
  };
  document.addEventListener("copy", fill);
  document.execCommand("copy");
  document.removeEventListener("copy", fill);
  return copied;
}
