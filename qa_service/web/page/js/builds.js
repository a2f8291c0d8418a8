// The index behind the library, as far as the server offers it: its state, builds, Snapshots, uploads.

import { loadDocuments } from "./documents.js";
import { announce, button, byId, element, joined, keepingFocus } from "./dom.js";
import { failureText, renderFailure } from "./failure.js";
import { getJson } from "./http.js";
import { has, number, text, time } from "./texts.js";
import { offers, readIndex, unlock, upload, write } from "./writing.js";

const POLL_MS = 1000;
const SHOWN_BUILDS = 5;

let index = null; // as GET /index gave it; null where the server offers none
let failure = null; // of what was tried last
let sending = null; // the share of a file that is on its way, 0 to 1
let following = null; // the id of the build that is asked about
let onLoad = () => {};

export function isWritable() {
  return index?.writable === true;
}

/** `loaded` is called each time it is known anew what there is, and whether it can be written to. */
export async function loadIndex(loaded = onLoad) {
  onLoad = loaded;
  try {
    index = (await offers("/index")) ? await readIndex() : null;
  } catch (error) {
    index = null;
    if (error.kind !== "unknownDocument") failed(error);
  }
  onLoad();
  const running = index?.builds?.find(isUnderWay);
  if (running) follow(running);
}

/** Who has a key may write once the server knows it. */
async function useKey() {
  failure = null;
  try {
    for (let wasWrong = false; !isWritable(); wasWrong = true) {
      await unlock(wasWrong);
      await loadIndex();
    }
  } catch (error) {
    failed(error);
    drawIndex();
  }
}

export function removeDocument(id, title) {
  if (!confirm(text("deleteSure", { title }))) return;
  start(() => write(`/documents/${encodeURIComponent(id)}`, { method: "DELETE" }));
}

/** Sends a request that answers with a build, and follows that build. */
async function start(send) {
  failure = null;
  try {
    follow(await send());
    loadDocuments(); // what was deleted is gone before the build has ended
  } catch (error) {
    if (error.name !== "AbortError") failed(error);
  }
  sending = null;
  drawIndex();
}

function failed(error) {
  const kinds = { invalid: "refused", tooLong: "fileTooLarge" }; // what the texts of a question do not fit
  failure = { kind: kinds[error.kind] ?? error.kind ?? "server", detail: error.detail, retryAfter: error.retryAfter };
  announce(failureText(failure));
}

async function follow(build) {
  if (following === build.id) return;
  following = build.id;
  let now = build;
  try {
    for (;;) {
      if (index) index.builds = [now, ...(index.builds ?? []).filter(({ id }) => id !== now.id)];
      drawIndex();
      if (!isUnderWay(now)) break;
      await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
      now = await getJson(`/index/builds/${encodeURIComponent(build.id)}`);
    }
    announce(joined([text(`build_${now.state}`), now.message]).join(""));
  } catch (error) {
    failed(error);
  }
  following = null;
  await Promise.all([loadDocuments(), loadIndex()]);
}

function isUnderWay({ state }) {
  return state === "waiting" || state === "running";
}

// Drawing

export function drawIndex() {
  keepingFocus(draw, () => byId("index-title"));
}

function draw() {
  const root = byId("library-index");
  root.hidden = index === null && failure === null;
  const open = root.querySelector("details[open]") !== null;
  byId("index-notes").replaceChildren(...(failure ? [renderFailure(failure)] : []));
  byId("index-state").replaceChildren(...(index ? state(open) : []));
  byId("upload").hidden = !isWritable();
  byId("upload-progress").hidden = sending === null;
  if (sending !== null) byId("upload-progress").value = sending;
  byId("upload").onsubmit = (event) => {
    event.preventDefault();
    sendFiles(event.target);
  };
  byId("upload-file").onchange = ({ target }) => oneTitle(target.files.length);
}

/** A title is that of one file. */
function oneTitle(files) {
  byId("upload-title").disabled = files > 1;
}

