// The source beside the conversation: a document's whole text, scrolled to a place in it.

import { placeOf } from "./citation.js";
import { copyButton } from "./copying.js";
import { labelPages, renderText } from "./document-text.js";
import { readDocument, titleOf } from "./documents.js";
import { announce, button, byId, element } from "./dom.js";
import { renderFailure } from "./failure.js";
import { clearFind, drawFound, watchFind } from "./find.js";
import { placeUrl, textFragment } from "./places.js";
import { text } from "./texts.js";

const narrow = matchMedia("(max-width: 63.99rem)"); // the same width as in source.css
narrow.addEventListener("change", setModality);
watchFind();

let shown = null; // {place, citation, others, openerId, document, failure, note, original} of the open source
let reading = null; // aborts the document on its way

export function isSourceOpen() {
  return shown !== null;
}

/** Opens a place; `openerId` names the link that focus returns to. */
export async function openSource({ place, citation, others, openerId }) {
  reading?.abort();
  reading = new AbortController();
  const { signal } = reading;
  const opening = { place, citation, others, openerId, document: null, failure: null, note: null, original: null };
  shown = opening;

  byId("source").hidden = false;
  document.body.classList.add("reading");
  byId("source-text").replaceChildren();
  clearFind();
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
  if (!opening.document) return;
  announce(text("sourceOpened", { title: opening.document.title }));
  const { originalUrl } = await import("./writing.js");
  opening.original = await originalUrl(place.documentId, signal);
  if (shown === opening && opening.original) drawTools();
}

export function closeSource() {
  if (!shown) return;
  const { openerId } = shown;
  reading?.abort();
  shown = null;
  byId("source").hidden = true;
  byId("source-text").replaceChildren();
  clearFind();
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
  byId("source-tools").hidden = !found;
  drawTools();
  labelPages(byId("source-text"));
  drawFound();
  const notes = byId("source-notes");
  if (failure) notes.replaceChildren(renderFailure(failure, button(text("retry"), "quiet", () => openSource(shown))));
  else if (!found) notes.replaceChildren(element("p", {}, text("sourceLoading")));
  else notes.replaceChildren(...(note ? [element("p", {}, text(note))] : []));
}

function drawTools() {
  const { place, citation, original } = shown;
  const fragment = citation ? textFragment(citation) : "";
  const marks = byId("source-text").querySelectorAll("mark, .also-cited").length;
  byId("source-links").replaceChildren(...[
    marks > 1 && button(text("nextMark", { count: marks }), "plain", showNextMark, { id: "next-mark" }),
    copyButton("copyPlaceLink", () => `${new URL(placeUrl(place), location.origin)}${place.start === null ? "" : fragment}`),
    original && element("a", { id: "original", href: original, download: true }, text("original")),
  ].filter(Boolean));
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
  const { document: found } = opening;
  const { nodes, note } = renderText(found, opening);
  opening.note = note;
  const pane = byId("source-text");
  if (found.language) pane.lang = found.language;
  else pane.removeAttribute("lang");
  pane.replaceChildren(...nodes);
  pane.scrollTop = 0;
  const mark = pane.querySelector("mark");
  if (!mark) return;
  bring(mark);
  // Reading on from the quotation, by ear or by arrow keys; but not when the reader has moved on.
  if (document.activeElement === byId("source-title")) mark.focus({ preventScroll: true });
}

function bring(mark) {
  const pane = byId("source-text");
  pane.scrollTop += mark.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
}

/** Goes round the marks: from the one shown last to the next in the text. */
function showNextMark() {
  const marks = [...byId("source-text").querySelectorAll("mark, .also-cited")];
  const before = marks.findIndex((mark) => mark.matches(".visited")) + 1 || marks.findIndex((mark) => mark.matches("mark")) + 1;
  const next = marks[before % marks.length];
  for (const mark of marks) mark.classList.toggle("visited", mark === next);
  bring(next);
  announce(next.textContent);
}
