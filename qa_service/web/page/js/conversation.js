// One conversation: turns of {id, question, reply, failure, opinions}.

import { currentId, keepTurn, newId, setCurrent, shelved, turnsOf } from "./shelf.js";

const HISTORY_TURNS = 3;

export class Conversation {
  /** The conversation of this tab, unless another is named. */
  constructor(id = currentId()) {
    this.id = id;
    this.turns = turnsOf(id);
    setCurrent(id);
  }

  static begun() {
    return new Conversation(newId("c"));
  }

  /** The kept conversation which a question began, if there is one. */
  static begunWith(question) {
    const found = shelved().find(({ id }) => turnsOf(id)[0]?.question === question);
    return found ? new Conversation(found.id) : null;
  }

  add(question) {
    const turn = { id: newId("turn"), question, reply: null, failure: null };
    this.turns.push(turn);
    this.save(turn);
    return turn;
  }

  save(turn) {
    keepTurn(this.id, turn);
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
   * the other citations from that document. The turn named is asked first, then the latest.
   */
  citedAt(place, turnId) {
    const turns = [...this.turns].reverse().sort((a, b) => (b.id === turnId) - (a.id === turnId));
    const replies = turns.map(({ reply }) => reply).filter(Boolean);
    const citations = replies.flatMap(({ answers }) => answers.flatMap((answer) => answer.citations));
    const passages = replies.flatMap((reply) => reply.passages.map((passage) => ({ ...passage, quotation: passage.text })));
    return {
      citation: [...citations, ...passages].find((candidate) => isAt(candidate, place)) ?? null,
      others: citations.filter((other) => other.document_id === place.documentId && !isAt(other, place)),
    };
  }
}

function isAt({ document_id: documentId, start, end }, place) {
  return documentId === place.documentId && start === place.start && end === place.end;
}
