import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pino } from "pino";
import { CertificateAuthority, spkiHash } from "../../controller/src/ca/authority.ts";
import { CertificateRegistry } from "../../controller/src/ca/registry.ts";
import { ServerIdentity } from "../../controller/src/ca/server-identity.ts";
import { type Clock, systemClock, timestamp } from "../../controller/src/clock.ts";
import { EmbeddedBroker } from "../../controller/src/fleet/broker-embedded.ts";
import { Store } from "../../controller/src/store/store.ts";
import { until } from "./harness.ts";
import { type Credentials, mqttAs, newKey } from "./raw-node.ts";

const log = pino({ enabled: false });
const DAY_MS = 86_400_000;

/** The wall clock is the test's; nobody waits for longer than a moment. */
class ShortDays implements Clock {
  aheadMs = 0;
  readonly monotonicMs = systemClock.monotonicMs;
  wallMs = (): number => Date.now() + this.aheadMs;
  sleep = (ms: number, signal: AbortSignal): Promise<void> => systemClock.sleep(Math.min(ms, 20), signal);
}

test("a live session ends with its certificate, at once for what it says, and one with days left goes on", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-expiry-"));
  try {
    const clock = new ShortDays();
    await using store = await Store.open(join(directory, "controller.db"));
    const authority = await CertificateAuthority.open(directory, clock);
    const server = await ServerIdentity.open(authority, directory, ["127.0.0.1"], clock);
    const registry = await CertificateRegistry.open(store, clock, log);
    const enrolled = async (node: string): Promise<Credentials> => {
      const key = newKey();
      const spki = createPublicKey(key).export({ type: "spki", format: "der" });
      const { serial, certificate, notBefore, notAfter } = await authority.issueNode(
        node,
        createPublicKey(key),
      );
      const since = timestamp(clock.wallMs());
      const [starts, ends] = [timestamp(notBefore.getTime()), timestamp(notAfter.getTime())];
      await registry.added(
        await store.transaction((tx) =>
          tx.addCertificate({
            serial,
            node,
            spki: spkiHash(spki),
            pem: certificate,
            starts,
            ends,
            state: "active",
            since,
          }),
        ),
      );
      return { key, certificate, ca: authority.certificate };
    };
    // The first was enrolled eighty-nine days before the second: a day is left of its ninety.
    clock.aheadMs = -89 * DAY_MS;
    const older = await enrolled("older");
    const idle = await enrolled("idle");
    clock.aheadMs = 0;
    const newer = await enrolled("newer");
    await using broker = await EmbeddedBroker.start({
      host: "127.0.0.1",
      port: 0,
      maxPacketBytes: 65_536,
      maxClients: 10,
      tls: { server, registry, clock },
      log,
    });
    const heard: string[] = [];
    await broker.subscribe("vsix/v1/+/alive", ({ topic }) => heard.push(topic));
    const connected = async (node: string, as: Credentials) => {
      const tried = await mqttAs(broker.url, `vsix-agent-${node}`, as);
      if (!("client" in tried)) throw new Error(`${node}: ${tried.refused}`);
      return tried.client;
    };
    const [first, second] = [await connected("older", older), await connected("newer", newer)];
    const third = await connected("idle", idle);
    try {
      await first.publishAsync("vsix/v1/older/alive", "1", { qos: 1 });
      const closed: string[] = [];
      first.once("close", () => closed.push("older"));
      third.once("close", () => closed.push("idle"));
      clock.aheadMs = DAY_MS - 60_000;
      await systemClock.sleep(100, new AbortController().signal);
      await first.publishAsync("vsix/v1/older/alive", "2", { qos: 1 });
      assert.deepEqual(closed, [], "closed before its time");
      clock.aheadMs = DAY_MS + 60_000;
      // Whatever comes first, the message or the look at dates: it reaches nobody.
      first.publish("vsix/v1/older/alive", "3", { qos: 1 }, () => {});
      await until("both are closed, also the one that says nothing", () => closed.length === 2);
      await second.publishAsync("vsix/v1/newer/alive", "1", { qos: 1 });
      assert.deepEqual(heard, ["vsix/v1/older/alive", "vsix/v1/older/alive", "vsix/v1/newer/alive"]);
      assert.ok(second.connected);
    } finally {
      third.end(true);
      first.end(true);
      second.end(true);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
