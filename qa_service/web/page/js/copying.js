// Taking words along: a button that copies, and says what became of it.

import { announce, button } from "./dom.js";
import { text } from "./texts.js";

const SAID_MS = 2000;

/** A button named by the text `key` that copies what `words` gives. */
export function copyButton(key, words, className = "plain") {
  return button(text(key), className, async (pressed) => {
    const message = text((await copied(words())) ? "copied" : "copyFailed");
    pressed.textContent = message;
    announce(message);
    setTimeout(() => { pressed.textContent = text(key); }, SAID_MS);
  });
}

async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copiedTheOldWay(words);
  }
}

// navigator.clipboard is missing over plain http, as on an office network.
function copiedTheOldWay(words) {
  let done = false;
  const fill = (event) => {
    event.clipboardData.setData("text/plain", words);
    event.preventDefault();
    done = true;
  };
  document.addEventListener("copy", fill);
  document.execCommand("copy");
  document.removeEventListener("copy", fill);
  return done;
}
