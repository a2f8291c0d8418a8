// Server-sent events read from the body of a POST; EventSource can only GET.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

/** Yields {event, data} for every complete event of a ReadableStream of bytes. */
export async function* readEvents(body) {
  let event = "";
  let data = [];
  for await (const line of readLines(body)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) continue; // a comment, sent to keep the connection open
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  // An event that the end of the stream cut off is dropped: it may be incomplete.
}

async function* readLines(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let endedInCr = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      let piece = decoder.decode(value, { stream: true });
      if (piece === "") continue; // part of one character
      // A CR ends its line at once; an LF that comes with the next piece belongs to it.
      if (endedInCr && piece.startsWith("\n")) piece = piece.slice(1);
      endedInCr = piece.endsWith("\r");
      const lines = (rest + piece).split(/\r\n|\n|\r/);
      rest = lines.pop();
      yield* lines;
    }
  } finally {
    reader.cancel().catch(() => {}); // lets the connection go when reading stops early
  }
}
