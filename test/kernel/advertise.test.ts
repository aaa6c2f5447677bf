import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { NdSocket } from "@vsix/agent/io/nd-socket.ts";
import { solicitRouter } from "@vsix/agent/sensors/health/solicit.ts";
import { encodeRouterSolicitation, ND_TYPE } from "@vsix/agent/wire/router-advertisement.ts";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import { insideNamespace, ip, ipJson } from "./in-namespace.ts";

const RUNNER = join(import.meta.dirname, "advertise-runner.ts");
const SWITCH = `vt-advsw-${process.pid}`;
const ROUTERS = [`vt-advr1-${process.pid}`, `vt-advr2-${process.pid}`] as const;
const PATIENCE_MS = 30_000;

type Lan = AdvertisePart["interfaces"][number];

const LAN: Lan = {
  name: "lan",
  addresses: ["2001:db8:1:100::1/64"],
  intervalS: 600,
  lifetimeS: 1800,
  preference: "medium",
  mtu: 1400,
  prefixes: [
    { prefix: "2001:db8:1:100::/64", onLink: true, autonomous: true, preferredS: 2700, validS: 5400 },
  ],
  resolvers: { addresses: ["2001:db8:53::53"], lifetimeS: 1800 },
  pref64: { prefix: "2001:db8:64::/96", lifetimeS: 1800 },
};

