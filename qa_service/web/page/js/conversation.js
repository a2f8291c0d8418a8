// The conversation: turns of {id, question, reply, failure}, kept in this browser only.

import { isReply } from "./ask.js";
import { recall, remember, forget } from "./storage.js";

const KEY = "qa.conversation.1";
const MAX_TURNS = 50; // about 10 kB each; browsers give a site some 5 MB
const HISTORY_TURNS = 3;

export class Conversation {
  constructor() {
    this.turns = stored();
  }

  add(question) {
    // Not crypto.randomUUID: it is missing where the page is served over plain http.
    const id = `turn-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
    const turn = { id, question, reply: null, failure: null };
    this.turns.push(turn);
    this.save(turn);
    return turn;
  }

  /** Writes one turn into what is stored, so that two tabs do not wipe out each other's turns. */
  save(turn) {
    const turns = stored();
    const index = turns.findIndex(({ id }) => id === turn.id);
    if (index < 0) turns.push(turn);
    else turns[index] = turn;
    const kept = turns.slice(-MAX_TURNS);
    while (kept.length > 0 && !remember(KEY, kept)) kept.shift(); // full: the oldest turns go
  }

  clear() {
    this.turns = [];
    forget(KEY);
  }

  find(id) {
    return this.turns.find((turn) => turn.id === id);
  }

  /** What the server is told of the conversation before a turn. */
  historyBefore(turn) {
    return this.turns
      .slice(0, this.turns.indexOf(turn))
      .filter(({ reply }) => reply)
      .slice(-HISTORY_TURNS)
      .map(({ question, reply }) => ({ question, answer: reply.answers[0]?.text ?? "" }));
  }

  /**
   * What the conversation knows of a place: its citation (or passage, given the shape of one) and
   * the other citations which the same reply takes from that document. The turn named is asked first.
   */
  citedAt(place, turnId) {
    const turns = [...this.turns].reverse().sort((a, b) => (b.id === turnId) - (a.id === turnId));
    for (const { reply } of turns) {
      if (!reply) continue;
      const citations = reply.answers
        .flatMap((answer) => answer.citations)
        .filter((citation) => citation.document_id === place.documentId);
      const passages = reply.passages.map((passage) => ({ ...passage, quotation: passage.text }));
      const citation = [...citations, ...passages].find((candidate) => isAt(candidate, place));
      if (citation) return { citation, others: citations.filter((other) => !isAt(other, place)) };
    }
    return { citation: null, others: [] };
  }
}

function isAt({ document_id: documentId, start, end }, place) {
  return documentId === place.documentId && start === place.start && end === place.end;
}

function stored() {
  const turns = recall(KEY);
  if (!Array.isArray(turns)) return [];
  return turns.filter((turn) => typeof turn?.id === "string" && typeof turn.question === "string"
    && (turn.reply === null || isReply(turn.reply)));
}
