// Building blocks of the page. Everything from the server or a document goes
// through `element`, which makes text nodes only: markup in it stays visible text.

export function byId(id) {
  return document.getElementById(id);
}

/** An element with attributes and children; strings become text, empty values are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child instanceof Node || (typeof child === "string" && child)));
  return made;
}

export function button(label, className, onClick, attributes = {}) {
  const made = element("button", { type: "button", class: className, ...attributes }, label);
  made.addEventListener("click", () => onClick(made));
  return made;
}

/** Says something to people who listen to the page instead of looking at it. */
export function announce(message) {
  // Beside an open dialog nothing is heard, so each has a place of its own.
  (document.querySelector("dialog[open] .announced") ?? byId("status")).textContent = message;
}

/** Draws anew without losing the focus: it goes to what has the same id then, or else to `fallback`. */
export function keepingFocus(draw, fallback) {
  const focused = document.activeElement;
  draw();
  if (focused.isConnected && !focused.closest("[hidden]") && !focused.disabled) return;
  const successor = focused.id && byId(focused.id);
  const found = successor && !successor.closest("[hidden]") && !successor.disabled ? successor : fallback();
  found?.focus({ preventScroll: true });
}

/** Elements joined by a middle dot, as in "Section · p. 3 · in Latvian". */
export function joined(parts) {
  return parts
    .filter(Boolean)
    .flatMap((part, index) => (index === 0 ? [part] : [" · ", part]));
}

const ICONS = {
  thumb: "M7 10v11H3V10zm0 0 4-8c1.7 0 3 1.3 3 3v4h5.2a2 2 0 0 1 2 2.4l-1.6 7.7a2.4 2.4 0 0 1-2.4 1.9H7",
};

/** A drawing that says nothing by itself: what holds it needs words. */
export function icon(name, className = "") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon ${className}` })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
