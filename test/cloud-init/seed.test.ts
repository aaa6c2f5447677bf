import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readAgentConfig } from "@vsix/agent/config.ts";
import { parseConfig } from "@vsix/controller/config.ts";
import { parse } from "yaml";
import type { UserData } from "../../cloud-init/core/render.ts";
import { claimFor, EXAMPLES, type Example, exampleFiles, exampleText, SECRETS } from "./examples.ts";

/**
 * Those who will read what vsix-pi makes read it here: cloud-init's schema, Netplan, nft, systemd, our own programs. cloud-init and
 * Netplan are Debian's, unpacked by scripts/setup and not installed.
 */

const UNPACKED = join(import.meta.dirname, "../../.cache/unpacked");
const PACKAGED = join(import.meta.dirname, "../../images/packages/files");
const directory = mkdtempSync(join(tmpdir(), "vsix-seed-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));
const skip = existsSync(UNPACKED) ? false : "scripts/setup has not unpacked cloud-init here";

const DUMP = "import sys, yaml; print(yaml.safe_dump({'network': yaml.safe_load(open(sys.argv[1]))}))";

/** The files of user-data below a folder, with their modes. */
function writtenBelow(name: Example): string {
  const root = join(directory, `root-${name}`);
  const { write_files: files } = parse(exampleFiles(name)["user-data"]) as UserData;
  for (const { path, content, permissions } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: Number.parseInt(permissions, 8) });
  }
  return root;
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${error?.message ?? ""}${stdout}${stderr}`);
  return stdout + stderr;
}

for (const name of EXAMPLES) {
  test(`cloud-init itself takes the user-data of ${name}`, { skip }, () => {
    const file = join(directory, `${name}.user-data`);
    writeFileSync(file, exampleFiles(name)["user-data"], { mode: 0o600 });
    const schema = (path: string): string =>
      run("python3", ["-m", "cloudinit.cmd.main", "schema", "-c", path], {
        PYTHONPATH: join(UNPACKED, "usr/lib/python3/dist-packages"),
      });
    const said = schema(file);
    assert.match(said, /Valid cloud-config/);
    assert.doesNotMatch(said, /deprecat/i);
    if (name !== "home") return;
    const spoiled = readFileSync(file, "utf8").replace("lock_passwd: true", "lock_passwd: 3");
    writeFileSync(file, spoiled, { mode: 0o600 });
    assert.throws(() => schema(file), /is not valid under any/, "it would have said so");
  });

  test(`Netplan makes configuration of systemd-networkd of the network-config of ${name}`, { skip }, () => {
    const root = join(directory, `netplan-${name}`);
    mkdirSync(join(root, "etc/netplan"), { recursive: true });
    const given = join(directory, `${name}.network-config`);
    writeFileSync(given, exampleFiles(name)["network-config"], { mode: 0o600 });
    // In the order that cloud-init writes it in: Netplan has trouble with some.
    const text = run("python3", ["-c", DUMP, given]);
    writeFileSync(join(root, "etc/netplan/50-cloud-init.yaml"), text, { mode: 0o600 });
    const [libraries] = globSync(join(UNPACKED, "usr/lib/*-linux-gnu"));
    run(join(UNPACKED, "usr/libexec/netplan/generate"), ["--root-dir", root], {
      LD_LIBRARY_PATH: libraries ?? assert.fail("Netplan has a library"),
    });
    const made = globSync("run/systemd/network/*.network", { cwd: root });
    const devices = Object.values(parse(text).network as Record<string, unknown>)
      .filter((section): section is object => typeof section === "object")
      .flatMap((section) => Object.keys(section));
    assert.deepEqual(made.map((path) => /10-netplan-(.*)\.network$/.exec(path)?.[1]).sort(), devices.sort());
    // What we add to them stands where networkd looks for it.
    for (const path of globSync("etc/systemd/network/*.d", { cwd: writtenBelow(name) }))
      assert.ok(made.includes(path.replace(/^etc/, "run").replace(/\.d$/, "")), path);
  });

  test(`systemd understands the units of ${name}`, () => {
    const root = writtenBelow(name);
    const units = globSync("etc/systemd/system/*.{service,timer,socket}", { cwd: root });
    assert.equal(units.length > 0, name !== "controller-vm");
    if (units.length === 0) return;
    const { stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", "--man=no", "--recursive-errors=no", ...units.map((unit) => join(root, unit))],
      { encoding: "utf8" },
    );
    const said = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
    // Our programs are not installed here.
    assert.deepEqual(
      said.filter((line) => !/\/usr\/bin\/vsix-agent is not executable/.test(line)),
      [],
    );
  });

  test(`our own programs take their configuration of ${name}`, () => {
    const root = writtenBelow(name);
    if (name === "controller-vm") {
      const file = join(root, "etc/vsix/controller.json");
      const { tls, enrol } = parseConfig(JSON.parse(readFileSync(file, "utf8")), file);
      assert.deepEqual(tls.names, ["2001:db8:10::a", "noc.example.net"]);
      assert.deepEqual(enrol, { host: "::", port: 8443 });
      return;
    }
    const { node, lan, stateDir, controller, gobgp } = readAgentConfig(join(root, "etc/vsix/agent.json"));
    // As the package's units have it.
    const packaged = readAgentConfig(join(PACKAGED, "agent/agent.json"));
    assert.deepEqual(
      { stateDir, controller, gobgp },
      { stateDir: packaged.stateDir, controller: packaged.controller, gobgp: packaged.gobgp },
    );
    assert.equal(node, name === "router-vm" ? "pe-1" : "access-1");
    assert.deepEqual(lan, name === "router-vm" ? undefined : ["lan0"]);
    assert.equal(statSync(join(root, "etc/vsix/claim")).mode & 0o777, 0o600);
  });
}

test("the command writes three files that nobody else may read, over what was there", () => {
  const folder = join(directory, "command");
  const out = join(folder, "seed");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "user-data"), "older, and longer than nothing\n".repeat(1000), { mode: 0o644 });
  writeFileSync(join(folder, "home.yaml"), exampleText("home"));
  for (const [name, text] of Object.entries(SECRETS))
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
  writeFileSync(join(folder, "claim.token"), claimFor("access-1", "2999-01-01T00:00:00Z"), { mode: 0o600 });
  const command = join(import.meta.dirname, "../../cloud-init/bin/vsix-pi");
  run(command, ["render", join(folder, "home.yaml"), "--output", out]);
  for (const file of ["user-data", "network-config", "meta-data"])
    assert.equal(statSync(join(out, file)).mode & 0o777, 0o600, file);
  assert.equal((parse(readFileSync(join(out, "user-data"), "utf8")) as UserData)["hostname"], "home-1");

  writeFileSync(join(folder, "wifi.passphrase"), "correct horse", { mode: 0o600 });
  spawnSync("chmod", ["644", join(folder, "wifi.passphrase")]);
  const { status, stderr } = spawnSync(command, ["check", join(folder, "home.yaml")], {
    encoding: "utf8",
    // As npm has it in what it runs: its own Node, which may be an older one than ours.
    env: { ...process.env, NODE: "/bin/false" },
  });
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /home\.yaml:\d+:\d+: .*wifi\.passphrase has mode 644: others may read it; chmod 600 it/,
  );
  assert.equal(spawnSync(command, ["make", "x"]).status, 2);
});
