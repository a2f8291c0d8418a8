// One citation: the sentence with the quotation marked, where it stands, and ways to take it along.

import { addressOf, bibtexCitation, markdownCitation, plainCitation } from "./citing.js";
import { copyButton } from "./copying.js";
import { element, joined } from "./dom.js";
import { sentenceParts } from "./places.js";
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
      element("details", { class: "copy" },
        element("summary", {}, text("copy"), element("span", { class: "visually-hidden" }, ` (${citation.title})`)),
        element("div", { class: "copy-forms" },
          copyButton("copyPlain", () => plainCitation(citation), "quiet small copy-plain"),
          copyButton("copyMarkdown", () => markdownCitation(citation), "quiet small copy-markdown"),
          copyButton("copyBibtex", () => bibtexCitation(citation), "quiet small copy-bibtex")))));
}

/** Section, page and language, as far as they are known; the title stands beside it already. */
export function placeOf({ title, section, page, language }) {
  return joined([
    section && section !== title && element("span", { lang: language, dir: "auto" }, section),
    page !== null && page !== undefined && text("page", { page }),
    inLanguage(language),
  ]);
}
