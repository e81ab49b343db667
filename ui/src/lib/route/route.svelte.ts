// Addresses: every view has one, in the part after `#`, so that it can be linked, reloaded and tested.

import type { Layer } from "../api/generated.ts";

export type Screen = "home" | "config" | "preview" | "run" | "outputs" | "data";
export const SCREENS: readonly Screen[] = ["home", "config", "preview", "run", "outputs", "data"];

export interface Route {
  screen: Screen;
  /** Parts of the path after the screen, decoded. */
  parts: string[];
  params: Record<string, string>;
}

/** Reads an address. What it cannot read leads home. */
export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [screen = "", ...parts] = path.split("/").map(decode);
  const params = Object.fromEntries(new URLSearchParams(query));
  return SCREENS.includes(screen as Screen) ? { screen: screen as Screen, parts, params } : { screen: "home", parts: [], params };
}

/** A part of an address; one that is written wrongly is taken as it stands. */
export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(screen: Screen, parts: string[] = [], params: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${[screen, ...parts.map(encodeURIComponent)].join("/")}${text ? `?${text}` : ""}`;
}

/** A dataset is named by its config file and its own name: two files may use the same name. */
export interface DatasetKey {
  file: string;
  dataset: string;
}

export const links = {
  config: (file: string, at?: { line: number; column: number }): string =>
    href("config", [file], { at: at && `${at.line}:${at.column}` }),
  preview: (key: DatasetKey): string => href("preview", [key.file, key.dataset]),
  run: (key?: DatasetKey): string => href("run", key ? [key.file, key.dataset] : []),
  outputs: (key?: DatasetKey, layer?: Layer, partition?: string, tab?: string): string =>
    href("outputs", key ? [key.file, key.dataset, ...(layer ? [layer] : []), ...(layer && partition !== undefined ? [partition] : [])] : [], { tab }),
  explain: (code: string): string => `#/explain/${encodeURIComponent(code)}`,
  /** Without a file: the whole workspace. */
  doctor: (file = ""): string => `#/doctor/${encodeURIComponent(file)}`,
  create: (way: "template" | "discover" = "template"): string => `#/new/${way}`,
};

/** What lies over a screen, with what it is about. */
export interface Overlay {
  name: "explain" | "doctor" | "new";
  about: string;
}

const OVERLAY = /^#\/(explain|doctor|new)(?:\/([^?]*))?(?:\?|$)/;

/** Reads the address of something that lies over a screen. */
export function overlayOf(hash: string): Overlay | undefined {
  const match = OVERLAY.exec(hash);
  return match ? { name: match[1] as Overlay["name"], about: decode(match[2] ?? "") } : undefined;
}

/** Where the page is. An overlay lies over the view it was asked from. */
class Place {
  route = $state.raw<Route>(parse(""));
  overlay = $state.raw<Overlay | undefined>(undefined);

  read(hash: string): void {
    this.overlay = overlayOf(hash);
    if (!this.overlay) this.route = parse(hash);
  }
}

export const place = new Place();

export function go(address: string): void {
  location.hash = address;
}

/** Changes the address without a new step in the history. */
export function settle(address: string): void {
  history.replaceState(null, "", address);
  place.read(address);
}
