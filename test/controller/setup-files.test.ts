import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import {
  TUNNEL_FORMATS,
  type TunnelFormat,
  tunnelSetup,
  VPN_FORMATS,
  type VpnFormat,
} from "../../controller/src/core/access/setup/formats.ts";
import { lanSubnet } from "../../controller/src/core/access/setup/lan-subnet.ts";
import { isDeviceName, type SetupFile } from "../../controller/src/core/access/setup/setup-file.ts";
import { shown, TUNNEL, VPN } from "./setup-wishes.ts";

/**
 * Set-ups of users' devices: as they were looked at by people (golden/), and as the programs read them that they are for, where Debian
 * has those. RouterOS, uci and IOS XE are read by nobody here.
 */

const GOLDEN = join(import.meta.dirname, "golden/setup");
const UNPACKED = join(import.meta.dirname, "../../.cache/unpacked");
const skip = existsSync(join(UNPACKED, "usr/bin/nmcli"))
  ? false
  : "scripts/setup has not unpacked NetworkManager here";
const directory = mkdtempSync(join(tmpdir(), "vsix-setups-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const vpnFormats = Object.keys(VPN_FORMATS) as VpnFormat[];
const tunnelFormats = Object.keys(TUNNEL_FORMATS) as TunnelFormat[];

function tunnel(format: TunnelFormat, delegation = true): readonly SetupFile[] {
  return tunnelSetup(format, { ...TUNNEL, delegation }, { lan: TUNNEL_FORMATS[format].lan });
}

/** Where the files are, below a folder of their own. */
function written(name: string, files: readonly SetupFile[]): string {
  const root = join(directory, name);
  for (const { path, text, mode } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: Number.parseInt(mode, 8) });
  }
  return root;
}

for (const format of vpnFormats)
  test(`a VPN device's set-up for ${format} is as it was looked at, and secrets are in private files only`, (t) => {
    const files = VPN_FORMATS[format](VPN);
    t.assert.fileSnapshot(shown(files), join(GOLDEN, `vpn-${format}.golden`), { serializers: [String] });
    for (const { text, mode } of files)
      if (text.includes(VPN.privateKey) || text.includes(VPN.presharedKey)) assert.match(mode, /^06[04]0$/);
    assert.ok(files.some(({ text }) => text.includes(VPN.privateKey)));
  });

for (const format of tunnelFormats)
  test(`a tunnel's set-up for ${format} is as it was looked at, with and without DHCPv6`, (t) => {
    for (const delegation of [true, false]) {
      const name = `tunnel-${format}${delegation ? "" : "-static"}.golden`;
      const files = tunnel(format, delegation);
      t.assert.fileSnapshot(shown(files), join(GOLDEN, name), { serializers: [String] });
      for (const text of [TUNNEL.local, TUNNEL.remote, "1460"]) assert.ok(shown(files).includes(text), text);
    }
  });

test("what a user calls his LAN is a name of a device or nothing: no line, quote or command gets into a file", () => {
  for (const lan of ["lan0", "GigabitEthernet0/0/1", "br-lan", "eth0.10"]) assert.ok(isDeviceName(lan), lan);
  for (const lan of ["", "a b", "lan0\n[Network]", "lan'; reboot #", "$(id)", "a".repeat(33), "-x", "ｌan"]) {
    assert.ok(!isDeviceName(lan), JSON.stringify(lan));
    for (const format of tunnelFormats)
      assert.throws(() => tunnelSetup(format, TUNNEL, { lan }), /is no name of a device/);
  }
});

test("the first network of hosts is a /64, or all there is", () => {
  const of = (prefix: string) => lanSubnet({ ...TUNNEL, prefixes: [prefix] });
  assert.deepEqual(of("2001:db8:e000:10::/60"), {
    ...{ prefix: "2001:db8:e000:10::/64", address: "2001:db8:e000:10::1/64", delegatedLength: 60 },
  });
  assert.equal(of("2001:db8::/80").address, "2001:db8::1/80");
  assert.throws(() => lanSubnet({ ...TUNNEL, prefixes: [] }), RangeError);
});

