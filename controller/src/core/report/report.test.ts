import assert from "node:assert/strict";
import { test } from "node:test";
import { reportHtml } from "./html.ts";
import { reportMarkdown } from "./markdown.ts";
import type { EventReport } from "./model.ts";
import { NO_ACCESS } from "./sections.ts";

const T0 = Date.parse("2026-03-01T00:00:00Z");
const NOTHING: EventReport = {
  event: null,
  fromMs: T0,
  untilMs: T0 + 86_400_000,
  madeMs: T0 + 90_000_000,
  network: { nodes: 6, edges: 2, planes: ["blue", "green"], revision: 4 },
  dns: null,
  access: null,
  health: null,
  incidents: { counts: {}, newest: [] },
  rollouts: [],
  epe: null,
  changes: [],
};
const EVIL = '<script>alert("x")</script>|*a*';
const name = (text: string) => ({ name: text, a: 1, aaaa: 5, native: 0, translated: 5, nodata: 0 });
const FULL: EventReport = {
  ...NOTHING,
  event: `Camp ${EVIL}`,
  dns: {
    questions: 12_345,
    a: 4_000,
    aaaa: 6_000,
    https: 2_000,
    other: 345,
    byResolvers: 77,
    outcomes: {
      native: 3_000,
      translated: 1_000,
      nodata: 900,
      nxdomain: 600,
      servfail: 300,
      unanswered: 150,
      other: 50,
    },
    translatedShare: 0.25,
    stepS: 3600,
    series: [0, 1, 2].map((i) => ({
      startMs: T0 + i * 3_600_000,
      a: i,
      aaaa: 2 * i,
      https: 1,
      native: i,
      translated: 0,
    })),
    withoutAaaa: [name(EVIL)],
    ready: [name("ready.example")],
    points: [{ point: "edge-1/eth0", pairs: 12_422 }],
    capture: {
      packets: 24_844,
      dropped: 156,
      dropRate: 156 / 25_000,
      lostPairs: 3,
      gaps: [{ node: "edge-1", fromMs: T0, toMs: T0 + 2_500 }],
    },
    source: "hours",
  },
  access: {
    accounts: { all: 40, fresh: 12, removed: 1 },
    applications: [{ service: "tunnel", made: 10, refused: 1, revoked: 2, living: 37 }],
    prefixes: [
      {
        service: "tunnel",
        issued: { count: 9, equivalents64: 9 * 256 },
        active: { count: 30, equivalents64: 7680 },
        revoked: { count: 2, equivalents64: 512 },
      },
    ],
    peakTunnels: null,
    peakPeers: null,
  },
  health: { runs: 288, worst: [{ site: EVIL, layer: "translation", looked: 288, poor: 3, bad: 72 }] },
  incidents: { counts: { changed: 2 }, newest: [{ at: "2026-03-01T01:00:00Z", level: "warn", what: EVIL }] },
  rollouts: [
    { id: 1, from: "blue", to: "green", stage: "done", edges: 2, createdAt: "x", endedAt: "y", why: null },
  ],
  epe: { moves: 4, takenBack: 1, badPaths: 2, onlyObserved: 0, newest: [] },
  changes: [{ what: "steer", count: 3 }],
};

test("what nobody observed is said to be that, and no zero is invented", () => {
  for (const text of [reportHtml(NOTHING), reportMarkdown(NOTHING)]) {
    assert.equal(text.split(NO_ACCESS).length - 1, 4);
    assert.match(text, /No node captured DNS in this time/);
    assert.match(text, /It did nothing in this time/);
    assert.match(text, /No node looked in this time/);
    assert.doesNotMatch(text, /\b0 (questions|moves|new accounts)/);
  }
});

test("the figures stand in both forms", () => {
  for (const text of [reportHtml(FULL), reportMarkdown(FULL)])
    for (const figure of [
      "12\u202f345",
      "25.0 %",
      "0.6 %",
      "3 pairs were captured and lost",
      new Date(T0 + 2_500).toISOString(),
      "9 (2\u202f304)",
      "30 (7\u202f680)",
      "72 (25.0 %)",
      "4 moves",
    ])
      assert.ok(text.includes(figure), figure);
});

test("names and words of others are never markup, and the page has no script and fetches nothing", () => {
  const html = reportHtml(FULL);
  assert.ok(!html.includes("<script"));
  assert.ok(html.includes("&lt;script&gt;"));
  assert.doesNotMatch(html, /(src|href)="(?!#)/);
  assert.match(html, /default-src 'none'/);
  const markdown = reportMarkdown(FULL);
  assert.ok(markdown.includes("\\<script\\>") && markdown.includes("\\|\\*a\\*"));
});

test("plots have a title and a description, tables have heads, ids are unique and tags are closed", () => {
  const html = reportHtml(FULL);
  const images = [...html.matchAll(/<svg role="img" aria-labelledby="(\S+) (\S+)"/g)];
  assert.equal(images.length, 3);
  for (const [, title, description] of images) {
    assert.ok(html.includes(`<title id="${title}">`));
    assert.ok(html.includes(`<desc id="${description}">`));
  }
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const tag of ["section", "table", "tr", "td", "th", "svg", "figure", "ul", "li", "p", "div"])
    assert.equal(
      html.split(`<${tag}>`).length + html.split(`<${tag} `).length,
      html.split(`</${tag}>`).length + 1,
      tag,
    );
  assert.ok(html.split("<table>").length - 1 === html.split("<thead>").length - 1);
});

test("no line of a plot leaves it, whatever the values are", () => {
  const { dns } = FULL;
  assert.ok(dns !== null);
  const series = [0, 1e9, 3].map((value, i) => ({
    startMs: T0 + i,
    a: value,
    aaaa: 0,
    https: 0,
    native: value,
    translated: 0,
  }));
  const html = reportHtml({ ...FULL, dns: { ...dns, series } });
  for (const [, points = ""] of html.matchAll(/points="([^"]+)"/g))
    for (const point of points.split(" ")) {
      const [x = -1, y = -1] = point.split(",").map(Number);
      assert.ok(x >= 0 && x <= 720 && y >= 0 && y <= 240, point);
    }
});