interface Router {
  readonly process: ChildProcess;
  readonly waiting: readonly string[];
  tell(lan: Partial<Lan> | undefined): void;
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

if (await insideNamespace("advertise", import.meta.url)) {
  const running = new Set<ChildProcess>();
  const directory = mkdtempSync(join(tmpdir(), "vsix-advertise-"));
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
    for (const name of [SWITCH, ...ROUTERS]) spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  });
  after(() => {
    for (const child of running) child.kill("SIGKILL");
  });
  for (const name of [SWITCH, ...ROUTERS]) ip(["netns", "add", name]);
  ip(["-n", SWITCH, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"]);
  ip(["-n", SWITCH, "link", "set", "br0", "up"]);
  const plug = (port: string): void => {
    ip(["-n", SWITCH, "link", "set", port, "master", "br0"]);
    ip(["-n", SWITCH, "link", "set", port, "up"]);
  };
  for (const [i, router] of ROUTERS.entries()) {
    ip(["link", "add", `r${i}`, "netns", SWITCH, "type", "veth", "peer", "name", "lan", "netns", router]);
    plug(`r${i}`);
    spawnSync("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"]);
    ip(["-n", router, "link", "set", "lan", "up"]);
  }
  ip(["link", "add", "eth0", "type", "veth", "peer", "name", "host", "netns", SWITCH]);
  plug("host");
  // An IPv6-only host as phones and laptops are: it takes preference and all.
  for (const [name, value] of [
    ["accept_ra", "1"],
    ["accept_ra_rtr_pref", "1"],
  ] as const)
    writeFileSync(`/proc/sys/net/ipv6/conf/eth0/${name}`, value);
  ip(["link", "set", "eth0", "up"]);
  const index = Number(ipJson(["link", "show", "dev", "eth0"])[0]?.["ifindex"]);

  const start = (namespace: string): Router => {
    const memory = join(directory, `${namespace}.json`);
    const command = ["netns", "exec", namespace, process.execPath, ...process.execArgv, RUNNER, memory];
    const child = spawn("ip", command, { stdio: ["pipe", "pipe", "inherit"] });
    running.add(child);
    let waiting: readonly string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      waiting = JSON.parse(line) as readonly string[];
    });
    return {
      process: child,
      get waiting() {
        return waiting;
      },
      tell(lan) {
        const interfaces = lan === undefined ? [] : [{ ...LAN, ...lan }];
        child.stdin.write(`${JSON.stringify({ version: 1, interfaces })}\n`);
      },
      async stop(signal) {
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
        running.delete(child);
      },
    };
  };
  const until = async <T>(what: string, look: () => T | undefined | false): Promise<T> => {
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      const seen = look();
      if (seen !== undefined && seen !== false) return seen;
      if (performance.now() > deadline) assert.fail(`never: ${what}`);
      await sleep(50);
    }
  };
  // ip(8) shows an empty object for each address that is not asked for.
  const addresses = (): Record<string, unknown>[] =>
    (
      (ipJson(["-6", "address", "show", "dev", "eth0", "scope", "global"])[0]?.["addr_info"] ?? []) as Record<
        string,
        unknown
      >[]
    ).filter(({ local }) => local !== undefined);
  const defaults = (): Record<string, unknown>[] =>
    ipJson(["-6", "route", "show", "default"]).flatMap((route) => [
      route,
      ...((route["nexthops"] ?? []) as Record<string, unknown>[]),
    ]);
  const linkLocalOf = (router: string): string =>
    /inet6 (fe80:\S+)\//.exec(ip(["-n", router, "-6", "address", "show", "dev", "lan"]))?.[1] ?? "";
  const heard = async () => {
    const { from, said, fault } = await solicitRouter(index, true, AbortSignal.timeout(PATIENCE_MS));
    assert.equal(fault, undefined);
    return { from, said };
  };
  const [one, two] = ROUTERS;
  let first: Router;

  test("a host gets address, default route and MTU, and health's look finds resolver and Pref64", async () => {
    first = start(one);
    first.tell({});
    const [address] = await until("an address", () => {
      const all = addresses();
      return all.length > 0 && all;
    });
    assert.match(String(address?.["local"]), /^2001:db8:1:100:/);
    assert.ok(Number(address?.["preferred_life_time"]) <= 2700);
    const [route] = await until("a default route", () => {
      const all = defaults();
      return all.length > 0 && all;
    });
    assert.equal(route?.["gateway"], linkLocalOf(one));
    assert.equal(readFileSync("/proc/sys/net/ipv6/conf/eth0/mtu", "utf8").trim(), "1400");
    // The router may be quicker than duplicate address detection: without an address nobody solicits.
    await until(
      "a link-local address of the host's",
      () =>
        (
          ipJson(["-6", "address", "show", "dev", "eth0", "scope", "link", "-tentative"])[0]?.[
            "addr_info"
          ] as unknown[]
        )?.length,
    );
    const { from, said } = await heard();
    assert.equal(from, linkLocalOf(one));
    assert.deepEqual(said, {
      lifetimeS: 1800,
      managed: false,
      mtu: 1400,
      prefixes: [{ prefix: "2001:db8:1:100::/64", autonomous: true, preferredS: 2700 }],
      resolvers: ["2001:db8:53::53"],
      pref64: ["2001:db8:64::/96"],
    });
  });

  test("killed and started again it tells the same: the host's route and address stay all the time", async () => {
    await first.stop("SIGKILL");
    const lost: string[] = [];
    const watch = setInterval(() => {
      if (defaults().length === 0) lost.push("route");
      if (addresses().some(({ deprecated }) => deprecated === true)) lost.push("address");
    }, 100);
    try {
      first = start(one);
      first.tell({});
      assert.equal((await heard()).said?.lifetimeS, 1800);
    } finally {
      clearInterval(watch);
    }
    assert.deepEqual(lost, []);
  });

  test("a prefix that another takes the place of is deprecated, and stays valid", async () => {
    const prefix = "2001:db8:1:200::/64";
    first.tell({
      prefixes: [{ prefix, onLink: true, autonomous: true, preferredS: 2700, validS: 5400 }],
      pref64: { prefix: "2001:db8:65::/64", lifetimeS: 1800 },
    });
    const old = await until("the old address deprecated", () =>
      addresses().find((one) => one["deprecated"] === true),
    );
    assert.match(String(old["local"]), /^2001:db8:1:100:/);
    assert.ok(Number(old["valid_life_time"]) > 0);
    await until("a new address", () =>
      addresses().some((one) => one["deprecated"] !== true && /^2001:db8:1:200:/.test(String(one["local"]))),
    );
    const { said } = await heard();
    assert.deepEqual(said?.pref64, ["2001:db8:65::/64"]);
    assert.deepEqual(
      said?.prefixes.map(({ prefix: text, preferredS }) => [text, preferredS]),
      [
        [prefix, 2700],
        ["2001:db8:1:100::/64", 0],
      ],
    );
    first.tell({});
    await until("the first one again", () =>
      addresses().some((one) => one["deprecated"] !== true && /^2001:db8:1:100:/.test(String(one["local"]))),
    );
  });

  test("a prefix taken out while the router was dead is told to have ended when it lives again", async () => {
    await first.stop("SIGKILL");
    const prefix = "2001:db8:1:300::/64";
    first = start(one);
    first.tell({
      prefixes: [{ prefix, onLink: true, autonomous: true, preferredS: 2700, validS: 5400 }],
      resolvers: { addresses: ["2001:db8:53::54"], lifetimeS: 1800 },
    });
    await until("the address of before deprecated, the new one not", () => {
      const of = (start: string) => addresses().filter(({ local }) => String(local).startsWith(start));
      const [old, fresh] = [of("2001:db8:1:100:"), of("2001:db8:1:300:")];
      return (
        old.length > 0 &&
        old.every((address) => address["deprecated"] === true) &&
        fresh.some((address) => address["deprecated"] !== true)
      );
    });
    const { said } = await heard();
    assert.deepEqual(
      said?.prefixes.map(({ prefix: text, preferredS }) => [text, preferredS]),
      [
        [prefix, 2700],
        ["2001:db8:1:200::/64", 0],
        ["2001:db8:1:100::/64", 0],
      ],
    );
    assert.deepEqual(said?.resolvers, ["2001:db8:53::54"]);
    first.tell({});
    await until("the first one again", () =>
      addresses().some((one) => one["deprecated"] !== true && /^2001:db8:1:100:/.test(String(one["local"]))),
    );
  });

  test("of two routers the host takes the preferred one; what contradicts is told and not taken over", async () => {
    const second = start(two);
    second.tell({ preference: "high", mtu: 1300, pref64: { prefix: "64:ff9b::/96", lifetimeS: 1800 } });
    await until("two default routers", () =>
      [one, two].every((router) => defaults().some((route) => route["gateway"] === linkLocalOf(router))),
    );
    assert.match(ip(["-6", "route", "get", "2001:db8:f::1"]), new RegExp(`via ${linkLocalOf(two)} `));
    const [told] = await until("a word about it", () => first.waiting.length > 0 && first.waiting);
    assert.match(
      told ?? "",
      /another router, fe80::\S+, advertises MTU 1300, ours is 1400; Pref64 64:ff9b::\/96/,
    );
    assert.match(told ?? "", new RegExp(linkLocalOf(two)));
    await second.stop("SIGTERM");
    await until(
      "the other one alone",
      () => !defaults().some((route) => route["gateway"] === linkLocalOf(two)) && defaults().length > 0,
    );
  });

  test("ten thousand solicitations are answered by one advertisement in three seconds", async () => {
    const at: number[] = [];
    await using listener = new NdSocket(({ bytes }) => {
      if (bytes[0] === ND_TYPE.ROUTER_ADVERTISEMENT) at.push(performance.now());
    });
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 100; j++) listener.send(encodeRouterSolicitation(), "ff02::2", index);
      await sleep(20);
    }
    await until("an answer", () => at.length > 0);
    await until("a word about it", () => first.waiting.some((text) => /flooded/.test(text)));
    await sleep(3500);
    const gaps = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
    assert.ok(
      gaps.every((ms) => ms > 2500),
      `at ${at.map(Math.round)}`,
    );
  });

  test("given up, a link hears that nothing of it is to be used any more", async () => {
    first.tell(undefined);
    await until("no default route", () => defaults().length === 0);
    await until("no address preferred", () => addresses().every((one) => one["deprecated"] === true));
    assert.ok(addresses().length > 0);
    await first.stop("SIGTERM");
  });

  test("a link given up while the router was dead hears it from the next one", async () => {
    first = start(one);
    first.tell({});
    await until("a default route", () => defaults().length > 0);
    await until("an address", () => addresses().some((one) => one["deprecated"] !== true));
    await first.stop("SIGKILL");
    first = start(one);
    first.tell(undefined);
    await until("no default route", () => defaults().length === 0);
    await until("no address preferred", () => addresses().every((one) => one["deprecated"] === true));
    await first.stop("SIGTERM");
  });
}
