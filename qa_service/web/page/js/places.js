// Places in documents: addresses like /documents/adr-history#char=1042,1053 (RFC 5147),
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
  const [, from = "", to = ""] = /^#char=(\d*),?(\d*)(?:;.*)?$/.exec(hash) ?? [];
  const start = from === "" ? (to === "" ? null : 0) : Number(from);
  const end = to === "" ? (start === null ? null : Infinity) : Number(to);
  return { documentId: decoded(path[1]), start, end };
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
