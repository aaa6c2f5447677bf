import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { traceTask } from "@vsix/agent/core/trace/task.ts";
import { TraceError, Tracer } from "@vsix/agent/sensors/tracer.ts";
import { findLoop } from "@vsix/shared/paths/loop.ts";
import type { Trace, TraceFlow, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import {
  A,
  B,
  BLACKHOLE,
  LOOPED,
  NO_ROUTE,
  PROHIBITED,
  R1,
  R2_FROM_A,
  R2_FROM_B,
  SID,
  SOURCE,
  startTraceNetwork,
  TARGET,
} from "./trace-network.ts";

const PROTOCOLS: readonly TraceProtocol[] = ["icmp6", "udp", "tcp"];
/** Of so many flows fewer than six take one of two ways, too few to be sure of what lies behind it, once in 80 million times. */
const MANY = 48;

if (await insideNamespace("trace", import.meta.url)) {
  const network = startTraceNetwork();
  let tracer: Tracer;

  type Options = Omit<Partial<Parameters<typeof traceTask>[0]>, "target" | "sourceAddress">;

  const trace = (options: Options = {}): Promise<Trace> => {
    const { targetAddress = TARGET, protocol = "icmp6" } = options;
    return tracer.trace(
      traceTask({
        spacingMs: 20,
        ratePerS: 400,
        ...options,
        target: "there",
        targetAddress,
        protocol,
        sourceAddress: SOURCE,
      }),
    );
  };
  const only = ({ flows: [flow] }: Trace): TraceFlow => flow ?? assert.fail("a trace without a flow");
  /** Every address that answered at each hop. */
  const pathOf = ({ hops }: TraceFlow): string[] =>
    hops.map(({ answers }) => [...new Set(answers.map(({ address }) => address))].join());

  before(async () => {
    tracer = Tracer.open({
      source: "here",
      nowUs: () => performance.now() * 1000,
      wallMs: Date.now,
      random: Math.random,
    });
    // Once for each way, so that no probe waits for neighbour discovery.
    await trace({ flows: 8, silentHops: 8 });
  });
  after(() => tracer[Symbol.asyncDispose]());

  for (const protocol of PROTOCOLS)
    test(`${protocol}: a chain of routers is seen hop by hop, every probe answered`, async () => {
      const result = await trace({ protocol });
      const flow = only(result);
      const [first, way, third, last] = pathOf(flow);
      assert.deepEqual([first, last], [R1, TARGET]);
      assert.equal(third, way === A ? R2_FROM_A : R2_FROM_B);
      assert.ok(way === A || way === B, way);
      assert.deepEqual(flow.end, { kind: "reached", hop: 4 });
      for (const { sent, answers, rateLimited } of flow.hops) {
        assert.deepEqual([sent, answers.length, rateLimited], [3, 3, false]);
        assert.ok(answers.every(({ rttUs }) => rttUs > 0 && rttUs < 60_000_000));
      }
      assert.equal(result.sourceAddress, SOURCE);
      const kind = { icmp6: "echo-reply", udp: "unreachable", tcp: "tcp-rst" }[protocol];
      assert.equal(flow.hops[3]?.answers[0]?.kind, kind);
    });

  for (const policy of [0, 1] as const)
    for (const protocol of PROTOCOLS)
      test(`${protocol}, hash policy ${policy}: a flow keeps one way, the next time too; flows together show both ways`, async () => {
        network.sysctl("r1", `net.ipv6.fib_multipath_hash_policy=${policy}`);
        const results = [await trace({ protocol, flows: MANY }), await trace({ protocol, flows: MANY })];
        const [paths = [], again = []] = results.map(({ flows }) => flows.map(pathOf));
        assert.deepEqual(again, paths);
        const ways = new Set(paths.map(([, way]) => way));
        // Policy 1 hashes addresses, protocol and ports; an echo has none.
        const both = protocol === "icmp6" && policy === 1 ? 1 : 2;
        assert.equal(ways.size, both, [...ways].join(" "));
        for (const way of ways) assert.ok(way === A || way === B, `one address a hop: ${way}`);
        assert.ok((results[0]?.allPathsSeen ?? 0) > 0.95, `${results[0]?.allPathsSeen}`);
      });

  test("flows are added until it is sure enough that no way is missing", async () => {
    network.sysctl("r1", "net.ipv6.fib_multipath_hash_policy=0");
    const { flows, allPathsSeen = 0 } = await trace({ flows: 2, maxFlows: 64, probes: 1, confidence: 0.99 });
    assert.ok(flows.length >= 15 && flows.length < 64, `${flows.length} flows`);
    assert.ok(allPathsSeen >= 0.99);
    assert.equal(new Set(flows.map((flow) => pathOf(flow)[1])).size, 2);
  });

  test("an open TCP port answers with SYN-ACK and no connection is left", async () => {
    const { createServer } = await import("node:net");
    let connections = 0;
    await using server = createServer(() => connections++);
    await new Promise<void>((resolve) => server.listen(8080, SOURCE, resolve));
    const own = await tracer.trace(
      traceTask({
        target: "self",
        targetAddress: SOURCE,
        sourceAddress: SOURCE,
        protocol: "tcp",
        port: 8080,
      }),
    );
    assert.deepEqual(only(own).end, { kind: "reached", hop: 1 });
    assert.equal(only(own).hops[0]?.answers[0]?.kind, "tcp-syn-ack");
    assert.equal(connections, 0);
  });

  test("a hop that says nothing is silent, and the path goes on", async () => {
    using _ = network.nft("r2", "output", "icmpv6 type time-exceeded drop");
    for (const protocol of PROTOCOLS) {
      const flow = only(await trace({ protocol }));
      assert.deepEqual([flow.hops[2]?.sent, flow.hops[2]?.answers], [3, []]);
      assert.deepEqual(flow.end, { kind: "reached", hop: 4 });
    }
  });

  test("a hop that limits its rate is told from a path that loses", async () => {
    network.sysctl("r2", "net.ipv6.icmp.ratelimit=200");
    try {
      await sleep(500); // for two answers; a third takes 200 ms more
      const { hops } = only(await trace({ probes: 12 }));
      const [, , limited, last] = hops;
      assert.ok(limited !== undefined && limited.answers.length > 0 && limited.answers.length < 12);
      assert.equal(limited.rateLimited, true);
      assert.deepEqual([last?.answers.length, last?.rateLimited], [12, false]);
    } finally {
      network.sysctl("r2", "net.ipv6.icmp.ratelimit=0");
    }
  });

  test("what is lost on the way is counted, and no hop is said to limit its rate", async () => {
    using _ = network.nft("t", "input", "ip6 hoplimit 1 icmpv6 type echo-request numgen inc mod 4 == 0 drop");
    const { hops } = only(await trace({ probes: 20 }));
    assert.deepEqual(
      hops.map(({ sent, answers, rateLimited }) => [sent, answers.length, rateLimited]),
      [
        [20, 20, false],
        [20, 20, false],
        [20, 20, false],
        [20, 15, false],
      ],
    );
  });

  test("a route that refuses says how; a black hole says nothing", async () => {
    for (const protocol of PROTOCOLS) {
      for (const [targetAddress, code] of [
        [NO_ROUTE, 0],
        [PROHIBITED, 1],
      ] as const) {
        const flow = only(await trace({ protocol, targetAddress }));
        const [, , address] = pathOf(flow);
        assert.ok(address === R2_FROM_A || address === R2_FROM_B);
        assert.deepEqual(flow.end, { kind: "unreachable", hop: 3, address, code });
      }
      const { end, hops } = only(await trace({ protocol, targetAddress: BLACKHOLE }));
      assert.deepEqual([end, hops.length], [{ kind: "silent", fromHop: 3 }, 3]);
    }
  });

  test("packets that go round end the trace, and the loop is named", async () => {
    const { hops, end } = only(await trace({ targetAddress: LOOPED }));
    assert.equal(end.kind, "too-long");
    assert.ok(hops.length < 15, "no probe goes round for 30 hops");
    const loop = findLoop(hops.map(({ answers }) => answers[0]?.address));
    assert.deepEqual(loop, { fromHop: 3, length: 2 });
  });

  test("the path MTU is what the narrowest link takes, also where nobody says so", async () => {
    const maxMtu = 9216;
    for (const protocol of PROTOCOLS) assert.equal((await trace({ protocol, maxMtu })).pathMtu, 1500);
    for (const [router, device] of [
      ["r2", "r2-t"],
      ["t", "t-r2"],
    ] as const)
      network.ip(router, "link", "set", device, "mtu", "1389");
    try {
      for (const protocol of PROTOCOLS) assert.equal((await trace({ protocol, maxMtu })).pathMtu, 1389);
      using _ = network.nft("r2", "output", "icmpv6 type packet-too-big drop");
      assert.equal((await trace({ maxMtu, timeoutMs: 300 })).pathMtu, 1389);
    } finally {
      network.ip("r2", "link", "set", "r2-t", "mtu", "1500");
      network.ip("t", "link", "set", "t-r2", "mtu", "1500");
    }
  });

  test("many traces at once do not take each other's answers, the same one twice neither", async () => {
    const tasks = [TARGET, TARGET, R2_FROM_A, NO_ROUTE].flatMap((targetAddress) =>
      PROTOCOLS.map((protocol) => ({ targetAddress, protocol, flows: 4 })),
    );
    const results = await Promise.all(tasks.map(trace));
    for (const { targetAddress, flows } of results) {
      const end = targetAddress === NO_ROUTE ? "unreachable" : "reached";
      for (const flow of flows) {
        assert.deepEqual([flow.end.kind, flow.hops.length], [end, targetAddress === TARGET ? 4 : 3]);
        assert.ok(flow.hops.every(({ sent, answers }) => sent === answers.length));
      }
    }
  });

  test("a path that this machine sends through SRv6 is seen by what the routers quote", async () => {
    ip([
      "-6",
      "route",
      "add",
      TARGET,
      "encap",
      "seg6",
      "mode",
      "encap",
      "segs",
      SID,
      "dev",
      "s-r1",
      "via",
      R1,
    ]);
    try {
      for (const protocol of PROTOCOLS) {
        const flow = only(await trace({ protocol }));
        const [first, way = "", ...rest] = pathOf(flow);
        assert.equal(first, R1);
        assert.ok([A, B].includes(way), way);
        assert.deepEqual(rest, [TARGET]);
      }
    } finally {
      ip(["-6", "route", "del", TARGET]);
    }
  });

  test("a packet that cannot leave, a task that cannot be and an end in the middle are told", async () => {
    ip(["-6", "route", "add", "prohibit", "2001:db8:99::1"]);
    const flow = only(await trace({ targetAddress: "2001:db8:99::1" }));
    assert.equal(flow.end.kind, "failed");
    for (const wrong of [{ targetAddress: "fe80::1" }, { flows: 65 }, { targetAddress: "x" }])
      await assert.rejects(
        trace(wrong),
        (error) => error instanceof TraceError && error.code === "trace-task",
      );
    const stop = new AbortController();
    const reason = new Error("enough");
    const running = tracer.trace(
      traceTask({ target: "t", targetAddress: BLACKHOLE, sourceAddress: SOURCE, protocol: "udp" }),
      stop.signal,
    );
    const waiting = trace({ targetAddress: BLACKHOLE, protocol: "udp" });
    stop.abort(reason);
    await assert.rejects(running, reason);
    assert.equal(only(await waiting).end.kind, "silent");
  });
}
