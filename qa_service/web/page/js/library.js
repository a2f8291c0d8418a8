// The library: every document that answers are copied from, and, where the server offers it, its index.

import { drawIndex, isWritable, loadIndex, removeDocument } from "./builds.js";
import { allDocuments, listingFailure, loadDocuments } from "./documents.js";
import { byId, button, element, joined, keepingFocus } from "./dom.js";
import { renderFailure } from "./failure.js";
import { folded } from "./find.js";
import { placeUrl } from "./places.js";
import { date, languageTitle, number, text } from "./texts.js";

export async function openLibrary() {
  byId("library-filter").addEventListener("input", drawList);
  drawLibrary();
  await loadIndex(drawLibrary);
}

/** Drawn again when the documents, the index or the language of the page change. */
export function drawLibrary() {
  keepingFocus(drawList, () => byId("library-title"));
  drawIndex();
}

function drawList() {
  const failure = listingFailure();
  const documents = allDocuments();
  const wanted = folded(byId("library-filter").value.trim()).words;
  const shown = (documents ?? []).filter(({ title }) => folded(title).words.includes(wanted));
  byId("library-filter").closest(".library-tools").hidden = !documents?.length;
  byId("library-count").textContent = countWords(documents, shown, failure);
  byId("library-notes").replaceChildren(...(failure
    ? [renderFailure(failure, button(text("retry"), "quiet", loadDocuments))] : []));
  byId("library-list").replaceChildren(...shown.map(item));
}

function countWords(documents, shown, failure) {
  if (failure) return "";
  if (documents === null) return text("documentsLoading");
  if (documents.length === 0) return text("documentsEmpty");
  if (shown.length < documents.length) return text("documentsShown", { shown: number(shown.length), count: documents.length });
  return text("documentsCount", { count: documents.length });
}

function item({ id, title, language, length, metadata }) {
  return element("li", { class: "listed" },
    element("a", { id: `document-${id}`, class: "document-link", href: placeUrl({ documentId: id }), lang: language, dir: "auto" }, title),
    element("p", { class: "note" }, joined([
      languageTitle(language),
      text("characters", { count: length }),
      metadata?.date && date(metadata.date),
    ])),
    isWritable() && button(text("delete"), "plain", () => removeDocument(id, title), {
      id: `delete-${id}`, "aria-label": `${text("delete")}: ${title}`,
    }));
}
