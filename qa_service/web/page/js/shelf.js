// The conversations kept in this browser: a list of {id, title, asked}, and the turns of each.

import { isReply } from "./ask.js";
import { forget, recall, remember } from "./storage.js";

const LIST = "qa.conversations.1";
const CURRENT = "qa.current"; // each tab goes on with its own conversation
const SINGLE = "qa.conversation.1"; // the turns, from when there was one conversation only
const MAX_CONVERSATIONS = 100;
const MAX_TURNS = 50; // about 10 kB each; browsers give a site some 5 MB

/** The entries, the one asked in last first; `title` is null until a reader gives one. */
export function shelved() {
  const list = recall(LIST);
  if (!Array.isArray(list)) return [];
  return list
    .filter((entry) => typeof entry?.id === "string" && Number.isFinite(entry.asked))
    .sort((one, other) => other.asked - one.asked);
}

export function turnsOf(id) {
  const turns = recall(turnsKey(id));
  if (!Array.isArray(turns)) return [];
  return turns.filter((turn) => typeof turn?.id === "string" && typeof turn.question === "string"
    && (turn.reply === null || isReply(turn.reply)));
}

/**
 * Writes one turn into what is stored, so that two tabs do not wipe out each other's turns. When
 * the browser has no more room, other conversations go, the oldest first, then the oldest turns.
 */
export function keepTurn(id, turn) {
  const turns = turnsOf(id);
  const index = turns.findIndex((other) => other.id === turn.id);
  if (index < 0) turns.push(turn);
  else turns[index] = turn;
  const kept = turns.slice(-MAX_TURNS);
  const others = shelved().filter((entry) => entry.id !== id);
  const entry = shelved().find((known) => known.id === id) ?? { id, title: null };
  if (index < 0 || !entry.asked) entry.asked = Date.now();
  while (others.length >= MAX_CONVERSATIONS) forget(turnsKey(others.pop().id));
  while (!remember(turnsKey(id), kept) || !remember(LIST, [entry, ...others])) {
    if (others.length > 0) forget(turnsKey(others.pop().id));
    else if (kept.shift() === undefined) return;
  }
}

export function rename(id, title) {
  remember(LIST, shelved().map((entry) => (entry.id === id ? { ...entry, title: title || null } : entry)));
}

/** Takes a conversation off the shelf; what is returned can be put back. */
export function take(id) {
  const taken = { entry: shelved().find((entry) => entry.id === id), turns: turnsOf(id) };
  remember(LIST, shelved().filter((entry) => entry.id !== id));
  forget(turnsKey(id));
  return taken;
}

export function putBack({ entry, turns }) {
  if (remember(turnsKey(entry.id), turns)) remember(LIST, [...shelved(), entry]);
}

/** The conversation this tab is in, which may have no turns yet. */
export function currentId() {
  adopt();
  return recall(CURRENT, "tab") ?? shelved()[0]?.id ?? newId("c");
}

export function setCurrent(id) {
  remember(CURRENT, id, "tab");
}

/** Not crypto.randomUUID: it is missing where the page is served over plain http. */
export function newId(kind) {
  return `${kind}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** Shelves the conversation of an older page. */
function adopt() {
  const turns = recall(SINGLE);
  forget(SINGLE);
  if (!Array.isArray(turns) || turns.length === 0) return;
  putBack({ entry: { id: newId("c"), title: null, asked: Date.now() }, turns });
}

function turnsKey(id) {
  return `qa.turns.${id}`;
}
