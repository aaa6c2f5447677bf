import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { agentMain } from "../programs/bundles.ts";
import { addNamespace, inside, nameOf } from "./access-clients.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { bgpPart, document, fabricPart, type Signed } from "./documents.ts";

/**
 * The status page beside a running agent, on a socket as systemd makes it of the seed's `vsix-page.socket`: this namespace is the home router,
 * `h` a host behind its LAN, `s` a stranger on its uplink. No tunnel is made, so that any kernel will do.
 */

const NAME = "home-1.local";
const RUN_DIR = join(tmpdir(), `vt-home-page-${process.pid}`);
const WAN = "3fff:250::2";
const LAN = "2001:db8:e:f0::1";
const HOME: HomePart = {
  version: 1,
  tunnels: [],
  lan: { resolvers: ["2001:db8:53::53"], pref64: "2001:db8:64::/96", preferredS: 2700, validS: 5400 },
};
const TUNNELS = [
  { id: "1", remote: "3fff:250::1", mtu: 1460, hopLimit: 64, prefixes: ["2001:db8:f2::/60"] },
] as const satisfies readonly object[];

function documentOf(generation: number, home: HomePart): Signed {
  const fabric = fabricPart({
    node: { name: "r1", role: "edge", id: 1, site: "here", loopback: "2001:db8:c:ffff::1" },
    ...{ loopbackAddresses: [], interfaces: [], sids: [], blackholes: [], overrides: [] },
  });
  return document(generation, { fabric, bgp: bgpPart({ originate: [], neighbours: [] }), more: { home } });
}

/** What of ours the kernel has (core/ownership.ts). */
const ourRoutes = (): string => ip(["-6", "route", "show", "table", "all", "proto", "118"]).trim();
const ourRules = (): number =>
  ipJson(["-6", "-N", "rule", "show"]).filter(({ protocol }) => protocol === "118").length;
const ourAddress = (): boolean => ip(["addr", "show", "dev", "lan0"]).includes("2001:db8:f2:");

/** What systemd does before it starts a service of a socket (sd_listen_fds(3), systemd.socket(5) BindToDevice=). */
const AS_SYSTEMD = `
import os, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lan0")
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(("::", 80)); s.listen(64)
if s.fileno() != 3: os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])`;

