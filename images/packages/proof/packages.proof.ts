import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { buildPackage } from "../build.ts";
import { PROGRAMS, type Program } from "../program.ts";
import { DebianRoot } from "./debian-root.ts";

/**
 * Both packages in a Debian 12 that boots with its own systemd: installed, used together, hung, upgraded, downgraded, removed
 * and purged. Some minutes; on demand: `node --test images/packages/proof/packages.proof.ts`, as root. Steps build on each other.
 */

const REPOSITORY = join(import.meta.dirname, "../../..");
const [V1, V2] = ["0.1.0~proof1", "0.1.0~proof2"] as const;
const CONFIG = ["--config", "/etc/vsix/agent.json"] as const;
const output = mkdtempSync(join(tmpdir(), "vsix-proof-"));
const files = new Map<string, string>();
let root: DebianRoot;

before(async () => {
  for (const version of [V1, V2])
    for (const [name, program] of Object.entries(PROGRAMS))
      files.set(`${name} ${version}`, await built(program, version, output));
  root = await DebianRoot.boot(REPOSITORY);
  for (const file of files.values()) copyFileSync(file, join(root.path, "root", basename(file)));
});
after(async () => {
  await root?.[Symbol.asyncDispose]();
  rmSync(output, { recursive: true });
});

async function built(program: Program, version: string, into: string): Promise<string> {
  const settings = { root: REPOSITORY, program, version, output: into, architecture: "amd64" } as const;
  return (await buildPackage({ ...settings, progress: () => undefined })).file;
}

function install(version: string): string {
  const paths = Object.keys(PROGRAMS).map(
    (name) => `/root/${basename(files.get(`${name} ${version}`) ?? "")}`,
  );
  return root.do("dpkg", "--force-confold", "-i", ...paths);
}

const property = (unit: string, name: string): string =>
  root.do("systemctl", "show", "--value", "-p", name, `${unit}.service`).trim();
const isActive = (unit: string): boolean => property(unit, "ActiveState") === "active";

interface Report {
  readonly generation: number;
  readonly conditions: readonly { readonly object: string; readonly state: string }[];
  readonly objects: Readonly<Record<string, number>>;
}
const report = (): Report => JSON.parse(root.do("vsix-agent", "report", ...CONFIG)) as Report;

test("installed, the controller runs at once without a capability; the agent waits for a configuration", () => {
  install(V1);
  assert.ok(isActive("vsix-controller"));
  const status = root.do("cat", `/proc/${property("vsix-controller", "MainPID")}/status`);
  assert.match(status, /^CapEff:\t0{16}$/m);
  assert.match(root.do("vsixctl", "status"), /no fabric is in force/);
  assert.equal(property("vsix-agent", "ConditionResult"), "no");
  assert.ok(!isActive("vsix-gobgpd"));
  assert.equal(root.do("vsix-agent", "--version"), "vsix-agent 0.1.0\n");
  assert.match(root.do("vsix-agent", "trace", "::1"), /reached at hop 1/);
});

test("systemd finds no fault in the units, and they are exposed no more than was measured", () => {
  const bounds = { "vsix-agent": 2.3, "vsix-controller": 1.3, "vsix-gobgpd": 1.5 };
  for (const [unit, most] of Object.entries(bounds)) {
    // That there is no man(1) in this Debian is no fault of a unit.
    root.do("systemd-analyze", "verify", "--man=no", `${unit}.service`);
    const told = root.do("systemd-analyze", "security", "--no-pager", `${unit}.service`);
    const exposure = Number(/exposure level for \S+: ([0-9.]+)/.exec(told)?.[1]);
    assert.ok(exposure <= most, `${unit}: ${exposure}`);
  }
});

test("a router enrols as root and runs as its own user with two capabilities: kernel, nftables and GoBGP are made right", async () => {
  writeFileSync(join(root.path, "srv/quick.yaml"), readFileSync(join(REPOSITORY, "examples/quick.yaml")));
  root.do("vsixctl", "apply", "/srv/quick.yaml");
  root.do("vsixctl", "node", "enrol", "edge-1", "--out", "/srv/edge-1.token");
  root.do("vsixctl", "node", "bundle", "edge-1", "--out", "/etc/vsix/bundle.json");
  root.do("chmod", "644", "/etc/vsix/bundle.json");
  root.do("cp", "/usr/share/doc/vsix-agent/examples/agent.json", "/etc/vsix/agent.json");
  for (const name of ["to-blue-sfc", "to-green-sfc"]) {
    root.do("ip", "link", "add", name, "type", "veth", "peer", "name", `p-${name}`);
    root.do("ip", "link", "set", `p-${name}`, "up");
    root.do("ip", "link", "set", name, "up");
  }
  root.do("vsix-agent", "enrol", ...CONFIG, "--token-file", "/srv/edge-1.token");
  root.do("systemctl", "start", "vsix-agent");
  await root.until("no condition is left", () => report().conditions.length === 0);
  const { objects } = report();
  assert.deepEqual([objects["nftables"], objects["address"], objects["nexthop"]], [1, 3, 4]);
  const status = root.do("cat", `/proc/${property("vsix-agent", "MainPID")}/status`);
  assert.match(status, /^CapEff:\t0{12}3000$/m, "CAP_NET_ADMIN is bit 12, CAP_NET_RAW 13");
  assert.ok(!/^Uid:\t0/m.test(status));
  await root.until("the controller sees it", () =>
    /^edge-1 +edge +sfc +yes/m.test(root.do("vsixctl", "node", "list")),
  );
  await root.until("GoBGP listens", () => root.do("ss", "-tln").includes("[::]:179 "));
});

