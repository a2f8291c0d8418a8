// Places: addresses like /documents/adr-history#char=1042,1053 (RFC 5147) and /#q=When%3F,
// and the way from code points, in which the service counts, to indices of a JS string.

export function placeUrl({ documentId, start, end }) {
  const path = `/documents/${encodeURIComponent(documentId)}`;
  return start === null || start === undefined ? path : `${path}#char=${start},${end}`;
}

/** {documentId, start, end} of an address, start and end null for a whole document; null for any other address. */
export function parsePlace(url) {
  const { pathname, hash } = new URL(url, location.origin);
  const path = /^\/documents\/(.+)$/.exec(pathname);
  if (!path) return null;
  const [, from = "", to = ""] = /^#char=(\d*),?(\d*)(?:;.*|:~:.*)?$/.exec(hash) ?? [];
  const start = from === "" ? (to === "" ? null : 0) : Number(from);
  const end = to === "" ? (start === null ? null : Infinity) : Number(to);
  return { documentId: decoded(path[1]), start, end };
}

/** The address that asks a question. */
export function questionUrl(question) {
  return `/#q=${encodeURIComponent(question)}`;
}

/** The question of such an address, or null. */
export function parseQuestion(url) {
  const { pathname, hash } = new URL(url, location.origin);
  const found = pathname === "/" && /^#q=(.+)$/s.exec(hash);
  return found ? decoded(found[1].replace(/\+/g, " ")).trim() || null : null;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The index in `text` of its n-th code point; the length of the text when there are fewer. */
export function indexOfCodePoint(text, n) {
  let index = 0;
  for (let passed = 0; passed < n && index < text.length; passed += 1) {
    index += text.codePointAt(index) > 0xffff ? 2 : 1;
  }
  return index;
}

/** The same for several, given in rising order, in one pass. */
export function indicesOfCodePoints(text, points) {
  const indices = [];
  let index = 0;
  let passed = 0;
  for (const point of points) {
    for (; passed < point && index < text.length; passed += 1) index += text.codePointAt(index) > 0xffff ? 2 : 1;
    indices.push(index);
  }
  return indices;
}

export function codePoints(text) {
  return Array.from(text).length;
}

/**
 * Where a quotation stands in a document's text, as JS indices {start, end, moved}, or null.
 * A conversation kept in the browser may be older than the document: a quotation that no longer
 * stands at its offsets is looked for, its neighbourhood telling repeated wordings apart.
 */
export function locate(text, { start, end, quotation, prefix = "", suffix = "" }) {
  const from = indexOfCodePoint(text, start);
  const to = indexOfCodePoint(text, end);
  if (quotation === undefined) return to > from ? { start: from, end: to, moved: false } : null;
  if (text.slice(from, to) === quotation) return { start: from, end: to, moved: false };

  let best = null;
  for (let at = text.indexOf(quotation); quotation && at >= 0; at = text.indexOf(quotation, at + 1)) {
    const after = at + quotation.length;
    const rank = Number(text.slice(0, at).endsWith(prefix)) + Number(text.startsWith(suffix, after));
    const distance = Math.abs(at - from);
    if (!best || rank > best.rank || (rank === best.rank && distance < best.distance)) {
      best = { start: at, end: after, moved: true, rank, distance };
    }
  }
  return best;
}

/**
 * What a browser is to find by itself in a page: https://wicg.github.io/scroll-to-text-fragment/.
 * A long quotation is given by its first and last words; what stood before it tells it from others.
 */
export function textFragment({ quotation, prefix }) {
  const encoded = (words) => encodeURIComponent(words).replace(/-/g, "%2D");
  const words = quotation.trim().split(/\s+/);
  const parts = words.length > 12 ? [words.slice(0, 4), words.slice(-4)].map((few) => few.join(" ")) : [words.join(" ")];
  const before = (prefix ?? "").split(/\n/).at(-1).trim().split(/\s+/).slice(-3).join(" ");
  return `:~:text=${before ? `${encoded(before)}-,` : ""}${parts.map(encoded).join(",")}`;
}

/** The sentence of a citation cut at its quotation: [before, quotation, after]. */
export function sentenceParts({ sentence, quotation, prefix, suffix, start, sentence_start: sentenceStart }) {
  if (!sentence) return [prefix ?? "", quotation, suffix ?? ""];
  const offset = indexOfCodePoint(sentence, start - sentenceStart);
  const at = sentence.startsWith(quotation, offset) ? offset : sentence.indexOf(quotation);
  // A quotation longer than one sentence stands in none; its own words are all there is to show.
  if (at < 0) return ["", quotation, ""];
  return [sentence.slice(0, at), quotation, sentence.slice(at + quotation.length)];
}

/** A text cut to about `limit` characters at a space. */
export function shortened(text, limit = 300) {
  const characters = Array.from(text.trim());
  if (characters.length <= limit) return characters.join("");
  const cut = characters.slice(0, limit).join("");
  const space = cut.search(/\s\S*$/);
  const kept = (space > cut.length / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:–-]+$/, "");
  return /[.!?]$/.test(kept) ? `${kept} …` : `${kept}…`;
}
