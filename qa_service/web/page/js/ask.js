// Asking: a question goes to the server, its reply comes as a stream of events.

import { readEvents } from "./events.js";
import { Failure, failureOf, json, postJson } from "./http.js";

export const MAX_QUESTION_LENGTH = 1000; // code points, the server's own limit

/**
 * The reply to a question. `onPassages` is called when passages were found and are being read.
 * Throws a Failure, or an AbortError after `signal` was aborted.
 */
export async function ask(question, history, { signal, onPassages }) {
  const headers = { Accept: "text/event-stream" };
  const response = await postJson("/ask", { question, history }, { headers, signal });
  if (!contentType(response).startsWith("text/event-stream")) return checked(await json(response));

  let reply = null;
  try {
    for await (const { event, data } of readEvents(response.body)) {
      if (event === "passages") onPassages(JSON.parse(data));
      else if (event === "answer") reply = checked(JSON.parse(data));
      else if (event === "error") throw failureOf(JSON.parse(data));
      else if (event === "done") break;
    }
  } catch (error) {
    if (error instanceof Failure || error.name === "AbortError") throw error;
    if (reply === null) throw new Failure("broken");
  }
  if (reply === null) throw new Failure("broken");
  return reply;
}

/** Whether a value has the lists that drawing a reply relies on; replies kept by an older page may not. */
export function isReply(value) {
  return Array.isArray(value?.answers) && Array.isArray(value.passages)
    && value.answers.every((answer) => typeof answer?.text === "string" && Array.isArray(answer.citations));
}

export function isAnswered({ answered, answers }) {
  return answered && answers.length > 0;
}

function checked(reply) {
  if (!isReply(reply)) throw new Failure("server");
  return reply;
}

function contentType(response) {
  return response.headers.get("Content-Type") ?? "";
}
