// A reply: its answers, each with its sources, or the help where the documents do not say.

import { isAnswered } from "./ask.js";
import { renderCitation } from "./citation.js";
import { languageOf, titleOf } from "./documents.js";
import { button, element } from "./dom.js";
import { renderOpinion } from "./opinion.js";
import { placeUrl, shortened } from "./places.js";
import { confidence, text } from "./texts.js";

const SHOWN_CITATIONS = 3; // of one answer; the others are folded away
const SHOWN_PASSAGES = 3; // where there is no answer

export function renderReply(turn, on) {
  const { id, reply } = turn;
  const { answers, passages } = reply;
  if (!isAnswered(reply)) return renderNoAnswer(turn, on);
  const several = answers.length > 1;
  return element("div", { class: "reply" },
    several && element("p", { class: "note" }, text("severalAnswers", { count: answers.length })),
    element("div", { class: several ? "answers several" : "answers" },
      answers.map((_, index) => renderAnswer(turn, index, on))),
    passages.length > 0 && element("details", { class: "closest" },
      element("summary", {}, text("closestPassages")),
      renderPassages(id, passages)));
}

/** What a listener is told of a reply. */
export function spokenReply(reply) {
  if (!isAnswered(reply)) return text("notAnswered");
  const [first] = reply.answers;
  if (reply.answers.length > 1) return text("severalAnnounced", { count: reply.answers.length, answer: first.text });
  return text("answerAnnounced", { answer: first.text, title: first.citations[0]?.title ?? "" });
}

function renderAnswer(turn, index, on) {
  const { answers } = turn.reply;
  const { text: words, confidence: probability, citations } = answers[index];
  const id = `${turn.id}-answer-${index}`;
  const drawn = citations.map((citation, place) => renderCitation(citation, `${id}-citation-${place}`));
  const folded = drawn.slice(SHOWN_CITATIONS);
  return element("article", { class: "answer", "aria-labelledby": id },
    answers.length > 1 && namedSources(citations),
    element("h3", { class: "answer-text", id, lang: citations[0]?.language, dir: "auto" }, words),
    renderConfidence(probability),
    citations.length > 1 && element("p", { class: "agreement" }, text("sourcesAgree", { count: citations.length })),
    drawn.slice(0, SHOWN_CITATIONS),
    folded.length > 0 && element("details", { class: "more-sources" },
      element("summary", {}, text("moreSources", { count: folded.length })), folded),
    renderOpinion(turn, index, on.opined));
}

/** Who says it: beside other answers that is the first thing to know. */
function namedSources(citations) {
  const [first, ...others] = citations;
  return first && element("p", { class: "answer-source" },
    element("span", { lang: first.language, dir: "auto" }, first.title || first.document_id),
    others.length > 0 && ` ${text("andOthers", { count: others.length })}`);
}

function renderConfidence(probability) {
  const meter = element("span", { class: "meter", "aria-hidden": "true" }, element("span", {}));
  meter.firstChild.style.width = `${Math.round(Math.min(probability, 0.99) * 100)}%`;
  return element("p", { class: "confidence" }, meter, confidence(probability));
}

function renderNoAnswer(turn, on) {
  const { passages } = turn.reply;
  return element("div", { class: "no-answer" },
    element("h3", { class: "no-answer-text" }, text("notAnswered")),
    element("p", {}, text(passages.length > 0 ? "notAnsweredHelp" : "notAnsweredNothing")),
    element("ul", { class: "hints" }, ["hintNames", "hintOne", "hintLanguage"].map((key) => element("li", {}, text(key)))),
    element("p", { class: "buttons" }, button(text("rephrase"), "quiet", () => on.edit(turn))),
    passages.length > 0 && [
      element("h4", { class: "passages-title" }, text("closestPassages")),
      renderPassages(turn.id, passages.slice(0, SHOWN_PASSAGES)),
      passages.length > SHOWN_PASSAGES && element("details", { class: "closest" },
        element("summary", {}, text("morePassages", { count: passages.length - SHOWN_PASSAGES })),
        renderPassages(turn.id, passages.slice(SHOWN_PASSAGES), SHOWN_PASSAGES))],
    renderOpinion(turn, null, on.opined));
}

/** `before` passages stand above these. */
function renderPassages(id, passages, before = 0) {
  return element("ol", { class: "passages", start: before + 1 }, passages.map((passage, index) => {
    const { document_id: documentId, start, end } = passage;
    return element("li", { class: "passage" },
      element("a", {
        id: `${id}-passage-${before + index}`, class: "passage-link", href: placeUrl({ documentId, start, end }),
        "data-title-of": documentId, lang: languageOf(documentId), dir: "auto",
      }, titleOf(documentId)),
      element("blockquote", { "data-language-of": documentId, lang: languageOf(documentId), dir: "auto" },
        shortened(passage.text)));
  }));
}
