import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, formatFault } from "@vsix/shared/fabric/fault.ts";
import fc from "fast-check";
import { claimFor, EXAMPLES, exampleText, HIDDEN, portsOf, SECRETS } from "../../test/cloud-init/examples.ts";
import { REPLACED } from "./legacy.ts";
import { readSeed } from "./read.ts";

const home = exampleText("home");
const wireguard = exampleText("home-wireguard");
const router = exampleText("router-vm");

function faultsOf(text: string, files = SECRETS): readonly Fault[] {
  const result = readSeed(text, "x.yaml", portsOf(files));
  return result.ok ? [] : result.faults;
}

/** What to change in an example; text in the line of the fault, and what it says. */
const BAD: readonly (readonly [
  title: string,
  text: string,
  from: string,
  to: string,
  line: string,
  says: RegExp,
])[] = [
  ["another version", home, "version: 1", "version: 2", "version: 2", /version 2 is not known/],
  ["no kind", home, "kind: pi", "kind: box", "kind: box", /pi, router, controller/],
  ["a host name with a space", home, "hostname: home-1", "hostname: Home 1", "Home 1", /One label/],
  ["an unknown key", home, "ssid:", "sid:", "sid:", /`sid` is not known here; did you mean ssid\?/],
  ["root", home, "name: alice", "name: root", "name: root", /root does not sign in/],
  ["a user without a way in", home, "sshKeys:", "githubIds: []\n      sshKeys2:", "sshKeys2:", /not known/],
  [
    "a damaged key",
    home,
    "ssh-ed25519 AAAAC3",
    "ssh-ed25519 AAAAB3",
    "AAAAB3",
    /something else within: copy it again/,
  ],
  [
    "a private key",
    home,
    "ssh-ed25519 AAAA",
    "-----BEGIN OPENSSH PRIVATE KEY----- ",
    "BEGIN",
    /this is a private key: give it to nobody/,
  ],
  ["an uplink of no known kind", home, "kind: ethernet", "kind: ethernt", "ethernt", /ethernet, ngn, wifi/],
  [
    "an access of no known kind",
    home,
    "{ kind: tunnel }",
    "{ kind: gre }",
    "kind: gre",
    /tunnel, srv6, wireguard/,
  ],
  ["no claim", home, "claim: { file: claim.token }", "", "version: 1", /`claim` is missing/],
  [
    "a claim in no file",
    home,
    "file: claim.token",
    "file: other.token",
    "other.token",
    /other.token cannot be read \(ENOENT\)/,
  ],
  [
    "a claim that is over",
    home,
    "{ file: claim.token }",
    claimFor("access-1", "2025-12-31T00:00:00Z"),
    "claim: vsix1.",
    /over since 2025-12-31/,
  ],
  [
    "the claim of a router",
    home,
    "{ file: claim.token }",
    claimFor("pe-1"),
    "claim: vsix1.",
    /for the router pe-1/,
  ],
  [
    "the claim of a home in a router",
    router,
    "{ file: claim.token }",
    claimFor("access-9"),
    "claim: vsix1.",
    /device of an application/,
  ],
  [
    "one device as uplink and LAN",
    home,
    "interface: eth0",
    "interface: lan-usb0",
    "name: lan-usb0",
    /lan-usb0 is an uplink already/,
  ],
  ["the bridge's own name", home, "name: lan-usb0", "name: lan0", "name: lan0", /something else here/],
  ["a channel that is none", home, "channel: 36", "channel: 35", "channel: 35", /no channel 35/],
  ["802.11ac at 2.4 GHz", home, "channel: 36", "channel: 11", "ac: true", /no channel 11/],
  ["a country in small letters", home, "country: JP", "country: jp", "country: jp", /ISO 3166/],
  [
    "a name of 33 octets",
    home,
    "ssid: vsix-home",
    `ssid: ${"ä".repeat(16)}x`,
    "ssid:",
    /at most 32 octets; this has 33/,
  ],
  [
    "a configuration that runs commands",
    wireguard,
    "{ file: vsix0.conf }",
    '"[Interface]\\nPostUp = reboot"',
    "PostUp",
    /`PostUp` that does not belong there/,
  ],
  [
    "IPv4 addresses",
    router,
    "2001:db8:ff:1::21/64",
    "192.0.2.1/24",
    "192.0.2.1/24",
    /is IPv4; this network has IPv6 only/,
  ],
  ["a gateway that is none", router, 'gateway: "2001', 'gateway: "x2001', "x2001", /no IPv6 address/],
];

for (const [title, good, from, to, lineHas, says] of BAD) {
  test(`a file with ${title} is refused with the line and what would be right`, () => {
    assert.ok(good.includes(from), `the example has no ${JSON.stringify(from)}`);
    const text = good.replace(from, () => to);
    const files = good === router ? { "claim.token": claimFor("pe-1") } : SECRETS;
    const faults = faultsOf(text, files);
    const line = text.slice(0, text.indexOf(lineHas)).split("\n").length;
    const shown = faults.map(formatFault).join("\n");
    assert.ok(
      faults.some((fault) => (title === "no claim" || fault.line === line) && says.test(fault.message)),
      `line ${line}: ${shown}`,
    );
  });
}

