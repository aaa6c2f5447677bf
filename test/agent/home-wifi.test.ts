import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { hostapdText } from "../../cloud-init/core/hostapd.ts";
import { supplicantText } from "../../cloud-init/core/render-uplink.ts";
import type { AccessPoint } from "../../cloud-init/core/schema.ts";
import { exampleSeed, SECRETS } from "../cloud-init/examples.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { addNamespace, arrived, inside, nameOf } from "./access-clients.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { bgpPart, document, fabricPart, type Signed } from "./documents.ts";
import { hasPrograms, RadioProgram, radios, readRegulations, takeRadio } from "./radios.ts";

/**
 * The access point of a home router, on simulated radios: this namespace is the router with the bridge `lan0` of its seed, `s` a station,
 * `p` the access router at the far end of its tunnel (IP6IP6), and `w` the world behind that.
 */

const WORLD = "2001:db8:e::2";
const PREFIX = "2001:db8:e:f0::/60";
const RESOLVER = "2001:db8:53::53";
const HOME: HomePart = {
  version: 1,
  tunnels: [{ id: "1", remote: "3fff:250::1", mtu: 1460, hopLimit: 64, prefixes: [PREFIX] }],
  lan: { mtu: 1460, resolvers: [RESOLVER], pref64: "2001:db8:64::/96", preferredS: 2700, validS: 5400 },
};
const PASSPHRASE = SECRETS["wifi.passphrase"] ?? "";
/** At 2.4 GHz; that of the example is at 5. */
const CHANNEL = 6;
const NAMESPACE = process.env["VSIX_TEST_NAMESPACE"] ?? "";

if (await insideNamespace("home-wifi", import.meta.url)) {
  const name =
    "stations of a home router's access point are told what they need and get through, in a guest kernel";
  if (!hasPrograms()) test(name, { skip: "scripts/setup has not unpacked hostapd here" }, () => undefined);
  else if (kernelMakes("ip6tnl", "remote", "::1") && radios().length >= 2) declareAll();
  else await declareInGuest(name, "ip6_tunnel or no simulated radios", import.meta.url, 240);
}

type Station = "WPA-PSK" | "SAE";

