// Requests to this page's own server, and what can go wrong with them.

/** What went wrong, as a kind that the texts have a sentence for. */
export class Failure extends Error {
  constructor(kind, { detail = "", retryAfter = null } = {}) {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
    this.retryAfter = retryAfter; // seconds
  }
}

/** The response, where it is a good one. Throws a Failure, or an AbortError after an abort. */
export async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreached();
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw failureOf({ ...problem, status: response.status }, response.headers.get("Retry-After"));
}

export async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("broken");
  }
}

/** The answer to a GET, never one from before: the same address may also be a page. */
export async function getJson(url, signal) {
  return json(await request(url, { headers: { Accept: "application/json" }, cache: "no-store", signal }));
}

export async function postJson(url, body, { headers, ...options } = {}) {
  return request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...options,
  });
}

export function unreached() {
  return new Failure(navigator.onLine ? "network" : "offline");
}

/** The Failure that a problem (RFC 9457) amounts to. */
export function failureOf(problem, retryAfter = null) {
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
  if (status === 401) return "locked";
  if (status === 404 || status === 410) return "unknownDocument";
  return status >= 400 && status < 500 ? "invalid" : "server";
}

function reason(error) {
  return typeof error === "string" ? error : error?.detail ?? error?.message ?? error?.msg;
}
