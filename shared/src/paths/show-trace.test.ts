import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTrace } from "./show-trace.ts";
import type { Trace, TraceFlow, TraceHop } from "./trace.ts";

const hop = (
  number: number,
  address: string | undefined,
  answered: number,
  more: Partial<TraceHop> = {},
): TraceHop => ({
  hop: number,
  sent: 4,
  answers: Array.from({ length: answered }, (_, i) => ({
    address: address ?? "",
    rttUs: number * 1000 + i * 10,
    kind: "time-exceeded",
  })),
  rateLimited: false,
  ...more,
});
const flow = (number: number, hops: readonly TraceHop[], end: TraceFlow["end"]): TraceFlow => ({
  flow: number,
  flowLabel: 0xab + number,
  sourcePort: 61440 + number,
  destinationPort: 443,
  hops,
  end,
});
const trace = (flows: readonly TraceFlow[], more: Partial<Trace> = {}): Trace => ({
  version: 1,
  source: "here",
  sourceAddress: "2001:db8::1",
  target: "there",
  targetAddress: "2001:db8:9::1",
  protocol: "tcp",
  startedAt: 0,
  endedAt: 0,
  flows,
  ...more,
});

test("flows of one path are one table, hops say what they lose and why", () => {
  const hops = [
    hop(1, "2001:db8:1::1", 4),
    hop(2, "2001:db8:2::1", 3, { rateLimited: true }),
    hop(3, undefined, 0),
  ];
  const last: TraceHop = {
    ...hop(4, "2001:db8:9::1", 2),
    answers: [
      { address: "2001:db8:9::1", rttUs: 4000, kind: "tcp-rst" },
      { address: "2001:db8:8::1", rttUs: 5000, kind: "unreachable", detail: 1 },
    ],
  };
  const same = [...hops, last];
  const text = formatTrace(
    trace([flow(0, same, { kind: "reached", hop: 4 }), flow(1, same, { kind: "reached", hop: 4 })], {
      pathMtu: 1460,
      allPathsSeen: 0.9876,
    }),
  );
  assert.equal(
    text,
    `trace to there (2001:db8:9::1) from 2001:db8::1 by tcp port 443

flows 0 (label 0x000ab), 1 (label 0x000ac)
hop  address         loss  sent   min ms   avg ms   max ms
  1  2001:db8:1::1    0 %     8    1.000    1.015    1.030
  2  2001:db8:2::1   25 %     8    2.000    2.010    2.020  limits its rate, the path loses nothing
  3  *              100 %     8                             silent
  4  2001:db8:9::1   50 %     8    4.000    4.000    4.000  port closed
     2001:db8:8::1                 5.000    5.000    5.000  administratively prohibited
reached at hop 4

path MTU 1460

1 path seen by 2 flows; that these are all: 98.8 %
`,
  );
});

test("every end is said", () => {
  const said = (end: TraceFlow["end"], hops: readonly TraceHop[] = []): string =>
    formatTrace(trace([flow(0, hops, end)]))
      .trimEnd()
      .split("\n")
      .slice(3)
      .join("; ");
  assert.equal(
    said({ kind: "unreachable", hop: 2, address: "2001:db8::9", code: 0 }),
    "unreachable at hop 2: 2001:db8::9 says no route",
  );
  assert.equal(
    said({ kind: "unreachable", hop: 2, address: "x", code: 77 }),
    "unreachable at hop 2: x says unreachable, code 77",
  );
  assert.equal(said({ kind: "silent", fromHop: 3 }), "silent from hop 3 on");
  assert.equal(said({ kind: "failed", reason: "no route (ENETUNREACH)" }), "failed: no route (ENETUNREACH)");
  const around = ["a", "b", "c", "b", "c"].map((address, i) => hop(i + 1, address, 1));
  assert.match(
    said({ kind: "too-long", maxHops: 5 }, around),
    /; not reached within 5 hops; loop of 2 routers from hop 2 on$/,
  );
});
