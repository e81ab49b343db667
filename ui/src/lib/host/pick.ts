// Chooses the host: the desktop window, fixtures while developing, otherwise the web host.

import type { Host } from "./host.ts";

export async function pickHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in window) return new (await import("./tauri.ts")).TauriHost();
  if (import.meta.env.DEV) {
    const scene = new URLSearchParams(location.search).get("memory") ?? "demo";
    return (await import("./memory.ts")).memoryHost(scene);
  }
  return new (await import("./http.ts")).HttpHost();
}
