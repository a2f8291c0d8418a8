// The page: what its address shows, and what its lasting buttons do.

import { askLinked, currentConversation, drawConversation, drawCounter, drawExamples, enter, stop, submit } from "./asking.js";
import { Conversation } from "./conversation.js";
import { allDocuments, loadDocuments, whenListed } from "./documents.js";
import { announce, byId } from "./dom.js";
import { parsePlace, parseQuestion } from "./places.js";
import { closeSource, drawSource, isSourceOpen, openSource } from "./source.js";
import { applyTexts, currentLanguage, languageName, otherLanguage, text, useLanguage } from "./texts.js";

const LIBRARY = "/#library";

// The modules of what not every visit needs, fetched when it is first shown
let library = null;
let drawer = null;

// Conversations

function enterConversation(id) {
  if (location.pathname !== "/" || location.hash) go("/");
  if (id === currentConversation().id && currentConversation().turns.length > 0) return; // perhaps being answered
  enter(id === null ? Conversation.begun() : new Conversation(id));
  if (id !== null) return;
  announce(text("conversationBegun"));
  if (!byId("drawer").open) byId("question").focus();
}

async function openDrawer() {
  drawer ??= await import("./drawer.js");
  drawer.openDrawer(currentConversation().id, enterConversation);
}

// The address of the page names what is shown, so that it can be shared and "back" leaves it.

function followAddress() {
  const place = parsePlace(location.href);
  const question = parseQuestion(location.href);
  if (place) return showPlace(place);
  closeSource();
  if (question) {
    history.replaceState(null, "", "/"); // reloading must not ask again
    showView(false);
    return askLinked(question);
  }
  return showView(location.hash === "#library");
}

function go(url) {
  history.pushState(null, "", url);
  followAddress();
}

function showsLibrary() {
  return !byId("library").hidden;
}

async function showView(isLibrary) {
  if (isLibrary && showsLibrary()) return;
  byId("library").hidden = !isLibrary;
  byId("asking").hidden = isLibrary;
  const link = byId("open-library");
  if (isLibrary) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  if (isLibrary) {
    library ??= await import("./library.js");
    library.openLibrary();
  }
}

function showPlace(place, { turnId, openerId } = {}) {
  openSource({ place, openerId, ...currentConversation().citedAt(place, turnId) });
}

function leaveSource() {
  closeSource();
  if (history.state?.openedHere) history.back();
  else history.replaceState(null, "", showsLibrary() ? LIBRARY : "/");
}

function followLink(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.matches(".skip-link")) {
    event.preventDefault(); // as a jump it would overwrite the place in the address
    if (showsLibrary()) byId("library-title").focus();
    else byId("question").focus();
    return;
  }
  const url = new URL(link.href);
  if (url.origin === location.origin && url.pathname === "/") {
    event.preventDefault();
    go(`/${url.hash}`);
    return;
  }
  const place = parsePlace(link.href);
  if (!place) return;
  event.preventDefault();
  if (isSourceOpen()) history.replaceState(history.state, "", link.href);
  else history.pushState({ openedHere: true }, "", link.href);
  showPlace(place, { turnId: link.closest(".turn")?.id, openerId: link.id });
}

// Language

function drawLanguage() {
  applyTexts();
  const toggle = byId("language-switch");
  toggle.textContent = languageName(otherLanguage());
  toggle.lang = otherLanguage();
  toggle.dataset.language = currentLanguage();
  drawListed();
  drawConversation();
  drawCounter();
  drawSource();
}

function drawListed() {
  drawExamples();
  const documents = allDocuments();
  byId("welcome-count").hidden = documents === null;
  if (documents) {
    byId("welcome-count-link").textContent = documents.length > 0
      ? text("documentsCount", { count: documents.length }) : text("documentsNone");
  }
  library?.drawLibrary();
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
byId("stop").addEventListener("click", stop);
byId("new-conversation").addEventListener("click", () => enterConversation(null));
byId("open-drawer").addEventListener("click", openDrawer);
byId("language-switch").addEventListener("click", () => {
  useLanguage(otherLanguage());
  drawLanguage();
});
byId("source-close").addEventListener("click", leaveSource);
document.addEventListener("click", followLink);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (isSourceOpen() && !document.querySelector("dialog[open]")) leaveSource();
});
window.addEventListener("popstate", followAddress);

history.scrollRestoration = "manual"; // closing a source goes "back", but not to where the reader was then
whenListed(drawListed);
drawLanguage();
loadDocuments();
followAddress();
if (location.pathname === "/") byId(currentConversation().turns.at(-1)?.id)?.scrollIntoView({ block: "start" });