test("an agent, and a controller, that hang are started anew; kernel and GoBGP keep what they have", async () => {
  const gobgpd = property("vsix-gobgpd", "MainPID");
  for (const unit of ["vsix-agent", "vsix-controller"]) {
    const folder = join(root.path, `etc/systemd/system/${unit}.service.d`);
    root.do("mkdir", "-p", `/etc/systemd/system/${unit}.service.d`);
    writeFileSync(join(folder, "watchdog.conf"), "[Service]\nWatchdogSec=8\n");
    root.do("systemctl", "daemon-reload");
    root.do("systemctl", "restart", unit);
    const pid = property(unit, "MainPID");
    root.do("kill", "-STOP", pid);
    await root.until(`${unit} runs again`, () => property(unit, "NRestarts") === "1" && isActive(unit));
    assert.notEqual(property(unit, "MainPID"), pid);
    assert.match(root.do("journalctl", "--no-pager", "-u", unit), /Watchdog timeout/);
    assert.equal(property("vsix-gobgpd", "MainPID"), gobgpd);
    assert.match(root.do("ip", "-6", "address", "show", "dev", "lo"), /2001:db8:1::1\/128/);
  }
  await root.until("the agent has adopted all of it", () => report().conditions.length === 0);
});

for (const [what, version] of [
  ["upgraded", V2],
  ["downgraded", V1],
] as const)
  test(`${what}, both go on: identity, document, database, changed configuration and GoBGP are kept`, async () => {
    const configuration = "/etc/vsix/controller.json";
    root.do("sed", "-i", 's/"names"/ "names"/', configuration);
    const kept = () => [
      root.do("cat", configuration, "/var/lib/vsix/agent/identity/identity.json"),
      root.do("vsixctl", "history", "--json"),
      property("vsix-gobgpd", "MainPID"),
      report().generation,
    ];
    const [earlier, agent] = [kept(), property("vsix-agent", "MainPID")];
    install(version);
    assert.ok(root.do("dpkg", "-s", "vsix-agent").includes(`\nVersion: ${version}\n`));
    await root.until("both serve", () => isActive("vsix-agent") && isActive("vsix-controller"));
    assert.notEqual(property("vsix-agent", "MainPID"), agent);
    assert.deepEqual(kept(), earlier);
    await root.until("no condition", () => report().conditions.length === 0);
    assert.equal(root.statusOf("dpkg", "--verify", "vsix-agent"), 0);
  });

test("removed, nothing runs and state is kept; the router still forwards; purged, nothing is left but users", () => {
  root.do("dpkg", "-r", "vsix-agent", "vsix-controller");
  assert.equal(root.statusOf("pgrep", "-f", "/usr/lib/vsix|gobgpd"), 1);
  assert.ok(existsSync(join(root.path, "var/lib/vsix/agent/identity/identity.json")));
  assert.match(root.do("ip", "-6", "address", "show", "dev", "lo"), /2001:db8:1::1\/128/);
  assert.match(root.do("nft", "list", "tables"), /table inet vsix/);
  root.do(
    "rm",
    "-r",
    "/etc/systemd/system/vsix-agent.service.d",
    "/etc/systemd/system/vsix-controller.service.d",
  );
  root.do("dpkg", "-P", "vsix-agent", "vsix-controller");
  const left = root.do("find", "/etc", "/usr", "/lib", "/var", "/run", "-xdev", "-iname", "*vsix*");
  assert.equal(left, "");
});

test("the same commit gives the same octets, whatever the umask and the folder for temporary files", async () => {
  const other = mkdtempSync(join(output, "again-"));
  const [umask, scratch] = [process.umask(0o077), process.env["TMPDIR"]];
  process.env["TMPDIR"] = other;
  try {
    for (const [name, program] of Object.entries(PROGRAMS)) {
      const first = files.get(`${name} ${V1}`) ?? "";
      const second = await built(program, V1, join(other, "out"));
      for (const path of [first, first.replace(/\.deb$/, ".cdx.json")])
        assert.ok(readFileSync(path).equals(readFileSync(join(other, "out", basename(path)))), path);
      assert.ok(readFileSync(second).length < 60e6);
    }
  } finally {
    process.umask(umask);
    if (scratch === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = scratch;
  }
});
