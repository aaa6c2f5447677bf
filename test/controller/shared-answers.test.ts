import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { createAccount, setAccountState } from "../../controller/src/access/accounts.ts";
import { systemClock } from "../../controller/src/clock.ts";
import { parseConfig } from "../../controller/src/config.ts";
import { Controller } from "../../controller/src/controller.ts";
import { buildServer } from "../../controller/src/http/server.ts";
import { applyFabric } from "../../controller/src/operations/apply.ts";
import { steer } from "../../controller/src/operations/steer.ts";
import { requirePortal } from "../../controller/src/portal/portal.ts";
import type { PortalRole } from "../../controller/src/portal/roles.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { ITSELF, ORIGIN } from "./browser.ts";
import { QUICK } from "./harness.ts";

/** Answers that are kept for everybody who may ask (http/shared-answer.ts). */
const SHARED = ["/v1/status", "/v1/edges", "/v1/nodes", "/v1/topology", "/v1/topology/loads"];
const MANY = 1_000_000;
const LIMITS = {
  tokenPerMinute: MANY,
  addressPerMinute: MANY,
  failuresPerMinute: MANY,
  connections: 100,
  connectionsPerAddress: 100,
  headersMs: 10_000,
};

let directory: string;
let controller: Controller;
let server: FastifyInstance;
const secrets = new Map<string, string>();

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "vsix-shared-"));
  const config = parseConfig(
    {
      stateDir: join(directory, "state"),
      socket: join(directory, "c.sock"),
      mqtt: { listen: { host: "127.0.0.1", port: 0 } },
      portal: { listen: { host: "127.0.0.1", port: 0 }, origin: ORIGIN, tls: "off" },
    },
    "test",
  );
  controller = await Controller.start(config, systemClock, pino({ level: "silent" }));
  const { context } = controller;
  server = await buildServer(context, { limits: LIMITS, tls: false, portal: requirePortal(context) });
  await applyFabric(context, {
    ...{ who: "test", text: await readFile(QUICK, "utf8"), file: "quick.yaml", note: "", dryRun: false },
  });
  await signIn("ursula", "user");
  await signIn("rosa", "read-only");
  await signIn("rolf", "read-only");
  // Without the second factor that his role wants.
  await signIn("otto", "operator");
});

after(async () => {
  await server.close();
  await controller[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function signIn(account: string, role: PortalRole): Promise<void> {
  const { context } = controller;
  await createAccount(context, "test", { name: account, display: "" });
  await context.store.transaction(async (tx) => {
    await tx.portal.putUser({ account, role, since: "2026-01-01T00:00:00.000Z", set_by: "test" });
    const place = { address: "127.0.0.1", agent: "" };
    const wanted = { account, secondFactor: "none" as const, place };
    secrets.set(account, (await requirePortal(context).sessions.open(tx, wanted)).secret);
  });
}

async function ask(path: string, who?: string, headers: Readonly<Record<string, string>> = {}) {
  const cookie = who === undefined ? {} : { cookie: `__Host-vsix-session=${secrets.get(who)}` };
  return server.inject({ url: path, headers: { ...ITSELF, ...cookie, ...headers } });
}

async function refusal(path: string, who?: string, headers?: Readonly<Record<string, string>>) {
  const answer = await ask(path, who, headers);
  return [answer.statusCode, answer.json<{ error?: { code: string } }>().error?.code];
}

test("what one operator has just been told is told to no user, to nobody unknown, and to whom it is no longer allowed", async () => {
  for (const path of SHARED) {
    const told = async (who: string): Promise<void> => assert.equal((await ask(path, who)).statusCode, 200);
    for (const headers of [{}, { "accept-encoding": "br" }, { "accept-encoding": "gzip" }]) {
      await told("rosa");
      assert.deepEqual(await refusal(path, "ursula", headers), [403, "forbidden"], path);
      await told("rosa");
      assert.deepEqual(await refusal(path, "otto", headers), [403, "forbidden"], path);
      await told("rosa");
      assert.deepEqual(await refusal(path, undefined, headers), [401, "unauthenticated"], path);
      const foreign = { ...headers, origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" };
      assert.deepEqual(await refusal(path, "rosa", foreign), [403, "cross-site"], path);
    }
    await told("rolf");
  }
  await setAccountState(controller.context, "test", "rolf", "suspended", "for a test");
  for (const path of SHARED) {
    assert.equal((await ask(path, "rosa")).statusCode, 200);
    assert.deepEqual(await refusal(path, "rolf"), [403, "forbidden"], path);
  }
});

test("the same octets come to each who may ask, with what browsers are told beside them", async () => {
  for (const path of SHARED) {
    const answer = await ask(path, "rosa");
    assert.equal(answer.headers["cache-control"], "no-store", "it stays in no browser");
    assert.match(String(answer.headers["content-security-policy"]), /default-src 'none'/);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
});

test("what was decided is in the next answer, however new the one before is", async () => {
  const { context } = controller;
  const status = async (): Promise<Status> => (await ask("/v1/status", "rosa")).json<Status>();
  const wanted = async (): Promise<string | undefined> =>
    (await status()).edges.find(({ edge }) => edge === "edge-1")?.wanted;
  assert.equal(await wanted(), "blue");
  for (const plane of ["green", "blue", "green"]) {
    await steer(context, { who: "test", edge: "edge-1", plane, waitMs: 0, exception: false, dryRun: false });
    assert.equal(await wanted(), plane);
  }
  const { revision } = await status();
  const text = `${await readFile(QUICK, "utf8")}\n# another revision\n`;
  await applyFabric(context, { who: "test", text, file: "quick.yaml", note: "", dryRun: false });
  assert.equal((await status()).revision, (revision ?? 0) + 1);
  assert.equal((await ask("/v1/topology", "rosa")).json<Status>().revision, (revision ?? 0) + 1);
});

test("a node that comes is in the next answer", async () => {
  const { fleet, clock } = controller.context;
  const online = async (): Promise<boolean | undefined> =>
    (await ask("/v1/nodes", "rosa"))
      .json<{ nodes: Status["nodes"] }>()
      .nodes.find(({ name }) => name === "edge-1")?.online;
  assert.equal(await online(), false);
  const life = { version: 1, node: "edge-1", instance: "i", beat: 1 } as const;
  const value = { ...life, state: "online", agentVersion: "0.1.0" } as const;
  fleet.accept({ kind: "alive", value }, { atMs: clock.monotonicMs(), replayed: false });
  assert.equal(await online(), true);
});
