import assert from "node:assert/strict";
import { test } from "node:test";
import { bgpDriver } from "../../agent/src/resources/bgp/driver.ts";
import { BgpEngineError } from "../../agent/src/resources/bgp/engine.ts";
import { Network, until } from "./network.ts";
import {
  bestNextHop,
  EDGE_PREFIX,
  NEXT_HOP,
  policyNetwork,
  ROUTERS,
  speakerOf,
  table,
} from "./policy-network.ts";

const skip = Network.missing() ?? false;
const BLUE = { blue: 100, green: 200 };
const GREEN = { blue: 200, green: 100 };

test("A driver without an engine says so", async () => {
  const engine = bgpDriver({ socketPath: "/nonexistent/gobgpd.sock" });
  const unavailable = (error: unknown): boolean =>
    error instanceof BgpEngineError && error.code === "bgp-unavailable";
  await assert.rejects(engine.plan(speakerOf("xe", BLUE)), unavailable);
  await assert.rejects(engine.sessions(), unavailable);
  await assert.rejects(engine.setPeerEnabled("fd00::1", false, "link down"), unavailable);
});

test("Steering moves both directions without touching a session; a restarted agent changes nothing", {
  skip,
}, async () => {
  await using lab = await policyNetwork("drv", BLUE);
  const { engines, clients } = lab;
  const signal = AbortSignal.timeout(120_000);
  const upSince = async (): Promise<string> =>
    JSON.stringify(
      (await Promise.all(ROUTERS.map((router) => engines[router].sessions()))).map((states) =>
        states.map((state) => [state.neighbour, state.upSince, state.state]),
      ),
    );

  for (const router of ROUTERS) {
    assert.deepEqual(await engines[router].plan(speakerOf(router, BLUE)), [], router);
    const restarted = bgpDriver({ socketPath: lab.network.socketPath(router) });
    assert.deepEqual(await restarted.reconcile(speakerOf(router, BLUE), signal), {
      changed: [],
      restarted: false,
      verified: true,
    });
  }
  const before = await upSince();
  const reaches = async (edge: string, xe: string): Promise<boolean> =>
    (await bestNextHop(clients.edge, "::/0")) === edge && (await bestNextHop(clients.xe, EDGE_PREFIX)) === xe;
  await until("blue carries both directions", () => reaches(NEXT_HOP.blue, NEXT_HOP.blueFromXe));

  for (const [meds, edge, xe] of [
    [GREEN, NEXT_HOP.green, NEXT_HOP.greenFromXe],
    [BLUE, NEXT_HOP.blue, NEXT_HOP.blueFromXe],
    [{ blue: 1234, green: 100 }, NEXT_HOP.green, NEXT_HOP.greenFromXe],
  ] as const) {
    const changed = await lab.reconcile(meds);
    assert.deepEqual(changed.edge, []);
    assert.deepEqual(changed.xe, []);
    assert.ok(
      changed.blue.every((line) => /^bgp (policy:|policy in force|soft reset)/.test(line)),
      changed.blue.join("; "),
    );
    await until(`med ${JSON.stringify(meds)} moves both directions`, () => reaches(edge, xe));
  }
  assert.equal(await upSince(), before);

  const xe = await table(clients.xe);
  const meds = (xe.get(EDGE_PREFIX) ?? []).map((path) => path.med).sort();
  assert.deepEqual(meds, [100, 1234]);

  // a neighbour changed, and a path no longer originated
  const narrower = speakerOf("blue", { blue: 1234, green: 100 }, 50);
  const { changed } = await engines.blue.reconcile({ ...narrower, originated: [] }, signal);
  assert.deepEqual(
    changed.map((line) => line.split(" ").slice(0, 3).join(" ")),
    ["bgp neighbour fd00:eb::1", "bgp originate 2001:db8:ff00::1/128", "bgp neighbour fd00:eb::1"],
  );
  assert.deepEqual(await engines.blue.plan({ ...narrower, originated: [] }), []);
});

test("What an agent set and was killed before putting in force, the next one puts in force", {
  skip,
}, async () => {
  await using lab = await policyNetwork("kil", BLUE);
  const { clients, network } = lab;
  const signal = AbortSignal.timeout(120_000);
  const carriedBy = async (edge: string, xe: string): Promise<boolean> =>
    (await bestNextHop(clients.edge, "::/0")) === edge && (await bestNextHop(clients.xe, EDGE_PREFIX)) === xe;
  await until("blue carries", () => carriedBy(NEXT_HOP.blue, NEXT_HOP.blueFromXe));
  const killed = new Error("killed");
  for (const router of ["blue", "green"] as const) {
    const socketPath = network.socketPath(router);
    const abort = new AbortController();
    const dying = bgpDriver({
      socketPath,
      wrapClient: (client) => ({
        ...client,
        softReset: async () => {
          abort.abort(killed);
          throw killed;
        },
      }),
    });
    await assert.rejects(dying.reconcile(speakerOf(router, GREEN), abort.signal), killed);
  }
  assert.ok(await carriedBy(NEXT_HOP.blue, NEXT_HOP.blueFromXe), "nothing has moved");
  for (const router of ["blue", "green"] as const) {
    const next = bgpDriver({ socketPath: network.socketPath(router) });
    const { changed } = await next.reconcile(speakerOf(router, GREEN), signal);
    assert.match(changed.join("; "), /^bgp soft reset both \S+; bgp policy in force$/);
    assert.deepEqual(await next.plan(speakerOf(router, GREEN)), []);
  }
  await until("green carries", () => carriedBy(NEXT_HOP.green, NEXT_HOP.greenFromXe));
});

