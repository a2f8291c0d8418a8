// One turn of the conversation: the question and what became of it.

import { renderCitation } from "./citation.js";
import { button, element } from "./dom.js";
import { languageOf, titleOf } from "./documents.js";
import { failureText, renderFailure } from "./failure.js";
import { placeUrl, shortened } from "./places.js";
import { confidence, text } from "./texts.js";

/** `stage` is "searching" or "reading" while the turn is being answered, else null. */
export function renderTurn(turn, { stage, onRetry, onEdit }) {
  const { id, question, reply } = turn;
  return element("li", { class: "turn", id, "aria-busy": stage ? "true" : null, "data-state": stateOf(turn, stage) },
    element("h2", { class: "question", lang: reply?.question_language, dir: "auto" }, question),
    understood(question, reply),
    stage ? element("p", { class: "stage" }, text(stage)) : outcome(turn, onRetry, onEdit));
}

/** How a follow-up was read, where that is more than what was typed. */
function understood(question, reply) {
  const read = reply?.understood_as;
  return read && read !== question
    && element("p", { class: "note understood" }, text("understoodAs"), " ",
      element("q", { lang: reply.question_language, dir: "auto" }, read));
}

function stateOf({ reply }, stage) {
  if (stage) return stage;
  if (!reply) return "failed";
  return isAnswered(reply) ? "answered" : "not-answered";
}

function outcome(turn, onRetry, onEdit) {
  if (turn.reply) return renderReply(turn);
  const failure = turn.failure ?? { kind: "interrupted" };
  if (failure.kind === "tooLong" || failure.kind === "invalid") {
    return renderFailure(failure, button(text("editQuestion"), "quiet", () => onEdit(turn)),
      button(text("retry"), "quiet", () => onRetry(turn)));
  }
  const label = failure.kind === "stopped" || failure.kind === "interrupted" ? "askAgain" : "retry";
  return renderFailure(failure, button(text(label), "quiet", () => onRetry(turn)));
}

function renderReply({ id, reply }) {
  const { answers, passages } = reply;
  if (!isAnswered(reply)) {
    return element("div", { class: "no-answer" },
      element("p", { class: "no-answer-text" }, text("notAnswered")),
      element("p", { class: "note" }, text(passages.length > 0 ? "notAnsweredPassages" : "notAnsweredNothing")),
      passages.length > 0 && renderPassages(id, passages));
  }
  return element("div", { class: "answers" },
    answers.length > 1 && element("p", { class: "note" }, text("severalAnswers", { count: answers.length })),
    answers.map((answer, index) => renderAnswer(answer, `${id}-answer-${index}`)),
    passages.length > 0 && element("details", { class: "closest" },
      element("summary", {}, text("closestPassages")),
      renderPassages(id, passages)));
}

function renderAnswer(answer, id) {
  const language = answer.citations[0]?.language;
  return element("article", { class: "answer", "aria-labelledby": id },
    element("p", { class: "answer-text", id, lang: language, dir: "auto" }, answer.text),
    element("p", { class: "confidence" }, confidence(answer.confidence)),
    answer.citations.map((citation, index) => renderCitation(citation, `${id}-citation-${index}`)));
}

function renderPassages(id, passages) {
  return element("ol", { class: "passages" }, passages.map((passage, index) => {
    const { document_id: documentId, start, end } = passage;
    return element("li", { class: "passage" },
      element("a", {
        id: `${id}-passage-${index}`, class: "passage-link", href: placeUrl({ documentId, start, end }),
        "data-title-of": documentId, lang: languageOf(documentId), dir: "auto",
      }, titleOf(documentId)),
      element("blockquote", { "data-language-of": documentId, lang: languageOf(documentId), dir: "auto" },
        shortened(passage.text)));
  }));
}

/** What a listener is told when a turn is over. */
export function spoken({ reply, failure }) {
  if (failure) return failureText(failure);
  if (!isAnswered(reply)) return text("notAnswered");
  const [first] = reply.answers;
  if (reply.answers.length > 1) return text("severalAnnounced", { count: reply.answers.length, answer: first.text });
  return text("answerAnnounced", { answer: first.text, title: first.citations[0]?.title ?? "" });
}

function isAnswered({ answered, answers }) {
  return answered && answers.length > 0;
}
