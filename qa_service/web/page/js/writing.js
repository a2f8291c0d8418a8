// Requests that change the index: what the server offers, its key, a file sent with its progress.

import { byId } from "./dom.js";
import { Failure, failureOf, getJson, json, request, unreached } from "./http.js";
import { recall, remember } from "./storage.js";

const KEY = "qa.key"; // until the tab is closed, and in it alone

let paths = null; // what the server says it serves

/** Whether the server serves a path; asked of its own description, so that nothing has to fail. */
export async function offers(path) {
  paths ??= getJson("/openapi.json").then(({ paths: served }) => new Set(Object.keys(served).map(unnamed)), () => {
    paths = null;
    return new Set();
  });
  return (await paths).has(unnamed(path));
}

/** Where the server gives a document as it was uploaded; null where it does not. */
export async function originalUrl(id, signal) {
  const url = `/documents/${encodeURIComponent(id)}/original`;
  if (!(await offers("/documents/{id}/original"))) return null;
  try {
    const { body } = await request(url, { headers: { Range: "bytes=0-0" }, signal });
    await body?.cancel();
    return url;
  } catch {
    return null;
  }
}

/** A path whose parameters have no names. */
function unnamed(path) {
  return path.replace(/\{[^}]*\}/g, "{}");
}

/** The index as the server tells of it, and whether who has the key of this tab may write. */
export async function readIndex() {
  return json(await request("/index", { headers: { Accept: "application/json", ...keyHeader() }, cache: "no-store" }));
}

/** Asks for the key, before anything is written; throws a Failure when none is typed. */
export async function unlock(wasWrong = false) {
  remember(KEY, await askedKey(wasWrong, new Failure("locked")), "tab");
}

/** The JSON a writing request answers with; asks for the key where one is needed. */
export async function write(url, options) {
  return keyed(async (headers) => json(await request(url, { ...options, headers: { ...options.headers, ...headers } })));
}

/** Sends a form, telling the share that is gone; `fetch` cannot tell. */
export async function upload(url, form, onShare) {
  return keyed((headers) => new Promise((resolve, reject) => {
    const sent = new XMLHttpRequest();
    sent.open("POST", url);
    sent.responseType = "json";
    sent.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(headers)) sent.setRequestHeader(name, value);
    sent.upload.onprogress = ({ loaded, total }) => onShare(loaded / total);
    sent.onerror = () => reject(unreached());
    sent.onload = () => {
      if (sent.status >= 200 && sent.status < 300) resolve(sent.response);
      else reject(failureOf({ ...sent.response, status: sent.status }, sent.getResponseHeader("Retry-After")));
    };
    sent.send(form);
  }));
}

async function keyed(send) {
  for (;;) {
    try {
      return await send(keyHeader());
    } catch (error) {
      if (error.kind !== "locked") throw error;
      remember(KEY, await askedKey(recall(KEY, "tab") !== null, error), "tab");
    }
  }
}

function keyHeader() {
  const key = recall(KEY, "tab");
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** The key a reader types; the refusal itself when none is typed. */
function askedKey(wasWrong, refusal) {
  const dialog = byId("key-dialog");
  byId("key-wrong").hidden = !wasWrong;
  byId("key").value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve, reject) => {
    dialog.addEventListener("close", () => {
      const key = byId("key").value.trim();
      byId("key").value = "";
      if (dialog.returnValue === "use" && key) resolve(key);
      else reject(refusal);
    }, { once: true });
  });
}
