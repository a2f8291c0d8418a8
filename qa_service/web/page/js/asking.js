// Asking and the conversation on the screen: what is being answered, edited, begun anew.

import { ask, MAX_QUESTION_LENGTH } from "./ask.js";
import { Conversation } from "./conversation.js";
import { exampleQuestions, knowDocuments } from "./documents.js";
import { announce, button, byId, element, keepingFocus } from "./dom.js";
import { Failure } from "./http.js";
import { codePoints } from "./places.js";
import { currentLanguage, text } from "./texts.js";
import { renderTurn, spoken } from "./turn.js";

const COUNTER_FROM = 800; // code points; the counter would only distract before

let conversation = new Conversation();
let pending = null; // {turn, stage, passages, controller} while a question is being answered
let edited = null; // the turn whose question is being edited

export function currentConversation() {
  return conversation;
}

/** Shows another conversation; what is being answered in this one is stopped. */
export function enter(other) {
  pending?.controller.abort();
  pending = null;
  edited = null;
  conversation = other;
  drawConversation();
  byId(other.turns.at(-1)?.id)?.scrollIntoView({ block: "start" });
}

/** The question of a link: the conversation it began, or else a new one. */
export function askLinked(question) {
  const known = Conversation.begunWith(question);
  enter(known ?? Conversation.begun());
  if (!known) answer(conversation.add(question));
}

export function submit() {
  const question = byId("question").value.trim();
  if (pending) return; // what was typed stays for later
  if (question === "" || codePoints(question) > MAX_QUESTION_LENGTH) {
    announce(question === "" ? text("questionEmpty") : text("tooLong", { limit: MAX_QUESTION_LENGTH }));
    byId("question").focus();
    return;
  }
  byId("question").value = "";
  drawCounter();
  answer(conversation.add(question));
}

export function stop() {
  pending?.controller.abort();
}

async function answer(turn) {
  if (pending) return;
  const own = { turn, stage: "searching", passages: [], controller: new AbortController() };
  pending = own;
  turn.failure = null;
  enterStage("searching");
  byId(turn.id).scrollIntoView({ block: "nearest" });
  try {
    turn.reply = await ask(turn.question, conversation.historyBefore(turn), {
      signal: own.controller.signal,
      onPassages: ({ passages }) => enterStage("reading", passages),
    });
    delete turn.opinions; // they were of the answers before
  } catch (error) {
    turn.failure = failureOf(error);
  }
  if (pending !== own) return; // another conversation was entered meanwhile
  pending = null;
  conversation.save(turn);
  drawProgress(turn);
  byId(turn.id).scrollIntoView({ block: "start" });
  announce(spoken(turn));
  if (turn.reply) await knowDocuments(turn.reply.passages.map((passage) => passage.document_id));
}

function enterStage(stage, passages = []) {
  Object.assign(pending, { stage, passages });
  drawProgress(pending.turn);
  announce(text(stage));
}

function failureOf(error) {
  if (error.name === "AbortError") return { kind: "stopped" };
  if (error instanceof Failure) {
    // The address is fixed, so "not found" says nothing of a document here.
    const kind = error.kind === "unknownDocument" ? "server" : error.kind;
    return { kind, detail: error.detail, retryAfter: error.retryAfter };
  }
  console.error(error);
  return { kind: "server" };
}

// What the buttons of a turn do

const on = {
  retry(turn) {
    if (!pending) answer(turn);
  },
  edit(turn) {
    if (pending) return;
    const before = edited;
    edited = turn;
    if (before) drawTurn(before);
    drawTurn(turn);
    byId(`${turn.id}-editor`).focus();
  },
  cancelEdit(turn) {
    edited = null;
    drawTurn(turn);
    byId(`${turn.id}-edit`).focus();
  },
  opined(turn) {
    conversation.save(turn);
  },
  askAnew(turn, question) {
    if (pending) return;
    edited = null;
    turn.question = question;
    turn.reply = null;
    answer(turn);
  },
};

// Drawing

function drawTurn(turn) {
  const own = pending?.turn === turn ? pending : null;
  const drawn = renderTurn(turn, {
    stage: own?.stage ?? null, passages: own?.passages ?? [], isEdited: turn === edited, on,
  });
  const before = byId(turn.id);
  if (before) before.replaceWith(drawn);
  else byId("turns").append(drawn);
  drawEmptiness();
}

/** A focused button that gives way (ask, stop, retry, an example) hands its focus on. */
function drawProgress(turn) {
  keepingFocus(() => {
    drawTurn(turn);
    drawComposer();
  }, () => byId(pending ? "stop" : "ask"));
}

export function drawConversation() {
  byId("turns").replaceChildren();
  conversation.turns.forEach(drawTurn);
  drawEmptiness();
  drawComposer();
}

function drawEmptiness() {
  const empty = conversation.turns.length === 0;
  byId("welcome").hidden = !empty;
  byId("new-conversation").hidden = empty;
}

function drawComposer() {
  byId("ask").hidden = pending !== null;
  byId("stop").hidden = pending === null;
}

export function drawCounter() {
  const length = codePoints(byId("question").value.trim());
  const over = length > MAX_QUESTION_LENGTH;
  const counter = byId("counter");
  const words = text(over ? "counterOver" : "counter", { length, limit: MAX_QUESTION_LENGTH });
  counter.textContent = length < COUNTER_FROM ? "" : words;
  counter.classList.toggle("over", over);
  const field = byId("question");
  if (over && field.getAttribute("aria-invalid") !== "true") announce(text("tooLong", { limit: MAX_QUESTION_LENGTH }));
  field.setAttribute("aria-invalid", String(over));
}

export function drawExamples() {
  const examples = exampleQuestions(currentLanguage());
  const list = byId("examples");
  const drawn = examples.map(({ question }) => question).join("\n");
  if (list.dataset.drawn === drawn) return; // one of them may have the focus
  list.dataset.drawn = drawn;
  byId("examples-title").hidden = examples.length === 0;
  list.replaceChildren(...examples.map(({ question, language }) =>
    element("li", {}, button(question, "example", () => {
      byId("question").value = question;
      byId("composer").requestSubmit();
    }, { lang: language }))));
}
