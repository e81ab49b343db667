// The desktop window. The only file that imports @tauri-apps.

import { Channel, invoke } from "@tauri-apps/api/core";
import { getCurrentWindow } from "@tauri-apps/api/window";

import { borderError, CallError, isErrorBody, type Host, type Session } from "./host.ts";

export class TauriHost implements Host {
  session(): Promise<Session> {
    return answer(invoke<Session>("session"));
  }

  query(name: string, request: object): Promise<unknown> {
    return answer(invoke("call", { name, payload: JSON.stringify(request) }));
  }

  async table(name: string, request: object): Promise<Uint8Array> {
    return new Uint8Array(await answer(invoke<ArrayBuffer>("call", { name, payload: JSON.stringify(request) })));
  }

  stream(name: string, request: object, job: string, onEvent: (event: unknown) => void): Promise<void> {
    const events = new Channel<unknown>(onEvent);
    return answer(invoke("stream", { name, payload: JSON.stringify(request), job, events }));
  }

  guard(mayClose: () => boolean, ask: () => void): void {
    void getCurrentWindow().onCloseRequested((event) => {
      if (mayClose()) return;
      event.preventDefault();
      ask();
    });
  }

  leave(): void {
    void getCurrentWindow().destroy();
  }
}

async function answer<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isErrorBody(error) ? new CallError(error) : borderError(`the window's engine does not answer: ${String(error)}`, null);
  }
}
