// One turn of the conversation: the question and what became of it.

import { renderReply, spokenReply } from "./answer.js";
import { isAnswered, MAX_QUESTION_LENGTH } from "./ask.js";
import { copyButton } from "./copying.js";
import { languageOf, titleOf } from "./documents.js";
import { button, element } from "./dom.js";
import { failureText, renderFailure } from "./failure.js";
import { codePoints, questionUrl } from "./places.js";
import { text } from "./texts.js";

/**
 * `stage` is "searching" or "reading" while the turn is being answered, else null; `passages` are
 * those being read. `on` has what the buttons do: retry, edit, cancelEdit, askAnew.
 */
export function renderTurn(turn, { stage, passages, isEdited, on }) {
  const { id, question, reply } = turn;
  return element("li", { class: "turn", id, "aria-busy": stage ? "true" : null, "data-state": stateOf(turn, stage) },
    isEdited ? editor(turn, on) : [
      element("h2", { class: "question", lang: reply?.question_language, dir: "auto" }, question),
      understood(question, reply),
    ],
    stage ? stages(stage, passages) : outcome(turn, on),
    !stage && !isEdited && actions(turn, on));
}

/** What a listener is told when a turn is over. */
export function spoken({ reply, failure }) {
  return failure ? failureText(failure) : spokenReply(reply);
}

function stateOf({ reply }, stage) {
  if (stage) return stage;
  if (!reply) return "failed";
  return isAnswered(reply) ? "answered" : "not-answered";
}

/** How a follow-up was read, where that is more than what was typed. */
function understood(question, reply) {
  const read = reply?.understood_as;
  return read && read !== question
    && element("p", { class: "note understood" }, text("understoodAs"), " ",
      element("q", { lang: reply.question_language, dir: "auto" }, read));
}

function actions(turn, { retry, edit }) {
  const { id, question, reply } = turn;
  const link = new URL(questionUrl(reply?.understood_as ?? question), location.origin);
  return element("p", { class: "actions" },
    button(text("edit"), "plain", () => edit(turn), { id: `${id}-edit` }),
    reply && button(text("askAgain"), "plain", () => retry(turn), { id: `${id}-again` }),
    copyButton("copyQuestionLink", () => String(link)));
}

function editor(turn, { cancelEdit, askAnew }) {
  const field = element("textarea", {
    id: `${turn.id}-editor`, class: "editor-field", rows: 2, dir: "auto", "aria-label": text("editQuestion"),
  });
  field.value = turn.question;
  const send = () => {
    const question = field.value.trim();
    const fits = question !== "" && codePoints(question) <= MAX_QUESTION_LENGTH;
    field.setAttribute("aria-invalid", String(!fits));
    note.textContent = fits ? "" : text(question ? "tooLong" : "questionEmpty", { limit: MAX_QUESTION_LENGTH });
    if (fits) askAnew(turn, question);
    else field.focus();
  };
  const note = element("p", { class: "note wrong", role: "alert" });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation(); // an open source stays open
      cancelEdit(turn);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  });
  return element("div", { class: "editor" }, field, note,
    element("p", { class: "buttons" },
      button(text("ask"), "primary", send), button(text("cancel"), "quiet", () => cancelEdit(turn))));
}

/** How far the answer has come, step by step. */
function stages(stage, passages) {
  const reading = stage === "reading";
  const ids = [...new Set(passages.map((passage) => passage.document_id))];
  return element("div", { class: "stages" },
    element("ol", {},
      step(reading ? "done" : "now", text(reading ? "searched" : "searching")),
      step(reading ? "now" : "", reading && passages.length > 0
        ? text("readingSome", { count: passages.length }) : text("reading")),
      step("", text("answering"))),
    reading && element("ul", { class: "read-documents" }, ids.map((id) =>
      element("li", { "data-title-of": id, lang: languageOf(id), dir: "auto" }, titleOf(id)))));
}

function step(state, words) {
  return element("li", { class: `stage ${state}`, "aria-current": state === "now" ? "step" : null }, words);
}

function outcome(turn, on) {
  const { retry, edit } = on;
  if (turn.reply) return renderReply(turn, on);
  const failure = turn.failure ?? { kind: "interrupted" };
  const again = failure.kind === "stopped" || failure.kind === "interrupted" ? "askAgain" : "retry";
  return renderFailure(failure,
    (failure.kind === "tooLong" || failure.kind === "invalid")
      && button(text("editQuestion"), "quiet", () => edit(turn)),
    button(text(again), "quiet", () => retry(turn)));
}
