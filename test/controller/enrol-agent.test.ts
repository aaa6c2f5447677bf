import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Enrolled, enrolNode } from "@vsix/agent/enrol.ts";
import { IdentityKeeper } from "@vsix/agent/identity.ts";
import { type EnrolService, enrolService } from "@vsix/agent/io/enrol-client.ts";
import { type IdentityStore, openIdentityStore } from "@vsix/agent/io/identity-store.ts";
import { openVerifiedTls } from "@vsix/agent/io/verified-tls.ts";
import { makeCaCertificate } from "@vsix/controller/ca/certificates.ts";
import type { Claim } from "@vsix/shared/contract/enrol.ts";
import { decodeClaim, encodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import SqliteDatabase from "better-sqlite3";
import { pino } from "pino";
import { agentMain } from "../programs/bundles.ts";
import { run, until } from "./harness.ts";
import { claimToken, tlsBench } from "./identity-bench.ts";
import { mqttAs } from "./raw-node.ts";

const NODE = "edge-1";
const MAIN = agentMain();
const log = pino({ level: "silent" });

class Place implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "vsix-enrol-"));
  readonly identity = join(this.directory, "identity");
  readonly token = join(this.directory, "token");
  readonly config = join(this.directory, "agent.json");

  constructor(token: string) {
    writeFileSync(this.token, `${token}\n`, { mode: 0o600 });
    const config = {
      node: NODE,
      stateDir: join(this.directory, "state"),
      controller: { identity: this.identity },
      gobgp: { socket: "/none" },
    };
    writeFileSync(this.config, JSON.stringify(config));
  }

  get store(): IdentityStore {
    return openIdentityStore(this.identity);
  }

  enrol() {
    return run(process.execPath, [MAIN, "enrol", "--config", this.config, "--token-file", this.token]);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function enrolHere(
  claim: Claim,
  store: IdentityStore,
  service: EnrolService = enrolService,
): Promise<Enrolled> {
  return enrolNode({ node: NODE, claim, store, service, now: Date.now });
}

test("vsix-agent enrol makes an identity that the broker takes, once, and says so when run again", async () => {
  await using on = await tlsBench();
  using place = new Place(await claimToken(on, NODE));
  const first = await place.enrol();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^edge-1 enrolled at https:/);
  assert.deepEqual(readdirSync(place.identity), ["identity.json"]);
  assert.equal(statSync(join(place.identity, "identity.json")).mode & 0o777, 0o600);
  const again = await place.enrol();
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /had enrolled/);
  const held = place.store.load();
  assert.ok(held !== undefined);
  const tried = await mqttAs(held.brokerUrl, `vsix-agent-${NODE}`, {
    ...held,
    key: createPrivateKey(held.key),
  });
  assert.ok("client" in tried);
  tried.client.end(true);
});

test("what is wrong with a token is said plainly, and nothing is written", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NODE);
  const claim = decodeClaim(token);
  const refused = async (change: Partial<Claim>, pattern: RegExp): Promise<void> => {
    using place = new Place(encodeClaim({ ...claim, ...change }));
    const { code, stderr } = await place.enrol();
    assert.equal(code, 1, stderr);
    assert.match(stderr, pattern);
    assert.ok(!stderr.includes(claim.secret), "the secret is not repeated");
    assert.equal(place.store.load(), undefined);
  };
  await refused({ ca: "0".repeat(64) }, /its CA has another key/);
  await refused({ node: "xe-sfc" }, /the claim is for xe-sfc; the configuration says that this is edge-1/);
  await refused({ secret: "A".repeat(43) }, /no such claim/);
  await refused({ url: "https://127.0.0.1:1" }, /out of reach/);
  using open = new Place(token);
  rmSync(open.token);
  writeFileSync(open.token, token, { mode: 0o644 });
  assert.match((await open.enrol()).stderr, /others may read the token/);
  using other = new Place(token);
  assert.equal((await other.enrol()).code, 0);
  await refused({}, /used already, by another key/);
});

test("an expired claim is refused by the controller's clock", async () => {
  await using on = await tlsBench();
  const token = await claimToken(on, NODE);
  await on.stop();
  const database = new SqliteDatabase(join(on.directory, "state/controller.db"));
  database.prepare("UPDATE claim SET ends = '2026-01-01T00:00:00Z'").run();
  database.close();
  await on.start();
  using place = new Place(token);
  assert.match((await place.enrol()).stderr, /good until 2026-01-01/);
});

test("enrolment cut off before or after any step is taken up again with the same token", async () => {
  await using on = await tlsBench();
  const claim = decodeClaim(await claimToken(on, NODE));
  let whole = 0;
  {
    using place = new Place("unused");
    await enrolHere(
      claim,
      counted(place.store, () => whole++),
      countedService(() => whole++),
    );
  }
  assert.ok(whole >= 8, `${whole}`);
  for (let cut = 0; cut < whole; cut++) {
    const fresh = decodeClaim(await claimToken(on, NODE, "rekey"));
    using place = new Place("unused");
    let step = 0;
    const tick = (): void => {
      if (step++ === cut) throw new Error("power cut");
    };
    await assert.rejects(enrolHere(fresh, counted(place.store, tick), countedService(tick)), /power cut/);
    const { identity } = await enrolHere(fresh, place.store);
    assert.equal(place.store.loadPending(), undefined);
    const held = new X509Certificate(identity.certificate);
    assert.equal(held.subjectAltName, `URI:vsix:node:${NODE}`);
    assert.deepEqual(place.store.load(), identity);
  }
  const listed = await on.json<{ nodes: { name: string; certificate: { state: string } }[] }>("node", "list");
  assert.equal(listed.nodes.find(({ name }) => name === NODE)?.certificate.state, "active");
});

