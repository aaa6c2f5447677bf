import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { buildWeb } from "../build.ts";

const DIST = join(import.meta.dirname, "../dist");
const ASSETS = join(DIST, "assets");
const MOST_OCTETS = 250_000;
/** As the controller sends them; what headers add is some 1 kB a file. */
const MOST_OCTETS_SENT = 200_000;
const MOST_FILES = 8;

before(async () => {
  await buildWeb();
});

/** Everything that the page names: what it needs before it shows anything. */
function firstFiles(): { readonly html: string; readonly files: readonly string[] } {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file = ""]) => file);
  assert.ok(files.some((file) => file.endsWith(".js")) && files.some((file) => file.endsWith(".css")));
  return { html, files };
}

test("what a browser loads before it shows anything is less than 250 kB, compressed with gzip", () => {
  const { html, files } = firstFiles();
  const sizes = files.map((file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length);
  const octets = sizes.reduce((a, b) => a + b, gzipSync(html).length);
  assert.ok(octets < MOST_OCTETS, `${octets} octets: ${files.join(" ")}`);
});

test("the first page is a handful of files and, as Brotli, less than 200 kB; pages of later stay out of it", () => {
  const { html, files } = firstFiles();
  assert.ok(files.length <= MOST_FILES, `${files.length} files: ${files.join(" ")}`);
  const sizes = files.map((file) => {
    const compressed = join(DIST, `${file}.br`);
    return readFileSync(existsSync(compressed) ? compressed : join(DIST, file)).length;
  });
  const octets = sizes.reduce((a, b) => a + b, html.length);
  assert.ok(octets < MOST_OCTETS_SENT, `${octets} octets: ${files.join(" ")}`);
  const scripts = readdirSync(ASSETS).filter((name) => name.endsWith(".js"));
  const first = new Set(files.map((file) => file.slice("assets/".length)));
  // A file of its own for each page, and for what draws, plots and edits.
  const pages = ["live", "nodes", "home", "security", "graph", "plot", "code-editor"];
  for (const page of pages)
    assert.ok(
      scripts.some((name) => name.startsWith(`${page}-`) && !first.has(name)),
      page,
    );
});

test("each compressed file says what the plain one does", () => {
  const names = readdirSync(ASSETS);
  const plain = names.filter((name) => !/\.(br|gz)$/.test(name));
  assert.ok(plain.length > 20);
  for (const name of plain) {
    const octets = readFileSync(join(ASSETS, name));
    if (octets.length < 1024) continue;
    assert.ok(brotliDecompressSync(readFileSync(join(ASSETS, `${name}.br`))).equals(octets), name);
    assert.ok(gunzipSync(readFileSync(join(ASSETS, `${name}.gz`))).equals(octets), name);
  }
});

test("the page has no script or style of its own that a policy without unsafe-inline would refuse", () => {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/);
  for (const [tag] of html.matchAll(/<script[^>]*>/g)) assert.match(tag, /\ssrc="\/assets\//);
});
