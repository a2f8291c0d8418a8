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
  made.append(...children.flat().filter((child) => child instanceof Node || (typeof child === "string" && child)));
  return made;
}

export function button(label, className, onClick, attributes = {}) {
  const made = element("button", { type: "button", class: className, ...attributes }, label);
  made.addEventListener("click", () => onClick(made));
  return made;
}

/** Says something to people who listen to the page instead of looking at it. */
export function announce(message) {
  byId("status").textContent = message;
}

/** Elements joined by a middle dot, as in "Section · p. 3 · in Latvian". */
export function joined(parts) {
  return parts
    .filter(Boolean)
    .flatMap((part, index) => (index === 0 ? [part] : [" · ", part]));
}