/** Sends one file after another; where one is refused, those before it have arrived. */
function sendFiles(form) {
  const said = new FormData(form);
  const files = said.getAll("file");
  sending = 0;
  drawIndex();
  start(async () => {
    let build;
    for (const [place, file] of files.entries()) {
      const fields = new FormData();
      fields.set("file", file);
      for (const name of ["title", "language"]) if (said.get(name)?.trim()) fields.set(name, said.get(name));
      build = await upload("/documents", fields, (share) => {
        sending = (place + share) / files.length;
        byId("upload-progress").value = sending;
      });
      if (place < files.length - 1) follow(build); // though the next one be refused
    }
    form.reset();
    oneTitle(1);
    announce(text("uploaded", { count: files.length }));
    return build;
  });
}

function state(open) {
  const { snapshots = [], builds = [] } = index;
  return [
    element("p", {}, index.snapshot
      ? text("indexState", { documents: number(index.documents), passages: number(index.passages), created: time(index.created) })
      : text("documentsEmpty")),
    index.encoder && element("p", { class: "note" }, text("encoder", { name: index.encoder })),
    index.report && element("p", {},
      element("a", { id: "open-report", href: "/report", target: "_blank", rel: "noopener" }, text("evaluation"))),
    builds.length > 0 && element("div", {},
      element("h4", {}, text("builds")),
      element("ul", { class: "builds" }, builds.slice(0, SHOWN_BUILDS).map(buildItem))),
    !isWritable() && element("p", { class: "buttons" }, button(text("unlock"), "quiet", useKey, { id: "unlock" })),
    isWritable() && element("p", { class: "buttons" },
      button(text("rebuild"), "quiet", () => start(() => write("/index/builds", { method: "POST" })), {
        id: "rebuild", disabled: builds.some(isUnderWay),
      })),
    snapshots.length > 1 && element("details", { open },
      element("summary", {}, text("snapshots", { count: snapshots.length })),
      element("ul", { class: "snapshots" }, snapshots.map(snapshotItem))),
  ].filter(Boolean);
}

function buildItem({ id, state: name, stage, done, total, message, report, started, ended }) {
  const progress = isUnderWay({ state: name }) && element("progress", {
    max: total || null, value: total ? done : null, "aria-label": text("build_running"),
  });
  return element("li", { class: "build", "data-state": name, id: `build-${id}` },
    element("p", {}, element("strong", {}, text(`build_${name}`)), " ",
      element("span", { class: "note" }, joined([isUnderWay({ state: name }) && stageWords(stage, done, total), time(ended ?? started)]))),
    progress,
    message && element("p", { class: "note", lang: "en", dir: "auto" }, message),
    report?.length > 0 && element("details", {}, element("summary", {}, text("buildReport", { count: report.length })),
      element("ul", {}, report.map((entry) => element("li", { class: "note", lang: "en", dir: "auto" },
        typeof entry === "string" ? entry : JSON.stringify(entry))))));
}

function stageWords(stage, done, total) {
  const key = `stage_${stage}`;
  if (!stage || !has(key)) return stage ?? "";
  return total ? text(key, { done: number(done), count: total }) : "";
}

function snapshotItem({ id, created, documents, passages, current }) {
  return element("li", { class: "snapshot", "aria-current": current ? "true" : null },
    element("span", {}, text("indexState", { documents: number(documents), passages: number(passages), created: time(created) })), " ",
    current ? element("strong", {}, text("served")) : isWritable() && button(text("rollback"), "quiet small", () => rollback(id), {
      id: `rollback-${id}`,
      "aria-label": `${text("rollback")}: ${time(created)}`,
    }));
}

async function rollback(id) {
  failure = null;
  try {
    await write("/index/rollback", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ snapshot: id }) });
    announce(text("rolledBack"));
  } catch (error) {
    if (error.name !== "AbortError") failed(error);
  }
  await Promise.all([loadDocuments(), loadIndex()]);
}