function declareAll(): void {
  const directory = mkdtempSync(join(tmpdir(), "vt-wifi-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  test.after(() => stack.disposeAsync());
  const wifi = exampleWifi();
  let point: RadioProgram | undefined;

  test("the access point of examples/home.yaml: a station has all that a host is told, and gets through", async () => {
    makeNetwork();
    readRegulations();
    const broker = stack.use(await OpenBroker.start());
    const host = stack.use(new AgentHost(broker.url, { lan: ["lan0"] }));
    await host.start();
    await broker.document(documentOf(HOME));
    await until("the LAN has an address of the tunnel's prefix", () =>
      ip(["-6", "addr", "show", "dev", "lan0"]).includes("2001:db8:e:f0:"),
    );
    await startAccessPoint(wifi);
    const heard = firstAdvertisement();
    await heard.ready;
    await using station = stationOf("WPA-PSK", PASSPHRASE);
    await station.says(/CTRL-EVENT-CONNECTED/);
    const options = optionsOf(await heard.shown);
    // RFC 4861 section 4.6.4, RFC 8106 section 5.1, RFC 8781 section 4 (scaled lifetime in 13 bits, length code 0: /96).
    assert.equal(options.get(5), "0000000005b4", "MTU 1460");
    assert.match(options.get(25) ?? "", /^0000[0-9a-f]{8}20010db8005300000000000000000053$/, "RDNSS");
    assert.match(options.get(38) ?? "", /^[0-9a-f]{3}[08]20010db80064000000000000$/, "PREF64");
    await getsThrough();
    assert.equal(inside("s", "cat", "/proc/sys/net/ipv6/conf/net0/mtu").trim(), "1460");
    assert.match(inside("s", "ip", "-6", "route", "show", "default"), /via fe80::\S+ dev net0 proto ra/);
  });

  test("WPA2: who does not know the passphrase is refused", async () => {
    await refuses("WPA-PSK", `not ${PASSPHRASE}`, /reason=WRONG_KEY/);
  });

  test("security wpa3: a station with SAE gets through, one with another passphrase or with WPA2 does not", async () => {
    await startAccessPoint({ ...wifi, security: "wpa3", channel: CHANNEL, ac: false });
    {
      await using station = stationOf("SAE", PASSPHRASE);
      await station.says(/CTRL-EVENT-CONNECTED/);
      await getsThrough();
    }
    await refuses("SAE", `not ${PASSPHRASE}`, /CTRL-EVENT-SSID-TEMP-DISABLED/);
    await refuses("WPA-PSK", PASSPHRASE, /skip RSN IE - key mgmt mismatch/);
  });

  test("security both: a station with SAE gets through, and one with WPA2", async () => {
    await startAccessPoint({ ...wifi, security: "both", channel: CHANNEL, ac: false });
    for (const keys of ["SAE", "WPA-PSK"] as const) {
      await using station = stationOf(keys, PASSPHRASE);
      await station.says(/CTRL-EVENT-CONNECTED/);
      await getsThrough();
    }
  });

  /** Stays until the next one. */
  async function startAccessPoint(how: AccessPoint): Promise<void> {
    await point?.[Symbol.asyncDispose]();
    const file = join(directory, "wlan0.conf");
    writeFileSync(file, hostapdText(how, "wlan0", PASSPHRASE), { mode: 0o600 });
    point = new RadioProgram("hostapd", NAMESPACE, [file]);
    stack.use(point);
    await point.says(/AP-ENABLED/);
    assert.match(ip(["link", "show", "master", "lan0"]), / wlan0: /, "it is in the bridge");
  }

  /** The station says why not, and neither side says that it is in. */
  async function refuses(keys: Station, passphrase: string, why: RegExp): Promise<void> {
    const before = joined();
    await using station = stationOf(keys, passphrase);
    await station.says(why);
    assert.doesNotMatch(station.said, /CTRL-EVENT-CONNECTED/);
    assert.equal(joined(), before);
  }

  function joined(): number {
    return point?.said.split("AP-STA-CONNECTED").length ?? 0;
  }

  /** What a seed has for a Wi-Fi client; for SAE with the two words that takes (wpa_supplicant.conf(5)), and without a search of all channels. */
  function stationOf(keys: Station, passphrase: string): RadioProgram {
    const uplink = { kind: "wifi", interface: "net0", ssid: wifi.ssid, country: "JP", passphrase } as const;
    const file = join(directory, "net0.conf");
    const sae = keys === "SAE" ? "SAE\n  ieee80211w=2" : keys;
    const text = supplicantText(uplink, passphrase).replace(
      "key_mgmt=WPA-PSK",
      `key_mgmt=${sae}\n  scan_freq=5180 2437`,
    );
    writeFileSync(file, text, { mode: 0o600 });
    inside("s", "ip", "addr", "flush", "dev", "net0", "scope", "global");
    const args = ["-d", "-D", "nl80211", "-i", "net0", "-c", file];
    return new RadioProgram("wpa_supplicant", nameOf("s"), args);
  }
}

/** Addresses come by advertisement; five echoes of five are counted where they arrive, behind the tunnel. */
async function getsThrough(): Promise<void> {
  await until("the station has an address", () => address() !== undefined);
  assert.equal(arrived("s", address() ?? "", WORLD, "w"), 5);
}

function address(): string | undefined {
  const shown = inside("s", "ip", "-o", "-6", "addr", "show", "dev", "net0", "scope", "global");
  return /inet6 (2001:db8:e:f0:\S+)\/64/.exec(shown)?.[1];
}

function exampleWifi(): AccessPoint {
  const { file } = exampleSeed("home");
  assert.ok(file.kind === "pi" && file.lan.wifi !== undefined);
  return file.lan.wifi;
}

/** What tcpdump shows of the first advertisement that the station's radio hears. */
function firstAdvertisement(): { readonly ready: Promise<unknown>; readonly shown: Promise<string> } {
  inside("s", "ip", "link", "set", "net0", "up");
  const only = ["-c", "1", "icmp6 and ip6[40] == 134"];
  const command = [
    "netns",
    "exec",
    nameOf("s"),
    "tcpdump",
    "-ni",
    "net0",
    "-xx",
    "--immediate-mode",
    ...only,
  ];
  const child = spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += String(chunk);
    });
  return { ready: once(child.stderr, "data"), shown: once(child, "close").then(() => said) };
}

