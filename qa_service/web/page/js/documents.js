// The list of documents, which also gives passages the titles they lack.

import { listDocuments } from "./ask.js";
import { byId, button, element } from "./dom.js";
import { renderFailure } from "./failure.js";
import { placeUrl } from "./places.js";
import { inLanguage, text } from "./texts.js";

let documents = null; // by id; null until the list has come
let failure = null;

export async function loadDocuments() {
  failure = null;
  try {
    documents = new Map((await listDocuments()).map((document) => [document.id, document]));
  } catch (error) {
    failure = error;
  }
  drawDocuments();
  nameDocuments();
}

/** Fetches the list again when a reply speaks of a document that came after it. */
export async function knowDocuments(ids) {
  if (documents === null || ids.some((id) => !documents.has(id))) await loadDocuments();
}

export function titleOf(id) {
  return documents?.get(id)?.title ?? id;
}

export function languageOf(id) {
  return documents?.get(id)?.language ?? null;
}

function nameDocuments() {
  for (const node of document.querySelectorAll("[data-title-of]")) {
    node.textContent = titleOf(node.dataset.titleOf);
    if (languageOf(node.dataset.titleOf)) node.lang = languageOf(node.dataset.titleOf);
  }
  for (const node of document.querySelectorAll("[data-language-of]")) {
    if (languageOf(node.dataset.languageOf)) node.lang = languageOf(node.dataset.languageOf);
  }
}

export function drawDocuments() {
  byId("documents-body").replaceChildren(...documentsBody());
}

function documentsBody() {
  if (failure) {
    const { kind, detail, retryAfter } = failure;
    return [renderFailure({ kind, detail, retryAfter }, button(text("retry"), "quiet", loadDocuments))];
  }
  if (documents === null) return [element("p", {}, text("documentsLoading"))];
  if (documents.size === 0) return [element("p", {}, text("documentsEmpty"))];
  return [
    element("p", { class: "note" }, text("documentsCount", { count: documents.size })),
    element("ul", {}, [...documents.values()].map(documentItem)),
  ];
}

function documentItem({ id, title, language }) {
  const url = placeUrl({ documentId: id });
  return element("li", {},
    element("a", { id: `document-${id}`, class: "document-link", href: url, lang: language, dir: "auto" }, title),
    element("span", { class: "note" }, " ", inLanguage(language)));
}
