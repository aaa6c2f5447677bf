import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import { judgeTrace } from "@vsix/shared/paths/judge.ts";
import { newWatch, type PathEvent, sightingOf, type WatchState } from "@vsix/shared/paths/watch-state.ts";
import { tableLines } from "./lines.ts";
import type { ListedPath } from "./orders.ts";
import { jsonVoice, plainVoice } from "./voice.ts";

const ENTRY = {
  source: "home",
  target: "far",
  targetAddress: "2001:db8:f::1",
  protocol: "icmp6",
  flows: 1,
  intervalMs: 1000,
  allowed: [[]],
} as const;
const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

function path(target: string, hops: readonly string[]): ListedPath & { readonly state: WatchState } {
  const trace = buildTrace([buildFlow(0, hops)]);
  const verdict = judgeTrace(trace, ENTRY, EMPTY_DIRECTORY);
  const current = sightingOf(trace, verdict, EMPTY_DIRECTORY);
  return {
    state: { ...newWatch("home", target, "2001:db8:f::1"), current, since: AT - 90_000 },
    last: { at: AT, verdict },
  };
}

function event(words: string): PathEvent {
  const { current } = path("far", ["2001:db8::1"]).state;
  assert.ok(current !== undefined);
  const after = { ...current, words };
  return {
    type: "changed",
    level: "alarm",
    source: "home",
    target: "far",
    targetAddress: "::1",
    at: AT,
    after,
  };
}

test("a transition is one line, whatever strangers sent", () => {
  const lines: string[] = [];
  const voice = plainVoice(
    (text) => lines.push(text),
    () => AT,
  );
  voice.event(event("at hop 2\n\u001b[2J\u202e evil answers"));
  assert.deepEqual(lines, ["2026-01-02T03:04:05Z  alarm      home to far: at hop 2 [2J  evil answers\n"]);
});

test("the table has what is wrong first, fits the screen, and is drawn anew below what is said", () => {
  let shown = "";
  const voice = plainVoice(
    (text) => {
      shown += text;
    },
    () => AT,
    undefined,
    { columns: () => 60, rows: () => 5 },
  );
  const paths = [path("a", []), path("b", []), path("c", ["2001:db8::1"]), path("d", [])];
  voice.look(paths, AT);
  const rows = shown.split("\n").slice(0, -1);
  assert.equal(rows.length, 4, "a line is left for the cursor");
  assert.match(rows[1] ?? "", /^c {5}90 s {2}-/);
  assert.equal(rows[3], "and 2 more");
  assert.ok(rows.every((row) => row.length <= 60));
  shown = "";
  voice.fault("a disk is full");
  assert.ok(
    shown.startsWith("\u001b[4A\u001b[0J2026-01-02T03:04:05Z  fault      a disk is full\nTO "),
    shown,
  );
});

test("a tiny screen shows one path at least", () => {
  assert.equal(tableLines([path("a", [])], AT, 0, 10, (_, text) => text).length, 2);
});

test("programs get a line of JSON each, traces included", () => {
  const lines: string[] = [];
  const voice = jsonVoice(
    (text) => lines.push(text),
    () => AT,
  );
  voice.event(event("two\nlines"));
  voice.ended("SIGTERM");
  const [first, last] = lines.map(
    (line) => JSON.parse(line) as { kind: string; at: number; event?: PathEvent },
  );
  assert.equal(lines.join("").split("\n").length, 3);
  assert.deepEqual([first?.kind, first?.at, first?.event?.after.trace?.flows.length], ["event", AT, 1]);
  assert.equal(last?.kind, "ended");
});
