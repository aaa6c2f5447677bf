import assert from "node:assert/strict";
import { test } from "node:test";
import { newHealth } from "../core/services/health.ts";
import { buildReport, type ReportFacts } from "./reporter.ts";

const FACTS: ReportFacts = {
  node: "r1",
  document: undefined,
  kinds: [],
  kernel: undefined,
  waiting: new Map(
    Array.from({ length: 5000 }, (_, i) => [`route ${i}`, "next hop is behind no usable link"]),
  ),
  ribComplete: true,
  engineConverged: false,
  engineReason: "gobgpd does not answer",
  sessions: [],
  isBfdUp: () => undefined,
  services: [],
  tunnels: [],
  refusal: undefined,
  custody: {},
  repaired: new Map(),
  faults: new Map([["document store", "read-only file system"]]),
  nowMs: 0,
};

test("thousands of routes that wait neither hide an error nor make the report large", () => {
  const report = buildReport(FACTS, new Map());
  assert.deepEqual(
    report.conditions.slice(0, 2).map(({ object, state }) => `${object} ${state}`),
    ["document store error", "bgp engine error"],
  );
  assert.equal(report.conditions.length, 100);
});

test("what a node does for everybody is told with when it began or ceased to work", () => {
  assert.equal(buildReport(FACTS, new Map()).services, undefined);
  const health = { ...newHealth(false, 0), reason: "A of ipv4only.arpa: ETIMEOUT", looks: 9, failed: 2 };
  const services = [{ name: "resolver" as const, health, forMs: 5_000, pid: undefined, starts: 3 }];
  assert.deepEqual(buildReport({ ...FACTS, services, nowMs: 65_000 }, new Map()).services, [
    {
      name: "resolver",
      working: false,
      since: "1970-01-01T00:01:00.000Z",
      reason: "A of ipv4only.arpa: ETIMEOUT",
      running: false,
      starts: 3,
      looks: 9,
      failed: 2,
    },
  ]);
});

test("a condition keeps its time while its reason stays the same", () => {
  const memory = new Map();
  buildReport(FACTS, memory);
  const later = buildReport({ ...FACTS, nowMs: 60_000, engineReason: "other" }, memory);
  assert.deepEqual(
    later.conditions.slice(0, 2).map(({ since }) => since),
    ["1970-01-01T00:00:00.000Z", "1970-01-01T00:01:00.000Z"],
  );
});

test("a session says how BFD is where it is wanted, and nothing where it is not", () => {
  const session = {
    address: "::1",
    state: "established",
    admin: "up",
    received: 1,
    accepted: 1,
    upSince: 0,
  } as const;
  const neighbour = { interface: "to-a", bfd: { intervalMs: 200, multiplier: 3 } };
  const bgp = {
    neighbours: [
      { ...neighbour, name: "a" },
      { ...neighbour, name: "b", interface: "to-b" },
      { name: "c", interface: "to-c" },
    ],
  };
  const manifest = { epoch: 1, generation: 1, parts: [] };
  const facts: ReportFacts = {
    ...FACTS,
    document: { manifest, bgp } as unknown as NonNullable<ReportFacts["document"]>,
    sessions: ["a", "b", "c"].map((name) => ({ ...session, neighbour: name })),
    isBfdUp: (name) => name === "to-a",
  };
  const { sessions } = buildReport(facts, new Map());
  assert.deepEqual(
    sessions.map(({ neighbour: name, bfd }) => `${name} ${bfd}`),
    ["a up", "b down", "c undefined"],
  );
});
