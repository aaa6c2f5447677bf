import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { vsixctlMain } from "../programs/bundles.ts";
import { Bench, QUICK, run } from "./harness.ts";

const ANSIBLE = "/usr/bin/ansible-inventory";

interface Group {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
}

/** What an inventory script prints: groups by name beside the variables of hosts. */
class Listed {
  readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly groups: Readonly<Record<string, Group>>;

  constructor(text: string) {
    const { _meta, ...groups } = JSON.parse(text) as Record<string, object>;
    this.hostvars = (_meta as { hostvars: Listed["hostvars"] }).hostvars;
    this.groups = groups;
  }
}

async function makeBench(): Promise<Bench> {
  const bench = await Bench.make();
  await bench.start();
  for (const args of [
    ["apply", QUICK],
    ["pool", "create", "home", "--purpose", "tunnel", "--prefix", "2001:db8:100::/48"],
    ["user", "create", "alice"],
    ["service", "set", "generic-tunneling", "--approval", "auto"],
    [
      "application",
      "create",
      "alice",
      "generic-tunneling",
      "--device",
      "home",
      "--endpoint",
      "2001:db8:1::1",
    ],
  ]) {
    const { code, stderr } = await bench.vsixctl(...args);
    assert.equal(code, 0, stderr);
  }
  return bench;
}

test("the inventory names every node and device with its groups; one host alone is told as in the list", async () => {
  await using bench = await makeBench();
  const list = new Listed((await bench.vsixctl("inventory", "--list")).stdout);
  assert.ok((list.groups["vsix_role_edge"]?.hosts ?? []).includes("edge-1"));
  assert.ok((list.groups["vsix_roles"]?.children ?? []).includes("vsix_role_external_edge"));
  assert.equal(list.hostvars["access-1"], undefined, "devices are for who may see users");
  const one = JSON.parse((await bench.vsixctl("inventory", "--host", "edge-1")).stdout) as object;
  assert.deepEqual(one, list.hostvars["edge-1"]);
  assert.equal((await bench.vsixctl("inventory", "--host", "nobody")).code, 1);
  assert.equal((await bench.vsixctl("inventory")).code, 2);
  const all = new Listed((await bench.vsixctl("inventory", "--list", "--all")).stdout);
  assert.deepEqual(all.hostvars["access-1"]?.["vsix_prefixes"], ["2001:db8:100::/60"]);
});

test("ansible-inventory reads it, and finds the same hosts, groups and variables", {
  skip: existsSync(ANSIBLE) ? false : `${ANSIBLE} is not here; scripts/setup installs it`,
}, async () => {
  await using bench = await makeBench();
  const script = join(bench.directory, "inventory.sh");
  const vsixctl = `${process.execPath} ${vsixctlMain()}`;
  await writeFile(script, `#!/bin/sh\nVSIX_SOCKET=${bench.socket} exec ${vsixctl} inventory --all "$@"\n`);
  await chmod(script, 0o755);
  const env = { HOME: bench.directory, ANSIBLE_INVENTORY_UNPARSED_FAILED: "True" };
  const listed = await run(ANSIBLE, ["-i", script, "--list"], env);
  assert.equal(listed.code, 0, listed.stderr);
  // It says so, and goes on, when a group's name or the form is not to its liking.
  assert.doesNotMatch(listed.stderr, /WARNING|ERROR/, listed.stderr);
  const ours = new Listed((await bench.vsixctl("inventory", "--list", "--all")).stdout);
  const theirs = new Listed(listed.stdout);
  assert.deepEqual(Object.keys(theirs.hostvars).sort(), Object.keys(ours.hostvars).sort());
  for (const [group, { hosts = [], children = [] }] of Object.entries(ours.groups)) {
    if (group === "all") continue;
    assert.deepEqual([...(theirs.groups[group]?.hosts ?? [])].sort(), [...hosts].sort(), group);
    assert.deepEqual([...(theirs.groups[group]?.children ?? [])].sort(), [...children].sort(), group);
  }
  const edge = theirs.hostvars["edge-1"] ?? {};
  assert.equal(edge["ansible_host"], ours.hostvars["edge-1"]?.["ansible_host"]);
  assert.equal(typeof edge["vsix_as"], "number", "variables of all");
  const host = await run(ANSIBLE, ["-i", script, "--host", "access-1"], env);
  assert.equal((JSON.parse(host.stdout) as Record<string, unknown>)["vsix_user"], "alice");
});
