// What a reader thinks of an answer, or of its absence: right or not, and why. The server keeps it.

import { isAnswered, MAX_QUESTION_LENGTH } from "./ask.js";
import { announce, button, element, icon } from "./dom.js";
import { failureText } from "./failure.js";
import { postJson } from "./http.js";
import { codePoints } from "./places.js";
import { text } from "./texts.js";

const MAX_COMMENT = 1000; // characters, the server's own limit
const ANSWER_REASONS = ["wrong", "incomplete", "misread", "unsupported", "other"];
const ABSTENTION_REASONS = ["said", "misread", "other"];

/** `index` is that of the answer, or null for an abstention; `opined` is called with the turn to keep it. */
export function renderOpinion(turn, index, opined) {
  const root = element("div", { class: "opinion" });
  const key = index ?? "none";
  const given = () => turn.opinions?.[key] ?? null;

  async function give(opinion) {
    try {
      await postJson("/feedback", feedbackOf(turn, index, opinion));
    } catch (error) {
      announce(text("opinionLost"));
      return draw({ note: `${text("opinionLost")} ${failureText({ kind: error.kind ?? "server" })}` });
    }
    turn.opinions = { ...turn.opinions, [key]: { verdict: opinion.verdict, reason: opinion.reason ?? null } };
    opined(turn);
    announce(text("opinionKept"));
    return draw({ note: text("opinionKept"), remarkable: opinion.verdict === "up" && !opinion.comment });
  }

  /** `asks`: the verdict whose form is open; `remarkable`: whether a remark can be added. */
  function draw({ asks = null, note = "", remarkable = false } = {}) {
    const held = root.contains(document.activeElement);
    const verdict = asks ?? given()?.verdict;
    const thumb = (name, press) => button("", "thumb", press, {
      "aria-pressed": String(verdict === name), "aria-label": text(name === "up" ? "thumbUp" : "thumbDown"),
    });
    const up = thumb("up", () => give({ verdict: "up" }));
    const down = thumb("down", () => draw({ asks: asks === "down" ? null : "down" }));
    up.append(icon("thumb"));
    down.append(icon("thumb", "turned"));
    root.replaceChildren(...[
      element("p", { class: "opinion-row" },
        element("span", { class: "note" }, note || text(index === null ? "wasItRightNot" : "wasItRight")), up, down,
        remarkable && button(text("addRemark"), "quiet small", () => draw({ asks: "up" }))),
      asks === "up" && remark(give, () => draw()),
      asks === "down" && reasons(index === null ? ABSTENTION_REASONS : ANSWER_REASONS, give, () => draw()),
    ].filter(Boolean));
    if (asks) {
      root.querySelector("input, textarea").focus({ preventScroll: true });
      root.scrollIntoView({ block: "nearest" }); // the whole form, over the field for questions
    } else if (held) (verdict === "up" ? up : down).focus();
  }

  draw();
  return root;
}

function remark(give, cancel) {
  return commented(text("remark"), [], (comment) => give({ verdict: "up", comment }), cancel);
}

function reasons(names, give, cancel) {
  const choices = names.map((name, place) => element("input", { type: "radio", name: "reason", value: name, checked: place === 0 }));
  const fieldset = element("fieldset", {}, element("legend", {}, text("whyNot")),
    choices.map((choice) => element("label", {}, choice, " ", text(`reason_${choice.value}`))));
  const send = (comment) => give({ verdict: "down", reason: choices.find(({ checked }) => checked).value, comment });
  return commented(text("comment"), [fieldset], send, cancel);
}

/** A form that ends in a comment; `send` is called with it. */
function commented(label, before, send, cancel) {
  const comment = element("textarea", { class: "field", rows: 2, maxlength: MAX_COMMENT, "aria-label": label, placeholder: label, dir: "auto" });
  const form = element("form", { class: "reasons" }, before, comment,
    element("p", { class: "buttons" },
      element("button", { class: "primary small" }, text("send")), button(text("cancel"), "quiet small", cancel)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(comment.value.trim());
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // an open source stays open
    cancel();
  });
  return form;
}

function feedbackOf({ id, question, reply }, index, { verdict, reason = null, comment = "" }) {
  const answer = index === null || !isAnswered(reply) ? null : reply.answers[index];
  const [citation] = answer?.citations ?? [];
  const understood = reply.understood_as ?? question; // by itself, a follow-up says little
  return {
    id: `${id}-${index ?? "none"}`,
    verdict,
    reason,
    comment,
    question: codePoints(understood) <= MAX_QUESTION_LENGTH ? understood : question,
    question_language: reply.question_language,
    snapshot: reply.snapshot,
    answer: answer && citation ? {
      text: answer.text,
      confidence: answer.confidence,
      document_id: citation.document_id,
      language: citation.language,
      start: citation.start,
      end: citation.end,
      sentence: citation.sentence,
    } : null,
  };
}