test("the agent's side talks to nobody but its controller, whatever the clock says", async () => {
  await using on = await tlsBench();
  using place = new Place(await claimToken(on, NODE));
  assert.equal((await place.enrol()).code, 0);
  const held = place.store.load();
  assert.ok(held !== undefined);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const now = Date.now();
  const validity = { notBefore: new Date(now - 1000), notAfter: new Date(now + 1_000_000) };
  const otherCa = await makeCaCertificate(privateKey, "vSIX controller CA", validity);
  const outcome = async (url: string, ca: string, nowMs: number, trusted: boolean): Promise<string> => {
    const socket = openVerifiedTls({ url, defaultPort: 443, ca, clock: { nowMs, trusted } });
    return new Promise((resolve) => {
      socket.once("secureConnect", () => resolve(socket.destroyed ? "destroyed" : "connected"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    }).finally(() => socket.destroy()) as Promise<string>;
  };
  const url = held.enrolUrl;
  const elsewhere = url.replace("127.0.0.1", "localhost");
  assert.equal(await outcome(url, held.ca, now, true), "connected");
  assert.equal(await outcome(url, held.ca, 0, false), "connected", "a clock without a battery");
  for (const trusted of [true, false]) {
    assert.notEqual(await outcome(url, otherCa, now, trusted), "connected", "another CA");
    assert.notEqual(await outcome(elsewhere, held.ca, now, trusted), "connected", "another name");
  }
});

test("a certificate is renewed at two thirds of its life, and what cannot be renewed is said", async () => {
  await using on = await tlsBench();
  using place = new Place(await claimToken(on, NODE));
  assert.equal((await place.enrol()).code, 0);
  const before = place.store.load();
  assert.ok(before !== undefined);
  const { validFromDate, validToDate } = new X509Certificate(before.certificate);
  let nowMs = validFromDate.getTime() + (validToDate.getTime() - validFromDate.getTime()) * 0.6;
  const make = (): IdentityKeeper =>
    new IdentityKeeper({
      node: NODE,
      store: place.store,
      service: enrolService,
      log,
      now: () => nowMs,
      random: () => 0,
      onFault: () => {},
    });
  {
    await using early = make();
    early.start();
    assert.equal(early.fault, undefined);
  }
  assert.deepEqual(place.store.load(), before, "too early");
  nowMs = validFromDate.getTime() + (validToDate.getTime() - validFromDate.getTime()) * 0.67;
  {
    await using due = make();
    due.start();
    await until("the certificate is renewed", () => place.store.load()?.certificate !== before.certificate);
    assert.equal(due.fault, undefined);
  }
  const after = place.store.load();
  assert.ok(after !== undefined && after.key !== before.key, "with a key of its own");
  await on.vsixctl("node", "revoke", NODE);
  {
    await using late = make();
    late.start();
    await until("the fault is said", () => late.fault !== undefined);
    assert.match(late.fault ?? "", /not renewed, good until 20.*revoked/);
  }
  assert.deepEqual(place.store.load(), after, "what is there stays");
});

test("what a broker has against the certificate, or we against its, is a fault while it lasts", async () => {
  await using on = await tlsBench();
  using place = new Place(await claimToken(on, NODE));
  assert.equal((await place.enrol()).code, 0);
  const held = place.store.load();
  assert.ok(held !== undefined);
  const options = {
    node: NODE,
    service: enrolService,
    log,
    now: Date.now,
    random: () => 0,
    onFault: () => {},
  };
  await using keeper = new IdentityKeeper({ ...options, store: place.store });
  const attempt = async (url?: string): Promise<void> => {
    const stream = keeper.open(url);
    stream.on("error", () => {});
    stream.resume();
    await new Promise((resolve) => stream.once("close", resolve));
  };
  await attempt(held.brokerUrl.replace("127.0.0.1", "localhost"));
  assert.match(keeper.fault ?? "", /altname|another name/i);
  await attempt("mqtts://127.0.0.1:1");
  keeper.connected();
  assert.equal(keeper.fault, undefined);
  await attempt("mqtts://127.0.0.1:1");
  assert.equal(keeper.fault, undefined, "a broker out of reach is no fault of certificates");
  await on.vsixctl("node", "revoke", NODE);
  await attempt();
  assert.match(keeper.fault ?? "", /revoked or superseded/);
});

test("an identity on disk holds no claim and is readable by nobody else", async () => {
  await using on = await tlsBench();
  using place = new Place(await claimToken(on, NODE));
  await place.enrol();
  assert.ok(
    !readFileSync(join(place.identity, "identity.json"), "utf8").includes(
      decodeClaim(readFileSync(place.token, "utf8")).secret,
    ),
  );
  assert.equal(statSync(place.identity).mode & 0o777, 0o700);
});

/** Calls back before and after whatever the store does. */
function counted(store: IdentityStore, tick: () => void): IdentityStore {
  const around =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      tick();
      const result = work(...args);
      tick();
      return result;
    };
  return {
    load: () => store.load(),
    loadPending: () => store.loadPending(),
    save: around((identity) => store.save(identity)),
    savePending: around((pending) => store.savePending(pending)),
    dropPending: around(() => store.dropPending()),
  };
}

function countedService(tick: () => void): EnrolService {
  const around =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      tick();
      const result = await work(...args);
      tick();
      return result;
    };
  return {
    fetchCa: around(enrolService.fetchCa),
    enrol: around(enrolService.enrol),
    renew: around(enrolService.renew),
    confirm: around(enrolService.confirm),
  };
}
