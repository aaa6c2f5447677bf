import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { taygaConfig, translatorRoutes } from "../../agent/src/core/services/tayga.ts";
import { Daemon } from "../../agent/src/io/daemon.ts";
import { taygaData, translatorDriver } from "../../agent/src/resources/translator/driver.ts";
import { type TranslatorObject, translatorKind } from "../../agent/src/resources/translator/model.ts";
import { Echoes } from "../../agent/src/sensors/health/echoes.ts";
import { lookAtTranslator } from "../../agent/src/sensors/translator-look.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { assertKernelLaw, observe, reconcile } from "./law.ts";

const PART: TranslatorPart = {
  kind: "nat64",
  prefix: "2001:db8:64::/96",
  own6: "2001:db8:23::64",
  clients: ["2001:db8::/32"],
  internal: "192.168.192.0/18",
  pool: ["192.0.2.0/29"],
  mappings: [],
  check: ["198.51.100.80"],
};
const SIIT: TranslatorPart = {
  ...PART,
  kind: "siit-dc",
  mappings: [{ v4: "203.0.113.10", v6: "2001:db8:1::1" }],
};

if (await insideNamespace("translator", import.meta.url)) {
  const run = mkdtempSync(join(tmpdir(), "vsix-translator-"));
  const directory = join(run, "translator");
  const ends: string[] = [];
  const newDaemon = (): Daemon =>
    new Daemon({
      directory,
      name: "tayga",
      onEnd: (how) => ends.push(how),
      now: () => performance.now(),
    });
  const daemon = newDaemon();
  const driver = translatorDriver(directory, daemon, { name: "nobody", uid: 65534, gid: 65534 });
  const object = (part: TranslatorPart): TranslatorObject => ({
    name: "tayga",
    config: taygaConfig(part, taygaData(directory)),
    mtu: 1500,
    routes: translatorRoutes(part),
    source: "2001:db8:23::1",
  });
  after(async () => {
    await daemon.stop();
    rmSync(run, { recursive: true, force: true });
  });
  for (const address of ["2001:db8:23::1/128", "2001:db8:1::1/128", "198.51.100.80/32"])
    ip(["address", "add", address, "dev", "lo"]);
  ip(["link", "add", "v0", "type", "veth", "peer", "name", "v1"]);
  for (const port of ["v0", "v1"]) ip(["link", "set", port, "up"]);
  ip(["route", "add", "default", "dev", "v0"]);
  spawnSync("sysctl", ["-qw", "net.ipv4.conf.all.forwarding=1", "net.ipv6.conf.all.forwarding=1"]);

  const echo = async (address: string): Promise<string> => {
    await using echoes = new Echoes();
    return (await echoes.one(address, { timeoutMs: 20_000 })).kind;
  };

  test("a translator obeys the kernel law; foreign routes and devices survive", async () => {
    ip(["tuntap", "add", "dev", "nat64", "mode", "tun"]);
    ip(["-4", "route", "add", "192.0.2.128/25", "dev", "v0", "proto", "119"]);
    await assertKernelLaw(
      translatorKind,
      () => driver,
      [object(PART)],
      () => {
        assert.match(
          ip(["-6", "route", "show", "proto", "119"]),
          /2001:db8:64::\/96 dev vsix-nat64 .*src 2001:db8:23::1/,
        );
        assert.match(ip(["-4", "route", "show", "dev", "vsix-nat64"]), /192\.168\.192\.0\/18/);
      },
    );
    assert.match(ip(["link", "show"]), /nat64:/);
    assert.doesNotMatch(ip(["link", "show"]), /vsix-nat64/);
    assert.match(ip(["-4", "route", "show"]), /192\.0\.2\.128\/25/);
  });

  test("echoes are translated both ways; a restarted program gives clients the addresses that they had", async () => {
    await reconcile(translatorKind, driver, [object(PART)]);
    assert.equal(await echo("2001:db8:64::c633:6450"), "reply");
    await using echoes = new Echoes();
    assert.deepEqual(await lookAtTranslator(PART, echoes), { ok: true, reason: "" });
    const lost = { ...PART, check: ["198.51.100.99"] };
    assert.match((await lookAtTranslator(lost, echoes)).reason, /198\.51\.100\.99 fail/);
    // An orderly end writes down who has which address.
    process.kill(daemon.pid ?? 0, "SIGTERM");
    for (let i = 0; daemon.pid !== undefined && i < 3000; i++) await sleep(20);
    assert.equal(ends.length, 1);
    const addresses = (): string => readFileSync(join(taygaData(directory), "dynamic.map"), "utf8");
    const before = /192\.168\.\S+\s+2001:db8:23::1/.exec(addresses())?.[0];
    assert.ok(before !== undefined, addresses());
    const { changes } = await reconcile(translatorKind, driver, [object(PART)]);
    assert.deepEqual(
      changes.map(({ op }) => op),
      ["replace"],
    );
    assert.equal(await echo("2001:db8:64::c633:6450"), "reply");
    await daemon.stop();
    assert.ok(addresses().includes(before), addresses());
    await reconcile(translatorKind, driver, [object(PART)]);
  });

  test("another agent finds the program by its arguments and adopts it", async () => {
    const pid = daemon.find();
    using next = newDaemon();
    assert.equal(next.find(), pid);
    const adopted = translatorDriver(directory, next, undefined);
    assert.deepEqual((await reconcile(translatorKind, adopted, [object(PART)])).changes, []);
  });

  test("mappings replace the pool of clients: routes go and come, the device stays", async () => {
    await reconcile(translatorKind, driver, [object(SIIT)]);
    const [now] = await observe(driver);
    assert.deepEqual(now?.routes, translatorRoutes(SIIT));
    assert.deepEqual((await reconcile(translatorKind, driver, [object(SIIT)])).changes, []);
    ip(["-4", "route", "delete", "203.0.113.10/32", "dev", "vsix-nat64"]);
    const { changes } = await reconcile(translatorKind, driver, [object(SIIT)]);
    assert.deepEqual(
      changes.map(({ op }) => op),
      ["replace"],
    );
  });
}
