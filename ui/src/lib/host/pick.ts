// Chooses the host: the desktop window, fixtures while developing, otherwise the web host.

import type { Host } from "./host.ts";

export async function pickHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in window) return new (await import("./tauri.ts")).TauriHost();
  if (import.meta.env.DEV) {
    const scene = new URLSearchParams(location.search).get("memory") ?? "demo";
    const host = (await import("./memory.ts")).memoryHost(scene);
    // So that somebody else can be played from the browser's console: fixture.write(file, text).
    return Object.assign(window, { fixture: host.authoring }) && host;
  }
  return new (await import("./http.ts")).HttpHost();
}
