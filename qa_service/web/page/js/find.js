// Finding words in the open source, without regard to case and diacritics.

import { announce, byId } from "./dom.js";
import { text } from "./texts.js";

const MAX_FOUND = 1000; // more marks than that help nobody, and slow the page down

let found = []; // ranges in the order of the text
let at = -1; // the one shown

export function watchFind() {
  const field = byId("find");
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape" && field.value) {
      event.preventDefault(); // the source stays open
      clearFind();
    }
  });
  byId("find-previous").addEventListener("click", () => step(-1));
  byId("find-next").addEventListener("click", () => step(1));
}

export function clearFind() {
  byId("find").value = "";
  search();
}

/** Says again what was found, in the language of the page. */
export function drawFound() {
  const none = found.length === 0;
  byId("find-previous").disabled = none;
  byId("find-next").disabled = none;
  byId("find-count").textContent = byId("find").value.trim() === "" ? ""
    : none ? text("foundNothing") : text("found", { at: at + 1, count: found.length });
}

function search() {
  found = rangesOf(byId("find").value.trim(), byId("source-text"));
  at = -1;
  highlight("found", found);
  if (found.length > 0) step(1);
  else highlight("found-now", []);
  drawFound();
}

function step(by) {
  if (found.length === 0) return;
  at = (at + by + found.length) % found.length;
  const range = found[at];
  highlight("found-now", [range]);
  const pane = byId("source-text");
  const [place, frame] = [range.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (place.top < frame.top || place.bottom > frame.bottom) pane.scrollTop += place.top - frame.top - frame.height / 3;
  drawFound();
  announce(text("found", { at: at + 1, count: found.length }));
}

// Marks that leave the document as it is; browsers without them show the one that is stepped to.
function highlight(name, ranges) {
  if (globalThis.CSS?.highlights) CSS.highlights.set(name, new Highlight(...ranges));
  else if (name === "found-now" && ranges.length > 0) {
    getSelection().removeAllRanges();
    getSelection().addRange(ranges[0]);
  }
}

function rangesOf(wanted, root) {
  const needle = folded(wanted).words;
  if (needle === "") return [];
  const nodes = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let length = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node, start: length });
    length += node.data.length;
  }
  const { words, places } = folded(root.textContent);
  const ranges = [];
  for (let from = words.indexOf(needle); from >= 0 && ranges.length < MAX_FOUND; from = words.indexOf(needle, from + needle.length)) {
    const range = document.createRange();
    range.setStart(...boundary(nodes, places[from]));
    range.setEnd(...boundary(nodes, places[from + needle.length - 1], 1));
    ranges.push(range);
  }
  return ranges;
}

/** [node, offset] of the character at an index of the whole text, or of the end of that character. */
function boundary(nodes, index, after = 0) {
  const { node, start } = nodes.findLast((entry) => entry.start <= index);
  return [node, index - start + after];
}

/** The text without case and marks above letters, with the index that each of its units came from. */
export function folded(content) {
  let words = "";
  const places = [];
  for (let index = 0; index < content.length; index += 1) {
    const unit = content[index].normalize("NFD")[0].toLowerCase()[0];
    if (/\p{M}/u.test(unit)) continue;
    words += unit;
    places.push(index);
  }
  return { words, places };
}
