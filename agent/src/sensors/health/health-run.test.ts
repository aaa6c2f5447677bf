import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "@sinclair/typebox/value";
import { Health } from "@vsix/shared/contract/up-health.ts";
import { resolveHealth } from "@vsix/shared/fabric/resolve-health.ts";
import { diagnose } from "../../core/health/diagnose.ts";
import type { LocalFacts, Outcome } from "../../core/health/model.ts";
import { planChecks } from "../../core/health/plan.ts";
import { healthReport } from "../../core/health/report.ts";
import { type Due, HealthRun } from "../../core/health/run.ts";
import { carryOut } from "./health-run.ts";

const PART = resolveHealth({
  targets: { outside: "2001:db8:2::80" },
  web: { page: "http://www.example/" },
  translated: { old: "http://old.example/" },
  pref64: [{ prefix: "2001:db8:64::/96", at: "note" }],
  resolvers: ["2001:db8:2::53"],
  planes: { blue: { "blue-sfc": "2001:db8:b::1" }, green: { "green-sfc": "2001:db8:c::1" } },
});

const FACTS: LocalFacts = {
  port: { name: "eth0", index: 2, up: true, carrier: true, mtu: 1500 },
  addresses: [
    {
      address: "2001:db8:1::c",
      scope: "global",
      tentative: false,
      duplicate: false,
      deprecated: false,
      dynamic: true,
    },
  ],
  route: { interface: "eth0", index: 2, gateway: "fe80::1", by: "advertisement" },
  ipv4: { addresses: [] },
  resolvers: [],
  advertisement: undefined,
};

/** What differs from a network that is well. */
interface Broken {
  readonly silent?: readonly string[];
  readonly there?: boolean;
  readonly dns?: "silent" | "no-dns64" | "other-prefix" | "servfail";
  readonly pages?: Readonly<Record<string, "refused" | "timeout" | "stalled">>;
  readonly lost?: number;
  readonly told?: number;
  readonly clockMs?: number;
}

const DNS: Readonly<Record<string, string>> = {
  "www.example": "2001:db8:2::80",
  "old.example": "2001:db8:64::c000:250",
  "ipv4only.arpa": "2001:db8:64::c000:aa",
};

function world(broken: Broken): (due: Due) => Promise<Outcome> {
  return async ({ check: { task }, address = "" }) => {
    const silent = broken.silent?.includes(address) ?? false;
    switch (task.kind) {
      case "facts":
        throw new Error("nobody makes facts");
      case "echo":
        return {
          kind: "echo",
          address,
          sent: task.count,
          rttsUs: silent ? [] : Array.from({ length: task.count }, () => 1000),
          errors: [],
          ...(task.neighbourOn === undefined ? {} : { there: broken.there ?? !silent }),
        };
      case "trace":
        return {
          kind: "trace",
          address,
          reached: !silent,
          hops: [{ hop: 1, address: "2001:db8:1::1", us: 900 }],
        };
      case "query": {
        const none = {
          kind: "query",
          us: 1000,
          rcode: 0,
          addresses: [],
          authentic: false,
          tcp: false,
        } as const;
        if (broken.dns === "silent") return { ...none, fault: "no answer in 2 s" };
        if (broken.dns === "servfail") return { ...none, rcode: 2 };
        if (task.type === "A") return none;
        const found = DNS[task.name] ?? "";
        const made = task.name === "ipv4only.arpa" || task.name === "old.example";
        if (made && broken.dns === "no-dns64") return none;
        return {
          ...none,
          addresses: [broken.dns === "other-prefix" ? found.replace(":64:", ":65:") : found],
        };
      }
      case "fetch": {
        const fault = broken.pages?.[address];
        const page = { kind: "fetch", address } as const;
        if (fault === "stalled")
          return { ...page, connectUs: 900, fault: { code: fault, text: "the page stalls" } };
        if (fault !== undefined) return { ...page, fault: { code: fault, text: "connection refused" } };
        return { ...page, connectUs: 900, status: 200, firstByteUs: 2000, clockMs: broken.clockMs ?? 0 };
      }
      case "mtu":
        return {
          kind: "mtu",
          address,
          sizes: task.sizes.map((size) =>
            size > (broken.lost ?? 9000)
              ? { size, how: "lost" }
              : size > (broken.told ?? 9000)
                ? { size, how: "told", from: "2001:db8:1::1", mtu: 1400 }
                : { size, how: "passes" },
          ),
          ...(broken.lost === undefined ? {} : { lostBehind: "2001:db8:1::1" }),
        };
    }
  };
}

async function look(broken: Broken, facts: Partial<LocalFacts> = {}) {
  const all = { ...FACTS, ...facts };
  const run = new HealthRun(PART, all, planChecks(PART, all));
  const made: string[] = [];
  const make = world(broken);
  await carryOut(
    run,
    (due) => {
      made.push(due.check.id);
      return make(due);
    },
    undefined,
    new AbortController().signal,
  );
  assert.ok(run.isOver, "every check is decided");
  const diagnosis = diagnose(PART, all, run.results);
  const report = healthReport(
    { node: "n", instance: "i", run: 1, startedMs: 1, tookMs: 1 },
    diagnosis,
    run.results,
  );
  assert.equal(Value.Errors(Health, report).First(), undefined);
  return { ...diagnosis, results: run.results, made, codes: diagnosis.verdicts.map(({ code }) => code) };
}

