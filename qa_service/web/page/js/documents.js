// The list of documents, which also gives passages the titles they lack.

import { Failure, getJson } from "./http.js";

let documents = null; // by id; null until the list has come
let examples = []; // questions to begin with, as the server offers them
let failure = null;
let onListed = () => {};

export async function loadDocuments() {
  failure = null;
  try {
    const { documents: listed, examples: offered } = await getJson("/documents");
    if (!Array.isArray(listed)) throw new Failure("server");
    examples = offered ?? [];
    documents = new Map(listed.map((document) => [document.id, document]));
  } catch (error) {
    failure = error;
  }
  nameDocuments();
  onListed();
}

/** `listed` is called each time the list has come, or has failed to. */
export function whenListed(listed) {
  onListed = listed;
}

/** The documents in the server's order; null until they have come. */
export function allDocuments() {
  return documents === null ? null : [...documents.values()];
}

/** Those in `language` first. */
export function exampleQuestions(language) {
  const own = (example) => example.language === language;
  return [...examples.filter(own), ...examples.filter((example) => !own(example))];
}

export function listingFailure() {
  return failure;
}

export async function readDocument(id, signal) {
  return getJson(`/documents/${encodeURIComponent(id)}`, signal);
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
