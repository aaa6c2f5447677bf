import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parse } from "yaml";
import {
  EXAMPLES,
  exampleFiles,
  exampleSeed,
  exampleText,
  HIDDEN,
  portsOf,
} from "../../test/cloud-init/examples.ts";
import { readSeed } from "./read.ts";
import { renderSeed, type UserData } from "./render.ts";

const userData = (text: string): UserData => parse(text) as UserData;

for (const name of EXAMPLES)
  test(`${name}: secrets are in files of mode 600 and nowhere else on the machine`, () => {
    const files = exampleFiles(name);
    const { write_files: written, ...rest } = userData(files["user-data"]);
    let hidden = 0;
    for (const secret of HIDDEN) {
      assert.ok(!files["meta-data"].includes(secret) && !files["network-config"].includes(secret));
      assert.ok(!JSON.stringify(rest).includes(JSON.stringify(secret).slice(1, -1)), "outside of files");
      for (const { path, permissions, content } of written)
        if (content.includes(secret)) {
          assert.equal(permissions, "0600", path);
          hidden++;
        }
    }
    assert.equal(hidden > 0, name !== "controller-vm", "the secrets were looked for where they are");
  });

for (const name of EXAMPLES)
  test(`${name}: nobody has a password by default, and none signs in by SSH with one`, () => {
    const data = userData(exampleFiles(name)["user-data"]);
    assert.equal(data["ssh_pwauth"], false);
    assert.equal(data["disable_root"], true);
    for (const user of data["users"] as readonly Record<string, unknown>[]) {
      assert.equal(user["lock_passwd"], true);
      assert.equal(user["passwd"], undefined);
    }
  });

test("health is looked at unless told otherwise, DNS is captured only where that is told", () => {
  const paths = (text: string): readonly string[] => {
    const result = readSeed(text, "x", portsOf());
    assert.ok(result.ok);
    return userData(renderSeed(result.seed, () => "0")["user-data"]).write_files.map(({ path }) => path);
  };
  const home = exampleText("home");
  const health = "/etc/systemd/system/vsix-health.timer";
  const capture = "/etc/systemd/system/vsix-dns-capture.service";
  assert.ok(paths(home).includes(health) && !paths(home).includes(capture));
  const other = paths(`${home}measure: { health: false, dnsCapture: true }\n`);
  assert.ok(!other.includes(health) && other.includes(capture));
});

test("another file is another instance, the same file the same", () => {
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
  const seed = exampleSeed("home");
  const id = (one: typeof seed): unknown =>
    (parse(renderSeed(one, digest)["meta-data"]) as Record<string, unknown>)["instance-id"];
  assert.equal(id(seed), id(exampleSeed("home")));
  assert.notEqual(id(seed), id(exampleSeed("home-ngn")));
});

test("a name of a network is octets in the configuration, whatever characters it has", () => {
  const text = exampleText("home").replace("ssid: vsix-home", 'ssid: "a\\nä\\"#"');
  const result = readSeed(text, "x", portsOf());
  assert.ok(result.ok);
  const { write_files: files } = userData(renderSeed(result.seed, () => "0")["user-data"]);
  const conf = files.find(({ path }) => path === "/etc/hostapd/wlan0.conf")?.content ?? "";
  assert.match(conf, new RegExp(`^ssid2=${Buffer.from('a\nä"#').toString("hex")}$`, "m"));
});

test("hostapd waits for the bridge of the LAN, unblocks the radio and never gives up", () => {
  const files = userData(exampleFiles("home")["user-data"]).write_files;
  const path = "/etc/systemd/system/hostapd@wlan0.service.d/vsix.conf";
  const unit = files.find((one) => one.path === path)?.content ?? "";
  for (const line of [
    "After=sys-subsystem-net-devices-lan0.device",
    "StartLimitIntervalSec=0",
    "ExecStartPre=-/usr/sbin/rfkill unblock wlan",
  ])
    assert.ok(unit.split("\n").includes(line), line);
  const packages = userData(exampleFiles("home")["user-data"])["packages"] as readonly string[];
  assert.ok(["hostapd", "iw", "rfkill"].every((name) => packages.includes(name)));
});