test("nobody behind it, and nobody who could sign in", () => {
  assert.match(
    faultsOf(home.replace(/lan:[\s\S]*$/, "lan: {}\n"))[0]?.message ?? "",
    /nobody would be behind/,
  );
  const keyless = home.replace(/ {6}sshKeys:\n.*\n/, "");
  assert.match(faultsOf(keyless)[0]?.message ?? "", /nobody could sign in as this user/);
});

test("a password is no hash of one, and is not repeated", () => {
  const text = home.replace("name: alice", "name: alice\n      passwordHash: hunter2");
  const [fault] = faultsOf(text);
  assert.match(fault?.message ?? "", /openssl passwd -6/);
  assert.ok(!fault?.message.includes("hunter2"));
  const hash = `$6$salt$${"a".repeat(86)}`;
  assert.deepEqual(faultsOf(home.replace("name: alice", `name: alice\n      passwordHash: ${hash}`)), []);
});

test("no fault repeats a secret, whatever is wrong with it", () => {
  const secrets = ["verysecret", "[verysecret]", "{ verysecret: 1 }", "{ file: [verysecret] }", "1e99"];
  for (const wrong of secrets)
    for (const at of ["{ file: claim.token }", "{ file: wifi.passphrase }"]) {
      const faults = faultsOf(home.replace(at, wrong));
      if (wrong === "verysecret" && at.includes("wifi")) assert.deepEqual(faults, []);
      else {
        assert.ok(faults.length > 0, `${wrong} at ${at} is taken`);
        const shown = faults.map(formatFault).join("\n");
        // A key that somebody wrote is a name, and told.
        if (!wrong.includes(": 1")) assert.ok(!shown.includes("verysecret"), shown);
      }
    }
});

test("nor does a fault of syntax", () => {
  for (const wrong of [
    "*verysecret",
    "!verysecret x",
    "&verysecret",
    '"verysecret',
    "%verysecret: [",
    "a: verysecret",
  ]) {
    const faults = faultsOf(home.replace("{ file: wifi.passphrase }", wrong));
    assert.ok(faults.length > 0 || wrong.startsWith("&"), `${wrong} is taken`);
    assert.ok(!faults.map(formatFault).join().includes("verysecret"), faults.map(formatFault).join("\n"));
  }
});

test("every key of the original file is answered with what replaced it, at its line", () => {
  const original = [
    "user_data:",
    "  project:",
    "    login_name: alice",
    "  system: { hostname: pi, username: a, password: x, ssh_login: { github_ids: [a], public_keys: [b] } }",
    "  tunnel:",
    "    myself: { address: 2001:db8::/64 }",
    "    providers: [{ endpoint: a, prefix: 2001:db8::/60 }]",
    "  access_service:",
    "    wifi: { ssid: a, passphrase: b, channel: 1, use_11ac: true }",
    "    ethernet: { built_in: { vlan_id: 2 }, usb_adapters: [{ alias: a, mac_address: b }] }",
    "    router_adv: { lifetime: { valid: 14400, preferred: 3600 }, nameservers: [c] }",
    "    mtu: 1460",
    "    mss: 1360",
    "    strange: 1",
    "  maintenance: { auto_reconf: true, auto_upgrade: true }",
  ].join("\n");
  const faults = faultsOf(original);
  for (const [key] of REPLACED)
    assert.equal(
      faults.filter(({ message }) => message.startsWith(`\`${key}\` is`)).length,
      1,
      `${key}: ${faults.map(formatFault).join("\n")}`,
    );
  assert.equal(faults.find(({ message }) => message.includes("auto_reconf"))?.line, 15);
  assert.match(faults.find(({ line }) => line === 14)?.message ?? "", /no key of vsixpi.yml either/);
  assert.equal(faults.length, REPLACED.length + 2);
});

test("no change of a character makes the reader throw, leave a place unnamed or tell a secret", () => {
  const text = home
    .replace("{ file: claim.token }", SECRETS["claim.token"] ?? "")
    .replace("{ file: wifi.passphrase }", `"${SECRETS["wifi.passphrase"]}"`);
  assert.deepEqual(faultsOf(text), []);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      const changed = text.slice(0, at) + put + text.slice(at + 1);
      const faults = faultsOf(changed);
      const lines = changed.split("\n").length;
      for (const fault of faults) {
        assert.ok(fault.line >= 1 && fault.line <= lines && fault.column >= 1, formatFault(fault));
        for (const part of [...HIDDEN, "xyzzy", "plugh", SECRETS["claim.token"]?.slice(20, 60) ?? ""])
          assert.ok(!fault.message.includes(part), `a secret is told: ${part}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("the examples have no fault", () => {
  for (const name of EXAMPLES)
    assert.deepEqual(
      faultsOf(exampleText(name), name === "router-vm" ? { "claim.token": claimFor("pe-1") } : SECRETS).map(
        formatFault,
      ),
      [],
    );
});