test("a network that is well has no verdict, and every check of it is made", async () => {
  const { state, codes, results, layers } = await look({});
  assert.deepEqual([state, codes], ["good", []]);
  assert.ok(results.every(({ tried }) => tried || false));
  assert.ok(
    layers.every(({ state: one }) => one === "good"),
    JSON.stringify(layers),
  );
});

const OUTSIDE = [
  "2001:db8:2::80",
  "2001:db8:b::1",
  "2001:db8:c::1",
  "2001:db8:2::53",
  "2001:db8:64::c000:250",
];
const PAGE = "2001:db8:2::80";
const OLD = "2001:db8:64::c000:250";

const CASES: readonly (readonly [string, Broken, Partial<LocalFacts>, readonly string[], RegExp])[] = [
  [
    "a pulled cable",
    {},
    { port: { name: "eth0", index: 2, up: true, carrier: false, mtu: 1500 } },
    ["link-down"],
    /eth0: no carrier/,
  ],
  [
    "a duplicate address",
    {},
    {
      addresses: [
        {
          address: "fe80::2",
          scope: "link",
          tentative: true,
          duplicate: true,
          deprecated: false,
          dynamic: false,
        },
      ],
    },
    ["duplicate-address"],
    /fe80::2/,
  ],
  ["no advertisement", {}, { addresses: [] }, ["no-advertisement"], /no router advertises/],
  ["no route", {}, { route: undefined as never }, ["no-route"], /no route to the outside/],
  [
    "a gateway that is gone",
    { silent: ["fe80::1"] },
    {},
    ["gateway-silent"],
    /gateway fe80::1 on eth0 is not there.*neighbour solicitations/,
  ],
  [
    "everything behind the gateway",
    { silent: OUTSIDE, dns: "silent" },
    {},
    ["outside-silent"],
    /nothing outside answers.*hop 1, 2001:db8:1::1/,
  ],
  [
    "a dead resolver",
    { dns: "silent" },
    {},
    ["resolver-silent"],
    /resolver 2001:db8:2::53 does not answer.*though it answers echoes/,
  ],
  ["a resolver that fails", { dns: "servfail" }, {}, ["resolver-fails"], /SERVFAIL/],
  ["DNS64 off", { dns: "no-dns64" }, {}, ["dns64-off"], /answers, but does no DNS64/],
  [
    "another prefix",
    { dns: "other-prefix" },
    {},
    ["pref64-differs"],
    /DNS64 has 2001:db8:65::\/96; the configuration has 2001:db8:64::\/96/,
  ],
  [
    "a dead translator",
    { silent: [OLD], pages: { [OLD]: "timeout" } },
    {},
    ["translator-silent"],
    /^DNS64 answers, but translated fetches fail: NAT64 at note/,
  ],
  [
    "a dead IPv4 page",
    { pages: { [OLD]: "refused" } },
    {},
    ["ipv4-page-fails"],
    /old fails, though NAT64 at note translates/,
  ],
  ["a dead page", { pages: { [PAGE]: "refused" } }, {}, ["web-fails"], /page page fails: connection refused/],
  [
    "a black hole",
    { lost: 1280, pages: { [PAGE]: "stalled", [OLD]: "stalled" } },
    {},
    ["size-black-hole"],
    /1460 octets vanish without a Packet Too Big, 1280 pass, lost behind 2001:db8:1::1/,
  ],
  [
    "a dead plane",
    { silent: ["2001:db8:c::1"] },
    {},
    ["plane-silent"],
    /plane green does not answer \(green-sfc\); blue does/,
  ],
  ["a wrong clock", { clockMs: 7_200_000 }, {}, ["clock-wrong"], /7200 s behind/],
];

for (const [what, broken, facts, codes, says] of CASES)
  test(`${what} is named, and nothing else`, async () => {
    const found = await look(broken, facts);
    assert.deepEqual(found.codes, codes, JSON.stringify(found.verdicts));
    assert.match(found.verdicts[0]?.text ?? "", says);
  });

test("too large is no fault where a router says so", async () => {
  assert.deepEqual((await look({ told: 1400 })).codes, []);
});

test("a gateway that is there but answers no echo is no fault, and what is behind it is tried", async () => {
  const { codes, results } = await look({ silent: ["fe80::1"], there: true });
  assert.deepEqual(codes, []);
  assert.ok(results.some(({ check, state }) => check.role === "target" && state === "good"));
});

test("what depends on a failure is not tried, and names the cause and not the link before it", async () => {
  const { results, made } = await look({ silent: ["fe80::1"] });
  assert.ok(!made.some((id) => id.startsWith("web") || id.startsWith("lookup") || id.startsWith("mtu")));
  const web = results.find(({ check }) => check.role === "web");
  assert.match(web?.text ?? "", /^not tried, because gateway fe80::1: no answer to 5 echoes/);
});

test("a path is traced to an IPv4 page only where that fails", async () => {
  assert.ok(!(await look({})).made.includes("translated-trace old"));
  assert.ok((await look({ pages: { [OLD]: "refused" } })).made.includes("translated-trace old"));
});

test("a check that this machine cannot make is excused, and those behind it are made", async () => {
  const run = new HealthRun(PART, FACTS, planChecks(PART, FACTS));
  const make = world({});
  await carryOut(
    run,
    async (due) => {
      if (due.check.task.kind === "echo") throw new Error("raw sockets need root");
      return make(due);
    },
    undefined,
    new AbortController().signal,
  );
  const { verdicts } = diagnose(PART, FACTS, run.results);
  assert.deepEqual(verdicts, []);
  assert.ok(run.results.some(({ check, state }) => check.role === "web" && state === "good"));
});
