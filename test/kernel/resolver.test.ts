import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResolverPart } from "@vsix/shared/contract/part-services.ts";
import { rootHints, unboundConfig } from "../../agent/src/core/services/unbound-config.ts";
import { Daemon } from "../../agent/src/io/daemon.ts";
import { resolverDriver } from "../../agent/src/resources/resolver/driver.ts";
import { type ResolverObject, resolverKind } from "../../agent/src/resources/resolver/model.ts";
import { lookAtResolver } from "../../agent/src/sensors/resolver-look.ts";
import { NAMES, nsdConfig, zoneFileName, zoneFiles } from "../lab/services/zones.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { assertKernelLaw, reconcile } from "./law.ts";

const AUTHORITY = "3fff:250::53";
const PART: ResolverPart = {
  listen: ["2001:db8:53::53", "2001:db8:21::1"],
  source: "2001:db8:21::1",
  clients: ["2001:db8::/32"],
  dns64: { prefix: "2001:db8:64::/96", ignoreAaaa: [], excludeAaaa: ["::ffff:0:0/96"] },
  roots: [{ name: "a.root.example.", address: AUTHORITY }],
  check: [NAMES.onlyA],
  forward: [],
  stub: [],
};

if (await insideNamespace("resolver", import.meta.url)) {
  const run = mkdtempSync(join(tmpdir(), "vsix-resolver-"));
  chmodSync(run, 0o755); // unbound reads its files again as somebody else
  const directory = join(run, "resolver");
  const newDaemon = (): Daemon =>
    new Daemon({ directory, name: "unbound", onEnd: () => undefined, now: () => performance.now() });
  const daemon = newDaemon();
  const driver = resolverDriver(directory, daemon);
  const place = { directory, user: "unbound", trustAnchor: undefined, asksByNat64: false };
  const object = (part: ResolverPart): ResolverObject => ({
    name: "unbound",
    config: unboundConfig(part, place),
    hints: rootHints(part),
  });
  for (const address of [...PART.listen, AUTHORITY, "3fff:666::1"])
    ip(["address", "add", `${address}/128`, "dev", "lo"]);
  const zones = join(run, "nsd");
  mkdirSync(zones);
  writeFileSync(join(zones, "nsd.conf"), nsdConfig(zones, AUTHORITY));
  for (const [zone, text] of zoneFiles(AUTHORITY)) writeFileSync(join(zones, zoneFileName(zone)), text);
  const nsd = spawn("nsd", ["-d", "-c", join(zones, "nsd.conf")], { stdio: "ignore" });
  after(async () => {
    nsd.kill("SIGKILL");
    await daemon.stop();
    rmSync(run, { recursive: true, force: true });
  });

  const aaaa = async (name: string, server = "2001:db8:53::53"): Promise<string> => {
    const resolver = new Resolver({ timeout: 20_000, tries: 1 });
    resolver.setServers([`[${server}]:53`]);
    return resolver.resolve6(name).then(
      (answers) => answers.join(" "),
      (error: NodeJS.ErrnoException) => error.code ?? "?",
    );
  };

  test("a resolver obeys the kernel law, and leaves nothing", async () => {
    await assertKernelLaw(
      resolverKind,
      () => driver,
      [object(PART)],
      () => undefined,
    );
  });

  test("it answers with DNS64, and looks that ask it are content; one that cannot find out what it should is not", async () => {
    await reconcile(resolverKind, driver, [object(PART)]);
    assert.equal(await aaaa(NAMES.onlyA), "2001:db8:64::c633:6450");
    assert.deepEqual(await lookAtResolver(PART), { ok: true, reason: "" });
    const lost = await lookAtResolver({ ...PART, check: [NAMES.nxdomain] });
    assert.deepEqual(lost, { ok: false, reason: `AAAA of ${NAMES.nxdomain}: ENOTFOUND` });
    const dns64 = { prefix: "64:ff9b::/96", ignoreAaaa: [], excludeAaaa: [] };
    assert.match(
      (await lookAtResolver({ ...PART, dns64 })).reason,
      /AAAA of ipv4only\.arpa is 2001:db8:64::/,
    );
  });

  test("other clients are taken by the same process, and what is cached stays; another prefix empties the cache", async () => {
    await reconcile(resolverKind, driver, [object(PART)]);
    assert.equal(await aaaa(NAMES.native), "3fff:250::80");
    nsd.kill("SIGSTOP");
    const pid = daemon.pid;
    const wider = { ...PART, clients: [...PART.clients, "3fff:666::/32"] };
    const { outcomes } = await reconcile(resolverKind, driver, [object(wider)]);
    assert.deepEqual(
      outcomes.map(({ ok }) => ok),
      [true],
    );
    assert.equal(daemon.pid, pid);
    assert.equal(await aaaa(NAMES.native), "3fff:250::80");
    nsd.kill("SIGCONT");
    const dns64 = { prefix: "2001:db8:65::/96", ignoreAaaa: [], excludeAaaa: [] };
    await reconcile(resolverKind, driver, [object({ ...PART, dns64 })]);
    assert.equal(daemon.pid, pid);
    assert.equal(await aaaa(NAMES.onlyA), "2001:db8:65::c633:6450");
  });

  test("a configuration that unbound would not take is told, and what runs goes on", async () => {
    await reconcile(resolverKind, driver, [object(PART)]);
    const { config, ...rest } = object(PART);
    const bad = { ...rest, config: config.replace("do-ip6: yes", "do-ip6: perhaps") };
    const { outcomes } = await reconcile(resolverKind, driver, [bad]);
    assert.match(
      outcomes[0]?.ok === false ? outcomes[0].reason : "",
      /unbound-checkconf.*perhaps|expected yes or no/s,
    );
    assert.equal(await aaaa(NAMES.onlyA), "2001:db8:64::c633:6450");
    assert.deepEqual((await reconcile(resolverKind, driver, [object(PART)])).changes, []);
  });

  test("a hung one is mute, and is ended like a crash; another agent adopts one that runs", async () => {
    await reconcile(resolverKind, driver, [object(PART)]);
    using next = newDaemon();
    assert.equal(next.find(), daemon.pid);
    const adopted = resolverDriver(directory, next);
    assert.deepEqual((await reconcile(resolverKind, adopted, [object(PART)])).changes, []);
    process.kill(daemon.pid ?? 0, "SIGSTOP");
    assert.deepEqual((await lookAtResolver(PART)).mute, true);
    daemon.kill();
    for (let i = 0; daemon.pid !== undefined && i < 3000; i++) await sleep(20);
    const { changes, outcomes } = await reconcile(resolverKind, driver, [object(PART)]);
    assert.deepEqual([changes.map(({ op }) => op), outcomes.map(({ ok }) => ok)], [["create"], [true]]);
    assert.deepEqual(await lookAtResolver(PART), { ok: true, reason: "" });
  });
}
