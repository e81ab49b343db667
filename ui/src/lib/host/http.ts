// The loopback web host: JSON and Arrow over HTTP, streams as one JSON envelope a line.

import { borderError, CallError, isErrorBody, type Host, type Session } from "./host.ts";

export class HttpHost implements Host {
  async session(): Promise<Session> {
    return (await (await ask("api/session", { method: "GET" })).json()) as Session;
  }

  async query(name: string, request: object): Promise<unknown> {
    return (await post(name, request)).json();
  }

  async table(name: string, request: object): Promise<Uint8Array> {
    return new Uint8Array(await (await post(name, request)).arrayBuffer());
  }

  async stream(name: string, request: object, _job: string, onEvent: (event: unknown) => void): Promise<void> {
    const body = (await post(name, request)).body;
    if (!body) throw cutOff();
    for await (const line of lines(body)) {
      const envelope = JSON.parse(line) as { event?: unknown; error?: unknown; end?: boolean };
      if (envelope.end) return;
      if (isErrorBody(envelope.error)) throw new CallError(envelope.error);
      onEvent(envelope.event);
    }
    throw cutOff();
  }

  guard(mayClose: () => boolean): void {
    // A browser asks in its own words.
    window.addEventListener("beforeunload", (event) => mayClose() || event.preventDefault());
  }
}

/** Complete lines of a stream of bytes; what stands after the last line feed was cut off and is dropped. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n");
      rest = parts.pop() ?? "";
      yield* parts.filter((part) => part !== "");
    }
  } catch {
    throw cutOff();
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function cutOff(): CallError {
  return borderError("the connection to the program was cut off", "Look whether `medallion web` still runs; what was committed stays.");
}

function post(name: string, request: object): Promise<Response> {
  return ask(`api/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw borderError("the program that serves this page does not answer", "Start `medallion web` again and open the address it prints.");
  }
  if (response.ok) return response;
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (isErrorBody(body)) throw new CallError(body);
  if (response.status === 401) {
    throw borderError("this page's key is no longer valid", "Open the address that `medallion web` printed last.", false);
  }
  throw borderError(text.trim() || `the program answered with status ${response.status}`, null, false);
}