test("wg-quick reads its file", () => {
  const root = written("wg-quick", VPN_FORMATS["wg-quick"](VPN));
  const { status, stdout, stderr } = spawnSync("wg-quick", ["strip", join(root, "etc/wireguard/vsix.conf")], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  for (const key of ["PrivateKey", "PresharedKey", "AllowedIPs"])
    assert.match(stdout, new RegExp(`^${key} = `, "m"));
  assert.doesNotMatch(stdout, /^(Address|DNS|MTU)/m, "those are wg-quick's own");
});

/** Everything that networkd says of its files while it starts, in namespaces of its own. It is no root: what root alone reads it does not. */
function networkdSays(root: string): string {
  const script = [
    "mount --make-rprivate / && mount -t tmpfs none /run && mount -t tmpfs none /etc/systemd/network",
    'cp -p "$1"/etc/systemd/network/* /etc/systemd/network && chgrp systemd-network /etc/systemd/network/*',
    "SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd >/run/said 2>&1 &",
    "for _ in $(seq 600); do grep -q 'Enumeration completed' /run/said && break; sleep 0.1; done; cat /run/said",
  ].join("\n");
  const isolated = ["--net", "--mount", "--pid", "--fork", "--kill-child"];
  const { stdout, stderr } = spawnSync("unshare", [...isolated, "sh", "-c", script, "sh", root], {
    encoding: "utf8",
  });
  return stdout + stderr;
}

test("systemd-networkd may read its files and knows every key of them", () => {
  for (const [name, files, kind] of [
    ["networkd-vpn", VPN_FORMATS.networkd(VPN), "wireguard"],
    ["networkd-tunnel", tunnel("networkd"), "ip6tnl"],
    ["networkd-static", tunnel("networkd", false), "ip6tnl"],
  ] as const) {
    const said = networkdSays(written(name, files));
    assert.match(said, new RegExp(`vsix: loaded "${kind}"`), said);
    const complaints = said.split("\n").filter((line) => /systemd\/network\/\S+:\d+:/.test(line));
    assert.deepEqual(complaints, [], name);
  }
  const [device, ...rest] = tunnel("networkd");
  assert.ok(device !== undefined);
  const spoiled = [{ ...device, text: device.text.replace("Mode=ip6ip6", "Mode=ip6ip7") }, ...rest];
  assert.match(
    networkdSays(written("networkd-spoiled", spoiled)),
    /50-vsix\.netdev:\d+: /,
    "it would have said so",
  );
});

test("NetworkManager reads its keyfiles, and reads in them what was meant", { skip }, () => {
  const [libraries = ""] = globSync(join(UNPACKED, "usr/lib/*-linux-gnu"));
  const nmcli = (text: string) =>
    spawnSync(
      join(UNPACKED, "usr/bin/nmcli"),
      ["--offline", "connection", "modify", "connection.zone", "read"],
      {
        encoding: "utf8",
        input: text,
        env: { PATH: process.env["PATH"] ?? "", LD_LIBRARY_PATH: libraries },
      },
    );
  const readBack = (files: readonly SetupFile[]): string =>
    files
      .filter(({ path }) => path.endsWith(".nmconnection"))
      .map(({ text }) => {
        const { status, stdout, stderr } = nmcli(text);
        assert.equal(status, 0, stderr);
        return stdout;
      })
      .join("\n");
  const vpn = readBack(VPN_FORMATS["network-manager"](VPN));
  for (const line of [
    `[wireguard-peer.${VPN.publicKey}]`,
    "allowed-ips=::/0;",
    "address1=2001:db8:d000::7/128",
    "mtu=1420",
  ])
    assert.ok(vpn.includes(`${line}\n`), `${line}\n${vpn}`);
  const tunnelled = readBack(tunnel("network-manager"));
  for (const line of [
    "mode=6",
    "ttl=64",
    "flags=1",
    "route1_options=table=4690",
    "address1=2001:db8:e000::1/64",
  ])
    assert.ok(tunnelled.includes(`${line}\n`), `${line}\n${tunnelled}`);
  assert.match(tunnelled, /routing-rule2=priority 4690 from 2001:db8:e000::\/60 table 4690/);
  assert.notEqual(
    nmcli("[connection]\nid=x\ntype=ip-tunnel\n[ip-tunnel]\nmode=no\n").status,
    0,
    "it would have said so",
  );
});

test("a shell reads the scripts for OpenWrt and iproute2", () => {
  const scripts = [...tunnel("open-wrt"), ...VPN_FORMATS["open-wrt"](VPN), ...tunnel("iproute2").slice(0, 1)];
  for (const { path, text } of scripts) {
    const { status, stderr } = spawnSync("sh", ["-n"], { encoding: "utf8", input: text });
    assert.equal(status, 0, `${path}: ${stderr}`);
  }
});
