// The page: asking, showing the conversation, opening sources, changing the language.

import { renderTurn, spoken } from "./answer.js";
import { ask, Failure, MAX_QUESTION_LENGTH } from "./ask.js";
import { Conversation } from "./conversation.js";
import { announce, button, byId, element } from "./dom.js";
import { drawDocuments, knowDocuments, loadDocuments } from "./documents.js";
import { codePoints, parsePlace } from "./places.js";
import { closeSource, drawSource, isSourceOpen, openSource } from "./source.js";
import { applyTexts, currentLanguage, examples, languageName, otherLanguage, text, useLanguage } from "./texts.js";

const COUNTER_FROM = 800; // code points; the counter would only distract before

const conversation = new Conversation();
let pending = null; // {turn, stage, controller} while a question is being answered

// Asking

function submit() {
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

async function answer(turn) {
  if (pending) return;
  const controller = new AbortController();
  pending = { turn, stage: "searching", controller };
  turn.failure = null;
  enterStage("searching");
  byId(turn.id).scrollIntoView({ block: "nearest" });
  try {
    turn.reply = await ask(turn.question, conversation.historyBefore(turn), {
      signal: controller.signal,
      onPassages: () => enterStage("reading"),
    });
  } catch (error) {
    turn.failure = failureOf(error);
  }
  pending = null;
  if (!conversation.find(turn.id)) return drawComposer(); // a new conversation was begun meanwhile
  conversation.save(turn);
  keepingFocus(() => {
    drawTurn(turn);
    drawComposer();
  });
  byId(turn.id).scrollIntoView({ block: "start" });
  announce(spoken(turn));
  if (turn.reply) await knowDocuments(turn.reply.passages.map((passage) => passage.document_id));
}

function enterStage(stage) {
  pending.stage = stage;
  keepingFocus(() => {
    drawTurn(pending.turn);
    drawComposer();
  });
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

function edit(turn) {
  const field = byId("question");
  field.value = turn.question;
  drawCounter();
  field.focus();
}

function startNewConversation() {
  pending?.controller.abort();
  conversation.clear();
  if (isSourceOpen()) leaveSource();
  drawConversation();
  announce(text("conversationCleared"));
  byId("question").focus();
}

// Drawing

function drawTurn(turn) {
  const stage = pending?.turn === turn ? pending.stage : null;
  const drawn = renderTurn(turn, { stage, onRetry: answer, onEdit: edit });
  const before = byId(turn.id);
  if (before) before.replaceWith(drawn);
  else byId("turns").append(drawn);
  drawEmptiness();
}

function drawConversation() {
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

/** A focused button that gives way (ask, stop, retry, an example) hands its focus on. */
function keepingFocus(draw) {
  const focused = document.activeElement;
  draw();
  const lost = !focused.isConnected || focused.closest("[hidden]");
  if (lost) byId(pending ? "stop" : "ask").focus({ preventScroll: true });
}

function drawCounter() {
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

function drawExamples() {
  byId("examples").replaceChildren(...examples().map(({ question, language }) =>
    element("li", {}, button(question, "example", () => {
      byId("question").value = question;
      byId("composer").requestSubmit();
    }, { lang: language }))));
}

function drawLanguage() {
  applyTexts();
  const toggle = byId("language-switch");
  toggle.textContent = languageName(otherLanguage());
  toggle.lang = otherLanguage();
  toggle.dataset.language = currentLanguage();
  drawExamples();
  drawDocuments();
  drawConversation();
  drawCounter();
  drawSource();
}

// Sources. The address of the page names the open source, so that it can be shared and "back" closes it.

function showPlace(place, { turnId, openerId } = {}) {
  openSource({ place, openerId, ...conversation.citedAt(place, turnId) });
}

function followLink(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.matches(".skip-link")) {
    event.preventDefault(); // as a jump it would overwrite the place in the address
    byId("question").focus();
    return;
  }
  const place = parsePlace(link.href);
  if (!place) return;
  event.preventDefault();
  if (isSourceOpen()) history.replaceState(history.state, "", link.href);
  else history.pushState({ openedHere: true }, "", link.href);
  showPlace(place, { turnId: link.closest(".turn")?.id, openerId: link.id });
}

function leaveSource() {
  closeSource();
  if (history.state?.openedHere) history.back();
  else history.replaceState(null, "", "/");
}

function followAddress() {
  const place = parsePlace(location.href);
  if (place) showPlace(place);
  else closeSource();
}

// Wiring

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("question").addEventListener("input", drawCounter);
byId("question").addEventListener("keydown", (event) => {
  // During composition Enter accepts what an input method proposes.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});
byId("stop").addEventListener("click", () => pending?.controller.abort());
byId("new-conversation").addEventListener("click", startNewConversation);
byId("language-switch").addEventListener("click", () => {
  useLanguage(otherLanguage());
  drawLanguage();
});
byId("source-close").addEventListener("click", leaveSource);
document.addEventListener("click", followLink);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && isSourceOpen()) leaveSource();
});
window.addEventListener("popstate", followAddress);

history.scrollRestoration = "manual"; // closing a source goes "back", but not to where the reader was then
drawLanguage();
loadDocuments();
if (parsePlace(location.href)) followAddress();
else byId(conversation.turns.at(-1)?.id)?.scrollIntoView({ block: "start" });
