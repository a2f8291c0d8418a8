// The source beside the conversation: a document's whole text, scrolled to a place in it.

import { readDocument } from "./ask.js";
import { placeOf } from "./citation.js";
import { announce, button, byId, element } from "./dom.js";
import { titleOf } from "./documents.js";
import { renderFailure } from "./failure.js";
import { indexOfCodePoint, locate } from "./places.js";
import { text } from "./texts.js";

const narrow = matchMedia("(max-width: 63.99rem)"); // the same width as in style.css
narrow.addEventListener("change", setModality);

let shown = null; // {place, citation, others, openerId, document, failure, note} of the open source
let reading = null; // aborts the document on its way

export function isSourceOpen() {
  return shown !== null;
}

/** Opens a place; `openerId` names the link that focus returns to. */
export async function openSource({ place, citation, others, openerId }) {
  reading?.abort();
  reading = new AbortController();
  const { signal } = reading;
  const opening = { place, citation, others, openerId, document: null, failure: null, note: null };
  shown = opening;

  byId("source").hidden = false;
  document.body.classList.add("reading");
  byId("source-text").replaceChildren();
  drawSource();
  setModality();
  if (openerId) byId(openerId)?.scrollIntoView({ block: "nearest" }); // the conversation grew narrower
  byId("source-title").focus({ preventScroll: true });

  try {
    opening.document = await readDocument(place.documentId, signal);
  } catch (error) {
    if (signal.aborted) return;
    opening.failure = { kind: error.kind ?? "server", detail: error.detail };
  }
  if (shown !== opening) return;
  if (opening.document) showText(opening);
  drawSource();
  if (opening.document) announce(text("sourceOpened", { title: opening.document.title }));
}

export function closeSource() {
  if (!shown) return;
  const { openerId } = shown;
  reading?.abort();
  shown = null;
  byId("source").hidden = true;
  byId("source-text").replaceChildren();
  document.body.classList.remove("reading");
  document.title = text("pageTitle");
  setModality();
  // The opener may be gone, or be folded away in a closed <details>.
  const opener = openerId && byId(openerId);
  opener?.focus();
  if (!opener || document.activeElement !== opener) byId("question").focus({ preventScroll: true });
}

/** The words around the text; drawn again when the language of the page changes. */
export function drawSource() {
  if (!shown) return;
  const { place, citation, document: found, failure, note } = shown;
  const title = found?.title ?? citation?.title ?? titleOf(place.documentId);
  const language = found?.language ?? citation?.language ?? null;
  const heading = byId("source-title");
  heading.textContent = title;
  if (language) heading.lang = language;
  else heading.removeAttribute("lang");
  document.title = `${title} · ${text("name")}`;
  byId("source-place").replaceChildren(...placeOf({ title, section: citation?.section, page: citation?.page, language }));
  const notes = byId("source-notes");
  if (failure) notes.replaceChildren(renderFailure(failure, button(text("retry"), "quiet", () => openSource(shown))));
  else if (!found) notes.replaceChildren(element("p", {}, text("sourceLoading")));
  else notes.replaceChildren(...(note ? [element("p", {}, text(note))] : []));
}

// On a narrow screen the source covers the conversation, which then must not be reachable beneath it.
function setModality() {
  const covers = shown !== null && narrow.matches;
  byId("page").inert = covers;
  const panel = byId("source");
  panel.setAttribute("role", covers ? "dialog" : "complementary");
  if (covers) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
}

function showText(opening) {
  const { place, citation, others, document: found } = opening;
  const target = place.start === null ? null : locate(found.text, citation ?? place);
  if (place.start !== null && !target) opening.note = citation ? "quotationGone" : "placeGone";
  else if (target?.moved) opening.note = "quotationMoved";

  const layers = [frontMatter(found.text), ...headings(found.text)];
  if (target && !target.moved && citation?.sentence) layers.push(sentenceLayer(found.text, citation));
  for (const other of others) {
    const at = locate(found.text, other);
    if (at) layers.push({ ...at, className: "also-cited" });
  }

  const pane = byId("source-text");
  if (found.language) pane.lang = found.language;
  else pane.removeAttribute("lang");
  pane.replaceChildren(...marked(found.text, layers.filter(Boolean), target));
  pane.scrollTop = 0;
  const mark = pane.querySelector("mark");
  if (!mark) return;
  pane.scrollTop = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  // Reading on from the quotation, by ear or by arrow keys; but not when the reader has moved on.
  if (document.activeElement === byId("source-title")) mark.focus({ preventScroll: true });
}

/** The whole text as nodes: one <mark> for the target, around it a <span> for every run that layers cover. */
function marked(content, layers, target) {
  if (!target) return runs(content, 0, content.length, layers);
  return [
    ...runs(content, 0, target.start, layers),
    element("mark", { tabindex: "-1" }, content.slice(target.start, target.end)),
    ...runs(content, target.end, content.length, layers),
  ];
}

function runs(content, from, to, layers) {
  const inside = layers.filter(({ start, end }) => start < to && end > from);
  const cuts = [from, to, ...inside.flatMap(({ start, end }) => [Math.max(start, from), Math.min(end, to)])];
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index];
    const names = inside.filter((layer) => layer.start <= start && layer.end >= end).map(({ className }) => className);
    const piece = document.createTextNode(content.slice(start, end));
    return names.length > 0 ? element("span", { class: names.join(" ") }, piece) : piece;
  });
}

function sentenceLayer(content, { sentence_start: start, sentence_end: end }) {
  return {
    start: indexOfCodePoint(content, start),
    end: indexOfCodePoint(content, end),
    className: "sentence",
  };
}

function frontMatter(content) {
  const found = /^\uFEFF?---\r?\n[^]*?\r?\n---[ \t]*(?:\r?\n|$)/.exec(content);
  return found && { start: 0, end: found[0].length, className: "front-matter" };
}

function headings(content) {
  return [...content.matchAll(/^#{1,6} .+$/gm)].map(({ index, 0: line }) => (
    { start: index, end: index + line.length, className: "heading" }));
}
