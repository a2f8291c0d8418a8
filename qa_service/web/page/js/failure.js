// What went wrong, said as a person would, with what the server said below it.

import { MAX_QUESTION_LENGTH } from "./ask.js";
import { element } from "./dom.js";
import { text } from "./texts.js";

export function failureText({ kind, retryAfter }) {
  const sentence = text(kind, { limit: MAX_QUESTION_LENGTH });
  return retryAfter ? `${sentence} ${text("retryAfter", { seconds: retryAfter })}` : sentence;
}

/** The failure with its buttons. A stop or a closed page is the reader's own doing, so it looks calmer. */
export function renderFailure(failure, ...buttons) {
  const ownDoing = failure.kind === "stopped" || failure.kind === "interrupted";
  return element("div", { class: ownDoing ? "failure calm" : "failure", "data-kind": failure.kind },
    element("p", {}, failureText(failure)),
    failure.detail && element("p", { class: "failure-detail" },
      text("serverSays"), element("span", { lang: "en", dir: "auto" }, failure.detail)),
    buttons);
}
