import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HomeFacts, HomeHealth, HomeView } from "./facts.ts";
import { FINDINGS, judgeHome } from "./judge.ts";
import { homePage } from "./page.ts";
import { askedFor, isOurHost, LANGUAGES, languageOf } from "./request.ts";
import { WORDS } from "./words.ts";

const NOW_MS = Date.parse("2026-11-30T12:00:00Z");
const FACTS: HomeFacts = {
  node: "home-1",
  version: "1.2.3",
  controllerUp: true,
  generation: 4,
  tunnels: [
    { id: "1", remote: "3fff:250::1", prefixes: ["2001:db8:e:f0::/60"], local: "3fff:250::2", life: "alive" },
    { id: "2", remote: "3fff:251::1", prefixes: ["2001:db8:f2::/60"], local: "3fff:251::2", life: "unknown" },
  ],
  resolvers: ["2001:db8:53::53"],
  pref64: "2001:db8:64::/96",
  errors: [],
};
const GOOD: HomeHealth = { startedMs: NOW_MS - 60_000, state: "good", verdicts: [] };
const view = (change: Partial<HomeFacts>, health: HomeView["health"] = GOOD): HomeView => ({
  facts: { ...FACTS, ...change },
  health,
});
const [one, two] = FACTS.tunnels;
assert.ok(one && two);
const away = { ...one };
delete away.local;

test("what is the matter is told, what to do first comes first", () => {
  const cases: readonly (readonly [HomeView, readonly string[]])[] = [
    [view({}), ["well"]],
    [view({}, undefined), ["well"]],
    [{ absent: "enrolling", health: undefined }, ["enrolling"]],
    [{ absent: "reset", health: undefined }, ["reset"]],
    [{ absent: "silent", health: GOOD }, ["silent"]],
    [view({ generation: 0 }), ["no-document"]],
    [view({ tunnels: [] }), ["no-tunnel"]],
    [view({ tunnels: [away] }), ["no-uplink"]],
    [view({ tunnels: [{ ...one, life: "dead" }, two] }), ["tunnel-dead"]],
    [view({ tunnels: [{ ...one, life: "dead" }], controllerUp: false }), ["tunnels-dead", "controller-away"]],
    [view({ controllerUp: false }), ["controller-away"]],
    [view({ errors: ["route x: EPERM"] }), ["errors"]],
    [view({}, { ...GOOD, state: "poor" }), ["health-poor"]],
    [view({ tunnels: [away] }, { ...GOOD, state: "bad" }), ["no-uplink", "health-bad"]],
    [view({}, { ...GOOD, state: "bad", startedMs: NOW_MS - 7_200_000 }), ["well"]],
  ];
  for (const [given, expected] of cases) assert.deepEqual(judgeHome(given, NOW_MS), expected);
  const seen = new Set<string>(cases.flatMap(([, found]) => found));
  assert.deepEqual(
    FINDINGS.filter((finding) => !seen.has(finding)),
    [],
  );
});

test("the page has what there is to tell, in both languages", () => {
  for (const language of LANGUAGES) {
    const html = homePage(view({ errors: ["route x: EPERM"] }), language, NOW_MS);
    assert.match(html, new RegExp(`<html lang="${language}">`));
    const [heading, advice] = WORDS[language].findings.errors;
    for (const text of [
      heading,
      advice,
      "3fff:250::2",
      "2001:db8:e:f0::/60",
      "2001:db8:64::/96",
      "2001:db8:53::53",
      "route x: EPERM",
      "1.2.3",
    ])
      assert.ok(html.includes(text), text);
    assert.doesNotMatch(html, /<script|javascript:|\son\w+=|style=/);
  }
});

test("whatever the agent says, nothing of it becomes markup", () => {
  const text = fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "a", "/", "=", "\n", "é") });
  fc.assert(
    fc.property(text, text, text, (node, error, verdict) => {
      const tags = (html: string): number => html.split("<").length;
      const given = view({ node, errors: [error] }, { ...GOOD, state: "bad", verdicts: [verdict] });
      const plain = view({ node: "x", errors: ["x"] }, { ...GOOD, state: "bad", verdicts: ["x"] });
      assert.equal(tags(homePage(given, "en", NOW_MS)), tags(homePage(plain, "en", NOW_MS)));
    }),
  );
});

test("a name of somebody else is refused, addresses and our own names are taken, with a port and without", () => {
  const names = ["home-1.local"];
  for (const host of [
    "[2001:db8::1]",
    "[2001:db8::1]:80",
    "[fe80::1%25eth0]:8080",
    "192.0.2.1",
    "192.0.2.1:80",
    "HOME-1.local",
    "home-1.local.:80",
  ])
    assert.ok(isOurHost(host, names), host);
  for (const host of [
    undefined,
    "",
    "evil.example",
    "home-1.local.evil.example",
    "2001:db8::1",
    "[2001:db8::1",
    "[::1]x",
    "192.0.2.1.evil.example",
    "home-1.local:http",
    "[evil.example]",
    "192.0.2.256",
    " home-1.local",
    "a".repeat(100_000),
  ])
    assert.ok(!isOurHost(host, names), host?.slice(0, 40));
});

test("a language is chosen by weight, and English where none of ours is liked", () => {
  for (const [accept, expected] of [
    [undefined, "en"],
    ["", "en"],
    ["ja", "ja"],
    ["ja-JP,ja;q=0.9,en;q=0.8", "ja"],
    ["en-GB,en;q=0.9,ja;q=0.8", "en"],
    ["fr, ja;q=0.3, en;q=0.2", "ja"],
    ["ja;q=0", "en"],
    ["de", "en"],
    [`${"x,".repeat(1_000_000)}ja`, "en"],
  ] as const)
    assert.equal(languageOf(accept), expected, accept?.slice(0, 40));
});

test("three things are there to be asked for, and nothing else", () => {
  assert.deepEqual(askedFor("/?lang=ja"), { what: "page", language: "ja" });
  assert.deepEqual(askedFor("/"), { what: "page", language: undefined });
  for (const target of ["/?lang=fr", "/../etc/passwd", "//style.css", "*", "http://x/", "/status.json?x", ""])
    assert.deepEqual(askedFor(target), { what: "nothing" });
});
