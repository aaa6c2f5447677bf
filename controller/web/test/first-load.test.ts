import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { buildWeb } from "../build.ts";

const DIST = join(import.meta.dirname, "../dist");
const MOST_OCTETS = 250_000;

before(async () => {
  await buildWeb();
});

test("what a browser loads before it shows anything is less than 250 kB, compressed with gzip", () => {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file = ""]) => file);
  assert.ok(files.some((file) => file.endsWith(".js")) && files.some((file) => file.endsWith(".css")));
  const sizes = files.map((file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length);
  const octets = sizes.reduce((a, b) => a + b, gzipSync(html).length);
  assert.ok(octets < MOST_OCTETS, `${octets} octets: ${files.join(" ")}`);
});

test("the page has no script or style of its own that a policy without unsafe-inline would refuse", () => {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/);
  for (const [tag] of html.matchAll(/<script[^>]*>/g)) assert.match(tag, /\ssrc="\/assets\//);
});
