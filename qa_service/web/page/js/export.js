// A conversation as a file: Markdown to read, JSON for programs; both with every citation.

import { absoluteUrl, markdownCitation } from "./citing.js";
import { isAnswered } from "./ask.js";
import { confidence, text } from "./texts.js";

export function toMarkdown(title, turns) {
  return `${[`# ${line(title)}`, ...turns.map(markdownTurn)].join("\n\n")}\n`;
}

function markdownTurn({ question, reply }) {
  const parts = [`## ${line(question)}`];
  if (!reply) parts.push(`*${text("interrupted")}*`);
  else if (!isAnswered(reply)) parts.push(`*${text("notAnswered")}*`);
  else parts.push(...reply.answers.map(markdownAnswer));
  return parts.join("\n\n");
}

function markdownAnswer(answer) {
  return [`**${line(answer.text)}** (${confidence(answer.confidence)})`, ...answer.citations.map(markdownCitation)]
    .join("\n\n");
}

/** The replies as the server gave them, without the passages that were not cited. */
export function toJson(title, turns) {
  const kept = turns.map(({ question, reply }) => ({
    question,
    understood_as: reply?.understood_as ?? null,
    answered: reply ? isAnswered(reply) : null,
    answers: (reply?.answers ?? []).map((answer) => ({
      ...answer, citations: answer.citations.map((citation) => ({ ...citation, url: absoluteUrl(citation) })),
    })),
    snapshot: reply?.snapshot ?? null,
  }));
  return `${JSON.stringify({ title, exported: new Date().toISOString(), turns: kept }, null, 2)}\n`;
}

export function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000); // the browser has begun to read by then
}

function line(words) {
  return words.replace(/\s+/g, " ").trim();
}