/** Its options by type, hexadecimal, without type and length (RFC 4861 section 4.2). */
function optionsOf(shown: string): ReadonlyMap<number, string> {
  const hex = [...shown.matchAll(/^\s+0x[0-9a-f]{4}:\s+([0-9a-f ]+)/gm)].map((match) => match[1]).join("");
  // After Ethernet, IPv6 and what every advertisement has.
  const octets = Buffer.from(hex.replaceAll(/\s/g, ""), "hex").subarray(14 + 40 + 16);
  assert.ok(octets.length > 0, shown);
  const found = new Map<number, string>();
  for (let at = 0; at < octets.length; ) {
    const [type = 0, length = 0] = octets.subarray(at);
    assert.ok(length > 0, shown);
    found.set(type, octets.subarray(at + 2, at + 8 * length).toString("hex"));
    at += 8 * length;
  }
  return found;
}

function documentOf(home: HomePart): Signed {
  const fabric = fabricPart({
    node: { name: "r1", role: "edge", id: 1, site: "here", loopback: "2001:db8:c:ffff::1" },
    ...{ loopbackAddresses: [], interfaces: [], sids: [], blackholes: [], overrides: [] },
  });
  return document(1, { fabric, bgp: bgpPart({ originate: [], neighbours: [] }), more: { home } });
}

function makeNetwork(): void {
  for (const node of ["p", "w", "s"]) addNamespace(node);
  ip(["link", "add", "wan0", "type", "veth", "peer", "name", "user0", "netns", nameOf("p")]);
  ip(["addr", "add", "3fff:250::2/64", "dev", "wan0", "nodad"]);
  ip(["link", "set", "wan0", "up"]);
  inside("p", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
  inside("p", "ip", "addr", "add", "3fff:250::1/64", "dev", "user0", "nodad");
  inside("p", "ip", "link", "set", "user0", "up");
  inside("p", "ip", "link", "add", "world0", "type", "veth", "peer", "name", "net0", "netns", nameOf("w"));
  inside("p", "ip", "addr", "add", "2001:db8:e:1::1/64", "dev", "world0", "nodad");
  inside("p", "ip", "link", "set", "world0", "up");
  inside("w", "ip", "addr", "add", "2001:db8:e:1::2/64", "dev", "net0", "nodad");
  inside("w", "ip", "link", "set", "net0", "up");
  inside("w", "ip", "addr", "add", `${WORLD}/128`, "dev", "lo", "nodad");
  inside("w", "ip", "-6", "route", "add", PREFIX, "via", "2001:db8:e:1::1");
  inside("p", "ip", "-6", "route", "add", `${WORLD}/128`, "via", "2001:db8:e:1::2");
  const ends = ["mode", "ip6ip6", "local", "3fff:250::1", "remote", "3fff:250::2", "encaplimit", "none"];
  inside("p", "ip", "link", "add", "tun0", "type", "ip6tnl", ...ends);
  inside("p", "ip", "link", "set", "tun0", "up");
  inside("p", "ip", "-6", "route", "add", PREFIX, "dev", "tun0");
  ip(["-6", "route", "add", "default", "via", "3fff:250::1", "dev", "wan0"]);
  // As Netplan makes it of a seed (cloud-init/core/render-pi.ts); hostapd puts the radio into it.
  ip(["link", "add", "lan0", "type", "bridge", "stp_state", "0", "forward_delay", "0"]);
  ip(["link", "set", "lan0", "up"]);
  const [first = "", second = ""] = radios();
  takeRadio(first, NAMESPACE, "wlan0");
  takeRadio(second, nameOf("s"), "net0");
}
