// How fast the rows are: first rows, frames while scrolling, and from a key to its frame. Numbers are
// printed; nothing fails by them.
//
//   node e2e/grid.mjs [browser|window|webkit|both|prepare] [ROWS]
//
// `browser` is the system's Chromium through `medallion web`, `window` the desktop app through WebKit's
// own driver (needs a display: xvfb-run), `webkit` that engine's plain browser, named by WEBKIT_BROWSER,
// through `medallion web`. Programs as in run.mjs; MEDALLION_DESKTOP names the window's.
// With BENCH_FOLDER the rows are written there once and kept; `prepare` writes them and measures nothing.

import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { chromium } from "playwright-core";

import { browserPath, programPath, serve } from "./program.mjs";

const [which = "both", wanted = "1000000"] = process.argv.slice(2);
const ROWS = Number(wanted);
const CONFIG = `config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./lake/bronze}
sources:
  - name: big
    source:
      type: file
      system: bench
      table: big
      file: {path: ./big.csv, format: csv}
      run: {load_pattern: full, max_rows_per_file: 1000000}
`;

/** Twelve columns of the kinds that people have. */
async function write(path) {
  const out = createWriteStream(path);
  out.write("id,customer,amount,quantity,status,city,created_at,day,ratio,flag,note,code\n");
  let seed = 12345;
  const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff);
  const states = ["paid", "open", "shipped", "returned"];
  const cities = ["Kraków", "Oslo", "東京", "São Paulo", "Reykjavík"];
  for (let row = 0; row < ROWS; ) {
    const lines = [];
    for (const end = Math.min(ROWS, row + 10_000); row < end; row += 1) {
      const [a, b] = [next(), next()];
      const day = new Date(1_600_000_000_000 + row * 60_000).toISOString();
      lines.push(`${9007199254740993n + BigInt(row)},c${a % 50_000},${(a % 1_000_000) / 100},${b % 90},${states[b % 4]},${cities[a % 5]},${day.slice(0, 19)}Z,${day.slice(0, 10)},${(b / 0x7fffffff).toFixed(6)},${b % 2 === 0},${a % 7 ? `note number ${a % 1000} with some words` : ""},${String(b % 10_000).padStart(5, "0")}`);
    }
    if (!out.write(`${lines.join("\n")}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** Runs inside the page. */
async function measure() {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const until = async (found, patience = 60_000) => {
    const start = performance.now();
    while (!found()) {
      if (performance.now() - start > patience) throw new Error(`never: ${found}`);
      await frame();
    }
    return performance.now() - start;
  };
  const rank = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
  const filled = () => document.querySelector("[role=grid] .rows .cell:not(.wait)") !== null;
  const result = {};

  location.hash = "#/home";
  await until(() => !document.querySelector("[role=grid]"));
  location.hash = "#/data/big.yaml/big/bronze";
  result.firstRowsCold = await until(filled);
  location.hash = "#/home";
  await until(() => !document.querySelector("[role=grid]"));
  location.hash = "#/data/big.yaml/big/bronze";
  result.firstRowsAgain = await until(filled);
  await new Promise((done) => setTimeout(done, 1000));

  const grid = document.querySelector("[role=grid]");
  const body = grid.querySelector(".body");
  result.rows = Number(grid.getAttribute("aria-rowcount")) - 1;

  /** Scrolls by something each frame, and times the frames. */
  const scrolling = async (move, seconds) => {
    const times = [];
    let blank = 0;
    let cells = 0;
    let before = await frame();
    const end = before + seconds * 1000;
    while (before < end) {
      move();
      const now = await frame();
      times.push(now - before);
      before = now;
      cells += grid.querySelectorAll(".row:not([hidden]) .cell").length;
      blank += grid.querySelectorAll(".row:not([hidden]) .cell.wait").length;
    }
    return { frames: times.length / ((times.reduce((sum, each) => sum + each, 0)) / 1000), p95: rank(times, 0.95), worst: Math.max(...times), blank: blank / cells };
  };
  const wheel = (delta) => body.dispatchEvent(new WheelEvent("wheel", { deltaY: delta, bubbles: true, cancelable: true })) && body.scrollBy(0, delta);
  result.idle = await scrolling(() => undefined, 2);
  result.steady = await scrolling(() => wheel(72), 5);
  result.fast = await scrolling(() => wheel(1200), 5);
  result.bar = await scrolling(() => (body.scrollTop = (body.scrollTop + 9973) % (body.scrollHeight - body.clientHeight)), 5);
  result.sideways = await scrolling(() => (body.scrollLeft = (body.scrollLeft + 23) % Math.max(1, body.scrollWidth - body.clientWidth)), 3);
  body.scrollLeft = 0;

  // From a key to the end of the frame that shows it. The next frame may be up to 16.7 ms away, so the
  // work alone is told too.
  grid.focus();
  const keys = ["ArrowDown", "PageDown", "ArrowRight", "ArrowUp", "PageUp", "ArrowLeft"];
  const [whole, work] = [[], []];
  for (let at = 0; at < 240; at += 1) {
    const far = at % 40 === 39;
    await new Promise((done) => setTimeout(done, 4 + (at % 13)));
    const start = performance.now();
    grid.dispatchEvent(new KeyboardEvent("keydown", { key: far ? (at % 80 === 79 ? "Home" : "End") : keys[at % keys.length], ctrlKey: far, bubbles: true, cancelable: true }));
    await Promise.resolve();
    void body.offsetHeight;
    work.push(performance.now() - start);
    await frame();
    await new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      channel.port2.postMessage(0);
    });
    whole.push(performance.now() - start);
  }
  result.key = { median: rank(whole, 0.5), p99: rank(whole, 0.99), workP99: rank(work, 0.99) };
  return result;
}

function print(name, result) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  const moving = ({ frames, p95, worst, blank }) => `${frames.toFixed(1)} frames/s, frame p95 ${ms(p95)}, worst ${ms(worst)}, cells not there yet ${(blank * 100).toFixed(1)} %`;
  console.log(`${name}, ${result.rows.toLocaleString("en")} rows
  first rows: ${ms(result.firstRowsCold)}, again: ${ms(result.firstRowsAgain)}
  nothing moves:       ${moving(result.idle)}
  wheel, 3 rows:       ${moving(result.steady)}
  wheel, 50 rows:      ${moving(result.fast)}
  bar, thousands:      ${moving(result.bar)}
  sideways:            ${moving(result.sideways)}
  key to frame: median ${ms(result.key.median)}, p99 ${ms(result.key.p99)} (the work in it: p99 ${ms(result.key.workP99)})`);
}

async function inBrowser(folder) {
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: browserPath(), headless: true, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(server.address);
    await page.getByRole("link", { name: "big", exact: true }).first().waitFor();
    print("Chromium", await page.evaluate(measure));
  } finally {
    await browser.close();
    server.program.kill("SIGINT");
    await server.ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

async function inWindow(folder) {
  const binary = process.env.MEDALLION_DESKTOP ?? join(dirname(programPath()), "medallion-desktop");
  await throughWebKit("The window (WebKit)", { binary, args: [folder] });
}

async function inWebKit(folder) {
  const server = await serve(folder);
  try {
    await throughWebKit("WebKit's browser", { binary: process.env.WEBKIT_BROWSER, args: ["--automation"] }, server.address);
  } finally {
    server.program.kill("SIGINT");
    await server.ended;
  }
}

async function throughWebKit(name, options, url) {
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", ["--host=127.0.0.1", `--port=${port}`], { stdio: "ignore", env: { ...process.env, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" } });
  const ask = async (path, body) => {
    const answer = await (await fetch(`http://127.0.0.1:${port}${path}`, { method: body === undefined ? "DELETE" : "POST", body: JSON.stringify(body) })).json();
    if (answer.value?.error) throw new Error(`${path}: ${answer.value.message}`);
    return answer.value;
  };
  try {
    for (let left = 100; ; left -= 1) {
      const up = await fetch(`http://127.0.0.1:${port}/status`).then(() => true, () => false);
      if (up) break;
      if (left === 0) throw new Error("WebKitWebDriver does not answer");
      await new Promise((done) => setTimeout(done, 100));
    }
    const { sessionId } = await ask("/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
    try {
      await ask(`/session/${sessionId}/timeouts`, { script: 300_000 });
      if (url) await ask(`/session/${sessionId}/url`, { url });
      await new Promise((done) => setTimeout(done, 2000));
      const script = `const done = arguments[0]; (${measure})().then((result) => done({ result }), (error) => done({ error: String(error) }))`;
      const { result, error } = await ask(`/session/${sessionId}/execute/async`, { script, args: [] });
      if (error) throw new Error(error);
      print(name, result);
    } finally {
      await ask(`/session/${sessionId}`).catch(() => undefined);
    }
  } finally {
    driver.kill();
  }
}

const folder = process.env.BENCH_FOLDER ?? mkdtempSync(join(tmpdir(), "medallion-grid-"));
try {
  if (!existsSync(join(folder, "lake"))) {
    writeFileSync(join(folder, "big.yaml"), CONFIG);
    await write(join(folder, "big.csv"));
    const run = spawn(programPath(), ["run", "big.yaml"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const [code] = await once(run, "exit");
    if (code !== 0) throw new Error(`medallion run ended with ${code}`);
  }
  if (which === "browser" || which === "both") await inBrowser(folder);
  if (which === "window" || which === "both") await inWindow(folder);
  if (which === "webkit") await inWebKit(folder);
} finally {
  if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true });
}
