// A document's text as nodes: nothing added to its words, the places in it marked.

import { element } from "./dom.js";
import { indexOfCodePoint, indicesOfCodePoints, locate } from "./places.js";
import { text } from "./texts.js";

/**
 * The nodes, and of the place that is shown whether it was found: `note` names the text that says
 * what became of it. `others` are citations which are marked too.
 */
export function renderText({ text: content, pages = [] }, { place, citation, others }) {
  const target = place.start === null ? null : locate(content, citation ?? place);
  const layers = [frontMatter(content), ...headings(content)];
  if (target && !target.moved && citation?.sentence) layers.push(sentenceLayer(content, citation));
  for (const other of others) {
    const at = locate(content, other);
    if (at) layers.push({ ...at, className: "also-cited" });
  }
  const starts = pageStarts(content, pages);
  return { nodes: marked(content, layers.filter(Boolean), starts, target), note: noteOf(place, citation, target) };
}

/** Page labels are drawn by the style sheet, for the text of the pane is the document's and no more. */
export function labelPages(root) {
  for (const start of root.querySelectorAll(".page-start")) start.dataset.label = text("page", { page: start.dataset.page });
}

function noteOf(place, citation, target) {
  if (place.start !== null && !target) return citation ? "quotationGone" : "placeGone";
  return target?.moved ? "quotationMoved" : null;
}

/** One <mark> for the target, around it a <span> for every run that layers cover. */
function marked(content, layers, starts, target) {
  if (!target) return runs(content, 0, content.length, layers, starts);
  return [
    ...runs(content, 0, target.start, layers, starts),
    element("mark", { tabindex: "-1" }, runs(content, target.start, target.end, [], starts)),
    ...runs(content, target.end, content.length, layers, starts),
  ];
}

function runs(content, from, to, layers, starts) {
  const inside = layers.filter(({ start, end }) => start < to && end > from);
  const pages = starts.filter(({ start }) => start >= from && start < to);
  const cuts = [from, to, ...pages.map(({ start }) => start),
    ...inside.flatMap(({ start, end }) => [Math.max(start, from), Math.min(end, to)])];
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  return sorted.slice(1).flatMap((end, index) => {
    const start = sorted[index];
    const names = inside.filter((layer) => layer.start <= start && layer.end >= end).map(({ className }) => className);
    const piece = document.createTextNode(content.slice(start, end));
    const page = pages.find((other) => other.start === start);
    return [
      ...(page ? [element("span", { class: "page-start", "data-page": page.number })] : []),
      names.length > 0 ? element("span", { class: names.join(" ") }, piece) : piece,
    ];
  });
}

function pageStarts(content, pages) {
  const indices = indicesOfCodePoints(content, pages.map(({ start }) => start));
  return pages.map(({ number }, place) => ({ number, start: indices[place] }));
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
  return [...content.matchAll(/^(#{1,6} ).+$/gm)].flatMap(({ index, 0: line, 1: sign }) => [
    { start: index, end: index + line.length, className: "heading" },
    { start: index, end: index + sign.length, className: "sign" },
  ]);
}
