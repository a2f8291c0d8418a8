// The words of the page in the reader's language; English where nothing else is known.

import en from "./texts/en.js";
import lv from "./texts/lv.js";
import { recall, remember } from "./storage.js";

const TEXTS = { en, lv };
const KEY = "qa.language";

let language = preferred();

export function currentLanguage() {
  return language;
}

/** With two languages, the one a switch leads to. */
export function otherLanguage() {
  return Object.keys(TEXTS).find((code) => code !== language);
}

export function useLanguage(code) {
  language = code;
  remember(KEY, code);
}

/** A text with its {placeholders} filled; one that has plural forms is chosen by `count`. */
export function text(key, values = {}) {
  const entry = TEXTS[language][key];
  const template = typeof entry === "string" ? entry : pluralForm(entry, values.count);
  return template.replace(/\{(\w+)\}/g, (_, name) => (name === "count" ? number(values.count) : values[name]));
}

/** Whether there is a text of that name: what the server calls things may be new. */
export function has(key) {
  return Object.hasOwn(TEXTS[language], key);
}

function pluralForm(forms, count) {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
}

/** The name of a language switch: the other language by its own name, for those who read only that one. */
export function languageName(code) {
  return TEXTS[code].languageName;
}

/** "in Latvian", for a code such as "lv"; the code itself when the browser knows no name for it. */
export function inLanguage(code) {
  if (!code) return "";
  try {
    const name = new Intl.DisplayNames([language], { type: "language", fallback: "none" }).of(code);
    return name ? text("inLanguage", { language: name }) : code;
  } catch {
    return code;
  }
}

/** The same as the beginning of a line. */
export function languageTitle(code) {
  const words = inLanguage(code);
  return words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
}

/** A day, as people of the language write it; "" for what is none. */
export function date(value) {
  return written(value, { dateStyle: "medium" });
}

export function time(value) {
  return written(value, { dateStyle: "medium", timeStyle: "short" });
}

function written(value, form) {
  const at = new Date(value ?? NaN); // a null would be 1970
  return Number.isNaN(at.getTime()) ? "" : new Intl.DateTimeFormat(language, form).format(at);
}

export function number(value) {
  return new Intl.NumberFormat(language).format(value);
}

/** A calibrated probability in words and as a number; it is never shown as certainty. */
export function confidence(probability) {
  const word = probability >= 0.8 ? "confidenceHigh" : probability >= 0.5 ? "confidenceMedium" : "confidenceLow";
  const percent = new Intl.NumberFormat(language, { style: "percent" }).format(Math.min(probability, 0.99));
  return text("confidence", { word: text(word), percent });
}

/** Puts the texts into the elements that name them: data-text, data-label, data-placeholder. */
export function applyTexts(root = document) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = text(node.dataset.placeholder);
}

function preferred() {
  const wanted = [recall(KEY), ...(navigator.languages ?? [navigator.language])];
  return wanted.map((tag) => String(tag).slice(0, 2).toLowerCase()).find((code) => Object.hasOwn(TEXTS, code)) ?? "en";
}