test("A link event closes a session at once, and reconciling does not undo it", { skip }, async () => {
  await using lab = await policyNetwork("lnk", BLUE);
  const { engines, clients } = lab;
  await until(
    "the Edge's prefix at xe by blue",
    async () => (await bestNextHop(clients.xe, EDGE_PREFIX)) === NEXT_HOP.blueFromXe,
  );
  await engines.blue.setPeerEnabled("fd00:eb::1", false, "link down");
  await until(
    "green takes over",
    async () => (await bestNextHop(clients.xe, EDGE_PREFIX)) === NEXT_HOP.greenFromXe,
    5000,
  );
  await lab.reconcile(BLUE);
  const down = (await engines.blue.sessions()).find((session) => session.neighbour === "edge");
  assert.equal(down?.admin, "down");
  assert.equal(down?.note, "link down");
  await engines.blue.setPeerEnabled("fd00:eb::1", true, "link up");
  await until("blue again", async () => (await bestNextHop(clients.xe, EDGE_PREFIX)) === NEXT_HOP.blueFromXe);
});

test("A neighbour that died is taken out at once, though graceful restart would keep its routes", {
  skip,
}, async () => {
  await using lab = await policyNetwork("stl", BLUE);
  const { engines, clients, network } = lab;
  const carried = async (by: string): Promise<boolean> => (await bestNextHop(clients.xe, EDGE_PREFIX)) === by;
  await until("blue carries", () => carried(NEXT_HOP.blueFromXe));
  await network.kill("edge");
  await until("blue to keep stale routes", async () =>
    ((await table(clients.blue)).get(EDGE_PREFIX) ?? []).some((path) => path.stale),
  );
  await engines.blue.setPeerEnabled("fd00:eb::1", false, "does not answer");
  await until("green, which still keeps its own", () => carried(NEXT_HOP.greenFromXe), 20_000);
  assert.deepEqual(await engines.blue.plan(speakerOf("blue", BLUE)), []);
  await network.startGobgpd("edge");
  await engines.edge.reconcile(speakerOf("edge", BLUE), AbortSignal.timeout(60_000));
  await engines.blue.setPeerEnabled("fd00:eb::1", true, "answers");
  await until("blue again", () => carried(NEXT_HOP.blueFromXe), 60_000);
});

test("An engine that restarts empty is configured again and its neighbours keep their routes", {
  skip,
}, async () => {
  await using lab = await policyNetwork("gr", BLUE);
  const { engines, clients, network } = lab;
  const signal = AbortSignal.timeout(120_000);
  await until(
    "blue carries",
    async () => (await bestNextHop(clients.xe, EDGE_PREFIX)) === NEXT_HOP.blueFromXe,
  );
  const moves: (string | undefined)[] = [];
  const watching = new AbortController();
  const watch = (async () => {
    for await (const event of clients.xe.watch({ best: true, signal: watching.signal }))
      if (event.type === "paths")
        for (const path of event.paths)
          if (path.prefix === EDGE_PREFIX) moves.push(path.withdraw ? "withdrawn" : path.nextHop);
  })();
  await network.kill("blue");
  await assert.rejects(engines.blue.reconcile(speakerOf("blue", BLUE), signal), BgpEngineError);
  await network.startGobgpd("blue");
  const result = await engines.blue.reconcile(speakerOf("blue", BLUE), signal);
  assert.equal(result.restarted, true);
  await until("sessions of blue", async () =>
    (await engines.blue.sessions()).every(
      (session) => session.state === "established" && session.received > 0,
    ),
  );
  await until(
    "nothing is stale at xe",
    async () => ((await table(clients.xe)).get(EDGE_PREFIX) ?? []).filter((path) => !path.stale).length === 2,
  );
  assert.equal(await bestNextHop(clients.xe, EDGE_PREFIX), NEXT_HOP.blueFromXe);
  assert.ok(!moves.includes("withdrawn") && !moves.includes(NEXT_HOP.greenFromXe), moves.join());
  watching.abort();
  await watch;
});
