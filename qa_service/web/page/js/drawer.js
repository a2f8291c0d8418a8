// The drawer of conversations: open one, begin, rename, delete, take one along as a file.

import { announce, button, byId, element } from "./dom.js";
import { download, toJson, toMarkdown } from "./export.js";
import { putBack, rename, shelved, take, turnsOf } from "./shelf.js";
import { date, text } from "./texts.js";

const MAX_TITLE = 120; // characters

let onOpen = null; // called with the id of a conversation to show, or null for a new one
let currentId = null;
let taken = null; // the conversation deleted last, until the drawer closes

export function openDrawer(id, open) {
  currentId = id;
  onOpen = open;
  taken = null;
  drawDrawer();
  byId("drawer").showModal();
}

function drawDrawer() {
  const entries = shelved();
  byId("drawer-list").replaceChildren(...entries.map(item));
  byId("drawer-empty").hidden = entries.length > 0;
  byId("drawer-undo").replaceChildren(...(taken ? [
    element("p", {}, text("conversationDeleted", { title: titleOf(taken.entry, taken.turns) }), " ",
      button(text("undo"), "quiet small", undo, { id: "undo-delete" }))] : []));
}

/** The title a reader gave, or else the first question. */
function titleOf({ title }, turns) {
  return title || turns[0]?.question || text("untitled");
}

function item(entry) {
  const turns = turnsOf(entry.id);
  const title = titleOf(entry, turns);
  const li = element("li", { class: "shelved", "aria-current": entry.id === currentId ? "true" : null });
  const open = button(title, "shelved-title", () => {
    byId("drawer").close();
    onOpen(entry.id);
  }, { dir: "auto", id: `open-${entry.id}` });
  const name = (key) => ({ "aria-label": `${text(key)}: ${title}` });
  li.append(open,
    element("p", { class: "note" }, date(entry.asked), " · ", text("questionsCount", { count: turns.length })),
    element("p", { class: "actions" },
      button(text("rename"), "plain", () => edit(li, entry, title), { id: `rename-${entry.id}`, ...name("rename") }),
      button(text("exportMarkdown"), "plain", () => save(title, "md", "text/markdown", toMarkdown(title, turns)), name("exportMarkdown")),
      button(text("exportJson"), "plain", () => save(title, "json", "application/json", toJson(title, turns)), name("exportJson")),
      button(text("delete"), "plain", () => remove(entry), name("delete"))));
  return li;
}

function edit(li, entry, title) {
  const field = element("input", { class: "field", maxlength: MAX_TITLE, "aria-label": text("newName"), dir: "auto" });
  field.value = title;
  const leave = () => {
    drawDrawer();
    byId(`rename-${entry.id}`).focus();
  };
  const form = element("form", { class: "rename" }, field,
    element("button", { class: "primary small" }, text("save")), button(text("cancel"), "quiet small", leave));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rename(entry.id, field.value.trim());
    announce(text("renamed"));
    leave();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // the drawer stays open
    leave();
  });
  li.replaceChildren(form);
  field.select();
}

function remove({ id }) {
  taken = take(id);
  drawDrawer();
  byId("undo-delete").focus();
  announce(text("conversationDeleted", { title: titleOf(taken.entry, taken.turns) }));
  if (id === currentId) onOpen(null);
}

function undo() {
  const { entry } = taken;
  putBack(taken);
  taken = null;
  drawDrawer();
  byId(`open-${entry.id}`).focus();
  if (entry.id === currentId) onOpen(entry.id);
}

function save(title, ending, type, content) {
  const name = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);
  download(`${name || "conversation"}.${ending}`, type, content);
  announce(text("exported"));
}

// Wiring

const dialog = byId("drawer");
byId("drawer-close").addEventListener("click", () => dialog.close());
byId("drawer-new").addEventListener("click", () => {
  dialog.close();
  onOpen(null);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside it
});
// Another tab shelved a conversation, or took one off.
window.addEventListener("storage", () => dialog.open && drawDrawer());
