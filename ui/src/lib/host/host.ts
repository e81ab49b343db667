// The border between the page and whatever answers it: the desktop window, the web host, fixtures.

import type { ErrorBody, Target } from "../api/generated.ts";

export interface Session {
  /** What the program was opened on; sent back with requests about the whole workspace. */
  target: Target;
  version: string;
}

export interface Host {
  session(): Promise<Session>;
  /** One JSON value. */
  query(name: string, request: object): Promise<unknown>;
  /** The bytes of one Arrow IPC stream. */
  table(name: string, request: object): Promise<Uint8Array>;
  /** Events until the end. `job` names the work for `cancel`. */
  stream(name: string, request: object, job: string, onEvent: (event: unknown) => void): Promise<void>;
  /** Has `mayClose` asked before the page goes; where it says no the browser asks, or `ask` does. */
  guard?(mayClose: () => boolean, ask: () => void): void;
  /** Closes the page without asking. */
  leave?(): void;
}

/** A call that failed, with what a person needs to know of it. */
export class CallError extends Error {
  readonly body: ErrorBody;
  constructor(body: ErrorBody) {
    super(body.message);
    this.name = "CallError";
    this.body = body;
  }
}

/** An error of the border itself. It has no code, since no page of the program explains it. */
export function borderError(message: string, hint: string | null, transient = true): CallError {
  return new CallError({ code: "", message, causes: [], hint, diagnostics: [], exit: 1, transient });
}

export function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "causes" in value;
}
