import { readFileSync } from "node:fs";
import { decodeUp } from "@vsix/controller/fleet/ingest.ts";
import { parseUp } from "@vsix/shared/contract/parse.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { parseReceivers } from "@vsix/shared/notify/receivers-file.ts";
import { jsonBody, slackBody } from "@vsix/shared/notify/render.ts";
import { EMPTY_DIRECTORY, joinDirectories } from "@vsix/shared/paths/directory.ts";
import { learnExpected } from "@vsix/shared/paths/learn.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import { PathWatch } from "@vsix/shared/paths/path-watch.ts";
import { formatTrace } from "@vsix/shared/paths/show-trace.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { restorePath } from "@vsix/shared/paths/watch-saved.ts";
import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import { vectorBytes } from "./seeds.ts";
import type { FuzzTarget } from "./targets.ts";

/** What nodes say of paths, and all that is done with it: judged, remembered, told to people, shown, learned from. */

const MINUTE_MS = 60_000;
const seeds = vectorBytes("up-trace");
const own = parseUp("trace", seeds[0] ?? new Uint8Array()).trace;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

const file = parseExpected(
  `version: 1
hops:
  blue-sfc: { plane: blue, as: 65101, addresses: ["2001:db8:ff00::7"] }
paths:
  - source: "*"
    target: { name: ${own.target}, address: "${own.targetAddress}" }
    allowed:
      - [plane: blue x1-3]
      - ["as: 65101 | 2001:db8::/32", "..."]
    lossPercent: 10
    rttMs: 10
`,
  "watched.yaml",
);
if (!file.ok) throw new Error(JSON.stringify(file.faults));
const { expected } = file;

/** Two looks each, so that most of what is seen is told; whatever it is, it is words, JSON and a file that can be read. */
function watched(bytes: Uint8Array): void {
  const { trace } = parseUp("trace", bytes);
  const said: PathEvent[] = [];
  const options = { onEvent: (event: PathEvent) => said.push(event), onNotice: () => {}, changes: () => [] };
  const watch = new PathWatch({ ...options, least: "notice" });
  watch.setExpected(expected, joinDirectories(expected.directory, EMPTY_DIRECTORY), 0);
  const looks: readonly Trace[] = [own, own, trace, trace];
  for (const [i, look] of looks.entries())
    watch.accept({ ...look, endedAt: look.endedAt + i * MINUTE_MS }, (i + 1) * MINUTE_MS);
  watch.tick(6 * MINUTE_MS);
  for (const event of said) {
    const notice = { kind: "path", id: "n1", at: event.at, event } as const;
    JSON.parse(jsonBody(notice, 0));
    mustBeHarmless((JSON.parse(slackBody(notice, 0)) as { text: string }).text);
  }
  mustBeHarmless(formatTrace(trace));
  for (const { saved } of watch.takeChanged())
    if (saved !== undefined && restorePath(JSON.parse(JSON.stringify(saved))) === undefined)
      throw new Error("what was saved cannot be restored");
  const learned = learnExpected([trace, own], expected.directory, { at: 0, standalone: true });
  const again = parseExpected(learned, "learned.yaml");
  if (!again.ok) throw new Error(`what was learned cannot be read: ${JSON.stringify(again.faults)}`);
}

/** Nothing that moves a terminal's cursor or turns the direction of writing. */
function mustBeHarmless(words: string): void {
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(words.replaceAll("\n", "")))
    throw new Error(`a stranger's text got through: ${JSON.stringify(words)}`);
}

/** A topic, a line feed, the payload. */
const said = (kind: "trace" | "report" | "alive" | "quality" | "counters", node: string): Uint8Array =>
  Buffer.concat([
    Buffer.from(`${topics.up(node, kind)}\n`),
    vectorBytes(`up-${kind}`)[0] ?? new Uint8Array(),
  ]);

export const WATCH_TARGETS: readonly FuzzTarget[] = [
  { name: "path-watch", throws: [VsixError], seeds, run: watched, json: true, cost: 20 },
  {
    name: "ingest",
    throws: [VsixError],
    seeds: [
      said("trace", own.source),
      said("report", "edge-1"),
      said("alive", "edge-1"),
      said("quality", "blue-sfc"),
      said("counters", "blue-sfc"),
    ],
    run: (bytes) => {
      const end = Math.max(0, bytes.indexOf(10));
      const decoded = decodeUp(text(bytes.subarray(0, end)), bytes.subarray(end + 1));
      if (!decoded.ok) throw new VsixError("refused", decoded.reason);
    },
    cost: 5,
  },
  {
    name: "watch-memory",
    throws: [],
    seeds: [savedWatch()],
    run: (bytes) => {
      let value: unknown;
      try {
        value = JSON.parse(text(bytes));
      } catch {
        return;
      }
      const watch = new PathWatch({ onEvent: () => {}, onNotice: () => {}, changes: () => [] });
      watch.restore(value, MINUTE_MS);
      watch.setExpected(expected, expected.directory, MINUTE_MS, [own.source]);
      watch.accept(own, 2 * MINUTE_MS);
      watch.tick(9 * MINUTE_MS);
      watch.list(9 * MINUTE_MS);
      JSON.stringify(watch);
    },
    json: true,
    cost: 50,
  },
  {
    name: "receivers-file",
    throws: [],
    seeds: [readFileSync(new URL("../../examples/watch/notify.yaml", import.meta.url))],
    run: (bytes) => {
      const readSecret = () => ({ secret: "https://hooks.example.org/T0/hidden" });
      parseReceivers(text(bytes), "fuzzed.yaml", { readSecret, shared: false });
    },
    cost: 50,
  },
];

function savedWatch(): Uint8Array {
  const watch = new PathWatch({ onEvent: () => {}, onNotice: () => {}, changes: () => [] });
  watch.setExpected(expected, expected.directory, 0, [own.source]);
  for (let i = 1; i <= 3; i++) watch.accept({ ...own, endedAt: own.endedAt + i * MINUTE_MS }, i * MINUTE_MS);
  watch.silence({ source: "*", target: own.target, by: "somebody", until: 1e13, reason: "works" });
  return Buffer.from(JSON.stringify(watch));
}