if (await insideNamespace("home-page", import.meta.url)) {
  const stack = new AsyncDisposableStack();
  after(() => stack.disposeAsync());
  for (const [node, device, address, far] of [
    ["h", "lan0", LAN, "2001:db8:e:f0::2"],
    ["s", "wan0", WAN, "3fff:250::1"],
  ] as const) {
    addNamespace(node);
    ip(["link", "add", device, "type", "veth", "peer", "name", "net0", "netns", nameOf(node)]);
    ip(["addr", "add", `${address}/64`, "dev", device, "nodad"]);
    ip(["link", "set", device, "up"]);
    inside(node, "ip", "addr", "add", `${far}/64`, "dev", "net0", "nodad");
    inside(node, "ip", "link", "set", "net0", "up");
    inside(node, "ip", "-6", "route", "add", "default", "via", address);
  }
  const broker = stack.use(await OpenBroker.start());
  const host = stack.use(new AgentHost(broker.url, { lan: ["lan0"], runDir: RUN_DIR }));
  const claim = join(host.directory, "claim");
  const health = join(host.directory, "health.json");
  let page: ChildProcess | undefined;
  stack.defer(() => void page?.kill("SIGKILL"));

  const startPage = (...more: readonly string[]): ChildProcess => {
    const words = ["page", "--config", host.configFile, "--name", NAME, "--claim", claim, "--health", health];
    const command = [process.execPath, agentMain(), ...words, ...more];
    return spawn("python3", ["-c", AS_SYSTEMD, ...command], { stdio: ["ignore", "inherit", "inherit"] });
  };
  /** What comes of GET, from a namespace: the whole answer, or the errno. */
  const asked = (from: string, to: string, target = "/", named = `[${to}]`): string => {
    const script = `
const socket = require("net").connect({ host: "${to}", port: 80 });
let said = "";
socket.on("data", (chunk) => { said += chunk; });
socket.on("error", ({ code }) => { said = code; });
socket.on("close", () => console.log(said));
socket.write("GET ${target} HTTP/1.1\\r\\nHost: ${named}\\r\\n\\r\\n");`;
    const run = ["netns", "exec", nameOf(from), process.execPath, "-e", script];
    return spawnSync("ip", run, { encoding: "utf8" }).stdout.trim();
  };
  const body = (): unknown => JSON.parse(asked("h", LAN, "/status.json").split("\r\n\r\n")[1] ?? "");

  test("before enrolment a host of the LAN is told how far it is, and what the last look found", async () => {
    writeFileSync(claim, "x");
    writeFileSync(health, "{");
    page = startPage();
    await until("the page is there", () => asked("h", LAN).startsWith("HTTP/1.1 200"));
    assert.match(asked("h", LAN), /still introducing itself/);
    const look = {
      version: 1,
      node: "x",
      instance: "y",
      run: 1,
      startedMs: Date.now(),
      tookMs: 1,
      state: "bad",
    };
    const verdicts = [{ code: "no-carrier", layer: "datalink", state: "bad", text: "eth0 has no carrier" }];
    writeFileSync(health, JSON.stringify({ ...look, verdicts, layers: [], checks: [] }));
    await until("the look is told", () => asked("h", LAN).includes("eth0 has no carrier"));
    const scope = ip(["-o", "-6", "addr", "show", "dev", "lan0", "scope", "link"]);
    const local = /inet6 (fe80::\S+)\/64/.exec(scope)?.[1] ?? assert.fail(scope);
    assert.match(asked("h", `${local}%net0`, "/", NAME), /^HTTP\/1\.1 200/, "by the link-local address too");
    assert.match(asked("h", LAN, "/", "evil.example"), /^HTTP\/1\.1 421/);
  });

  test("nobody reaches it by the uplink, whatever address he asks for", () => {
    for (const address of [WAN, LAN]) assert.equal(asked("s", address), "ECONNREFUSED", address);
  });

  test("the agent's word is what is told: first no settings, then no connection", async () => {
    await host.start();
    await until("the agent is asked", () => asked("h", LAN).includes("waits for its settings"));
    await broker.document(documentOf(1, HOME));
    await until("what it was told is told", () =>
      asked("h", LAN).includes("has given this router no connection"),
    );
    assert.match(asked("h", LAN), /2001:db8:64::\/96/);
    const { facts } = body() as {
      facts: { controllerUp: boolean; generation: number; resolvers: readonly string[] };
    };
    assert.deepEqual([facts.controllerUp, facts.generation, facts.resolvers], [true, 1, HOME.lan.resolvers]);
  });

  test("the router is reset while its agent runs: that ends, nothing of ours is left, and the page says so", async () => {
    const [tunnel] = TUNNELS;
    await broker.document(
      documentOf(2, { ...HOME, tunnels: [{ ...tunnel, prefixes: [...tunnel.prefixes] }] }),
    );
    await until("the LAN has an address of the tunnel's prefix", ourAddress);
    await until("what is on no LAN is unreachable", () =>
      ourRoutes().includes("unreachable 2001:db8:f2::/60"),
    );
    rmSync(claim);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [agentMain(), "reset", "--config", host.configFile, "--yes"],
      { encoding: "utf8" },
    );
    assert.deepEqual([status, stdout], [0, "r1 has been reset; it needs a new claim\n"], stderr);
    assert.equal(await host.ended(30_000), 0);
    assert.deepEqual(readdirSync(host.stateDir), ["reset-done"]);
    assert.deepEqual([ourAddress(), ourRoutes(), ourRules()], [false, "", 0]);
    assert.doesNotMatch(spawnSync("nft", ["list", "tables"], { encoding: "utf8" }).stdout, /inet vsix$/m);
    assert.match(
      ip(["addr", "show", "dev", "lan0"]),
      new RegExp(`${LAN}/64`),
      "what is somebody else's stays",
    );
    await until("it is said", () => asked("h", LAN).includes("has been reset"));
  });

  test("nobody answers and nothing says why: the page says so; asked to, it ends in order", async () => {
    rmSync(join(host.stateDir, "reset-done"));
    await until("it is said", () => asked("h", LAN).includes("does not answer"));
    const ended = once(page ?? assert.fail(), "exit");
    page?.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  });

  test("nobody asks any more: it ends by itself, for systemd to start it again", async () => {
    page = startPage("--idle", "1");
    assert.deepEqual(await once(page, "exit"), [0, null]);
  });
}
