// The client of the HTTP API: asking, the list of documents, one document.

import { readEvents } from "./events.js";

export const MAX_QUESTION_LENGTH = 1000; // code points, the server's own limit

/** What went wrong, as a kind that the texts have a sentence for. */
export class Failure extends Error {
  constructor(kind, { detail = "", retryAfter = null } = {}) {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
    this.retryAfter = retryAfter; // seconds
  }
}

/**
 * The reply to a question. `onPassages` is called when passages were found and are being read.
 * Throws a Failure, or an AbortError after `signal` was aborted.
 */
export async function ask(question, history, { signal, onPassages }) {
  const response = await request("/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ question, history }),
    signal,
  });
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

export async function listDocuments() {
  const { documents } = await json(await request("/documents", { headers: { Accept: "application/json" } }));
  if (!Array.isArray(documents)) throw new Failure("server");
  return documents;
}

export async function readDocument(id, signal) {
  const response = await request(`/documents/${encodeURIComponent(id)}`, {
    headers: { Accept: "application/json" },
    // The same address is also a page; kept in the cache, this JSON could be shown on "back".
    cache: "no-store",
    signal,
  });
  return json(response);
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(navigator.onLine ? "network" : "offline");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw failureOf({ ...problem, status: response.status }, response.headers.get("Retry-After"));
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("broken");
  }
}

function failureOf(problem, retryAfter = null) {
  const details = [problem.detail, ...(Array.isArray(problem.errors) ? problem.errors : []).map(reason)];
  const seconds = Number.parseInt(retryAfter, 10); // the other form, a date, is left unread
  return new Failure(kindOf(problem), {
    detail: [...new Set(details.filter((detail) => typeof detail === "string" && detail))].join(" "),
    retryAfter: Number.isFinite(seconds) ? seconds : null,
  });
}

function kindOf({ status, type }) {
  if (status === 413 || /too-?(long|large)/.test(type ?? "")) return "tooLong";
  if (status === 429 || status === 503) return "busy";
  if (status === 404 || status === 410) return "unknownDocument";
  return status >= 400 && status < 500 ? "invalid" : "server";
}

function reason(error) {
  return typeof error === "string" ? error : error?.detail ?? error?.message ?? error?.msg;
}

/** Whether a value has the lists that drawing a reply relies on; replies kept by an older page may not. */
export function isReply(value) {
  return Array.isArray(value?.answers) && Array.isArray(value.passages)
    && value.answers.every((answer) => typeof answer?.text === "string" && Array.isArray(answer.citations));
}

function checked(reply) {
  if (!isReply(reply)) throw new Failure("server");
  return reply;
}

function contentType(response) {
  return response.headers.get("Content-Type") ?? "";
}
