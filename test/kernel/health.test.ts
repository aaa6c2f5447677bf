import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { agentMain } from "../programs/bundles.ts";
import { insideNamespace, ip } from "./in-namespace.ts";

const MAIN = agentMain();
const ROUTER = `vt-healthr-${process.pid}`;

if (await insideNamespace("health", import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), "vsix-health-"));
  process.once("exit", () => {
    spawnSync("ip", ["netns", "del", ROUTER], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "health.yaml");
  writeFileSync(
    file,
    'targets: { router: "2001:db8:f::1" }\nownResolvers: false\nplanes: { blue: { r: "2001:db8:f::1" } }\n',
  );
  ip(["netns", "add", ROUTER]);
  ip(["link", "add", "eth0", "type", "veth", "peer", "name", "lan", "netns", ROUTER]);
  const far = (...args: readonly string[]): string => ip(["-n", ROUTER, ...args]);
  far("link", "set", "lo", "up");
  far("address", "add", "2001:db8:f::1/128", "dev", "lo");

  const command = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [MAIN, "health", "--config", file, ...args], { encoding: "utf8" });
  const look = (): {
    readonly status: number | null;
    readonly codes: readonly string[];
    readonly health: Health;
  } => {
    const { status, stdout, stderr } = command("--json");
    assert.equal(stderr, "");
    const health = JSON.parse(stdout) as Health;
    return { status, health, codes: health.verdicts.map(({ code }) => code) };
  };

  test("from a cable that carries nothing to a network that is well, each step is told by its own verdict", () => {
    assert.deepEqual([look().status, look().codes], [4, ["link-down"]]);
    ip(["link", "set", "eth0", "up"]);
    far("link", "set", "lan", "up");
    assert.deepEqual(look().codes, ["no-advertisement"]);
    ip(["address", "add", "2001:db8:1::2/64", "dev", "eth0", "nodad"]);
    assert.deepEqual(look().codes, ["no-route"]);
    ip(["route", "add", "default", "via", "2001:db8:1::1"]);
    assert.deepEqual(look().codes, ["gateway-silent"]);
    far("address", "add", "2001:db8:1::1/64", "dev", "lan", "nodad");
    const { health, codes } = look();
    assert.deepEqual(codes, []);
    const states = new Map(health.layers.map(({ layer, state }) => [layer, state]));
    for (const layer of ["datalink", "interface", "local", "global", "path-mtu", "planes"] as const)
      assert.equal(states.get(layer), "good", layer);
  });

  test("a duplicate address is named", () => {
    ip(["address", "add", "2001:db8:1::1/64", "dev", "eth0"]);
    for (let i = 0; i < 30 && !ip(["address", "show", "dev", "eth0"]).includes("dadfailed"); i++)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    const { codes, health } = look();
    assert.deepEqual(codes, ["duplicate-address"]);
    assert.match(health.verdicts[0]?.text ?? "", /2001:db8:1::1/);
    ip(["address", "del", "2001:db8:1::1/64", "dev", "eth0"]);
  });

  test("people see lines, what was not tried and why, and the verdict", () => {
    far("address", "del", "2001:db8:1::1/64", "dev", "lan");
    ip(["neighbour", "flush", "dev", "eth0"]);
    const { status, stdout } = command();
    assert.equal(status, 4);
    assert.match(stdout, /^ok {3}datalink {4}eth0: carrier/m);
    assert.match(stdout, /^- {4}global {6}2 checks: not tried, because gateway 2001:db8:1::1: no answer/m);
    assert.match(
      stdout,
      /^BAD: {2}the gateway 2001:db8:1::1 on eth0 is not there: no answer to 5 echoes, nor to neighbour solicitations$/m,
    );
  });

  test("wrong usage and a bad file are told, the file's faults with their lines", () => {
    assert.equal(command("--nothing").status, 2);
    const bad = join(folder, "bad.yaml");
    writeFileSync(bad, "targets:\n  a: 192.0.2.1\ncolour: blue\n");
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "health", "--config", bad], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, /bad\.yaml:2:6: targets\.a: "192\.0\.2\.1" is neither/);
    assert.match(stderr, /bad\.yaml:3:1/);
  });
}
