import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { wgQuick } from "@vsix/controller/core/access/wg-quick.ts";
import type { EventReport } from "@vsix/controller/core/report/model.ts";
import type { VpnAnswer } from "@vsix/controller/http/schemas-account.ts";
import { Bench, freePort } from "../controller/harness.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { insideGuest } from "../lab/guest.ts";
import { addNamespace, answered, cable, inside } from "./access-clients.ts";
import { until } from "./agent-process.ts";
import { EnrolledAgent } from "./enrolled-agent.ts";

/**
 * The event of the report: four access routers at three sites, eleven tunnels and thirty VPN devices at once, each of them through to the world with its
 * own addresses; and what `vsixctl report` says of it. This namespace is everything between users and access routers: it has the routes that
 * BGP would tell, and nothing else stands in for anything. Long: runs where VSIX_TEST_LONG is set.
 */

const NOC = "2001:db8:10::1";
const WORLD = "2001:db8:e::2";
const ROUTERS = [
  ["ngn-pe01-fujisawa", "fujisawa"],
  ["ngn-pe01-kote", "kote"],
  ["wide-pe01-kote", "kote"],
  ["wide-pe01-note", "note"],
] as const;
const SITES = ["fujisawa", "kote", "note"];
const POINTS = {
  ngn: {
    routers: ["ngn-pe01-fujisawa", "ngn-pe01-kote"],
    pool: "2001:db8:e000::/36",
    tunnel: "2001:db8:53:e::1",
  },
  wide: {
    routers: ["wide-pe01-kote", "wide-pe01-note"],
    pool: "2001:db8:c000::/36",
    tunnel: "2001:db8:53:f::1",
  },
} as const;
const VPN = { endpoint: "2001:db8:53:f::3", pool: "2001:db8:d000::/112" };
const TUNNELS = 11;
const DEVICES = 30;

if (process.env["VSIX_TEST_LONG"] === undefined && !insideGuest())
  test("eleven tunnels and thirty VPN devices at four access routers", {
    skip: "VSIX_TEST_LONG is not set",
  }, () => {});
else if (await insideNamespace("camp", import.meta.url)) {
  if (kernelMakes("ip6tnl", "remote", "::1") && kernelMakes("wireguard")) declareAll();
  else
    await declareInGuest(
      "eleven tunnels and thirty VPN devices at four access routers, in a guest kernel",
      "WireGuard and ip6_tunnel",
      import.meta.url,
      1500,
      "1536M",
    );
}

/** Two planes at three sites, and the access routers of the report; JSON is YAML. */
function fabric(): string {
  const planes = ["blue", "green"];
  const backbone = planes.flatMap((plane, p) =>
    SITES.map((site, s) => [`${plane}-${site}`, { id: 1 + p * 10 + s, role: "plane", plane, site }] as const),
  );
  const access = ROUTERS.map(
    ([name, site], n) =>
      [
        name,
        { id: 41 + n, role: "access", site, as: 65041 + n, prefixes: [`2001:db8:${41 + n}::/48`] },
      ] as const,
  );
  const links = [
    ...planes.flatMap((plane) =>
      SITES.map((site, s) => ({ ends: [`${plane}-${site}`, `${plane}-${SITES[(s + 1) % SITES.length]}`] })),
    ),
    ...ROUTERS.flatMap(([name, site]) => planes.map((plane) => ({ ends: [name, `${plane}-${site}`] }))),
    ...planes.map((plane) => ({ ends: ["noc", `${plane}-kote`] })),
  ];
  return JSON.stringify({
    ...{ version: 1, name: "camp", as: 4690, prefixes: ["2001:db8::/32"] },
    addressing: { infrastructure: "2001:db8:ff00::/40" },
    external: { memberAs: 65100 },
    planes: { blue: { memberAs: 65101 }, green: { memberAs: 65102 } },
    sites: SITES,
    nodes: {
      ...Object.fromEntries(backbone),
      noc: {
        id: 31,
        role: "edge",
        site: "kote",
        as: 65000,
        prefixes: ["2001:db8:10::/48"],
        controller: true,
      },
      ...Object.fromEntries(access),
    },
    links,
    services: {
      access: {
        ngn: {
          ...{ routers: POINTS.ngn.routers, pools: [POINTS.ngn.pool] },
          tunnel: { address: POINTS.ngn.tunnel },
        },
        wide: {
          ...{ routers: POINTS.wide.routers, pools: [POINTS.wide.pool] },
          tunnel: { address: POINTS.wide.tunnel },
          wireguard: { vpn: { endpoint: VPN.endpoint, pools: [VPN.pool] } },
        },
      },
    },
  });
}

function declareAll(): void {
  const directory = mkdtempSync(join(tmpdir(), "vt-camp-"));
  const stack = new AsyncDisposableStack();
  const begunMs = Date.now();
  let on: Bench;

  test.after(async () => {
    await stack.disposeAsync();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = async <T>(path: string, body: object): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asked = request(
      {
        socketPath: on.socket,
        path,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json" },
      },
      (response) => {
        text(response).then((said) => {
          if (response.statusCode !== undefined && response.statusCode < 300) resolve(said);
          else reject(new Error(`${path}: ${said}`));
        }, reject);
      },
    );
    asked.on("error", reject).end(JSON.stringify(body));
    return JSON.parse(await promise) as T;
  };
  /** Leads a point's users to one of its routers, as BGP would. */
  const lead = (point: keyof typeof POINTS, router: number): void => {
    const more = point === "wide" ? [VPN.pool, `${VPN.endpoint}/128`] : [];
    for (const prefix of [POINTS[point].pool, `${POINTS[point].tunnel}/128`, ...more])
      ip(["-6", "route", "replace", prefix, "via", `2001:db8:a${router}::2`, "dev", `pe-${router}`]);
  };

  test("everybody is served: each tunnel and each device reaches the world by its own address", async () => {
    ip(["addr", "add", `${NOC}/128`, "dev", "lo"]);
    ip(["addr", "add", `${WORLD}/128`, "dev", "lo"]);
    writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1");
    const [mqtt, enrol] = [await freePort(), await freePort()];
    on = stack.use(
      await Bench.make(undefined, {
        mqtt: { listen: { host: NOC, port: mqtt }, tls: true },
        enrol: { host: NOC, port: enrol },
        tls: { names: [NOC] },
      }),
    );
    await on.start();
    const file = join(directory, "fabric.yaml");
    writeFileSync(file, fabric());
    const { code, stderr } = await on.vsixctl("apply", file);
    assert.equal(code, 0, stderr);
    const key = randomBytes(32).toString("base64");
    for (const [n, [name]] of ROUTERS.entries()) {
      addNamespace(`p${n}`);
      cable(`pe-${n}`, `p${n}`, `2001:db8:a${n}::`);
      inside(`p${n}`, "ip", "-6", "route", "add", "default", "via", `2001:db8:a${n}::1`);
      const agent = new EnrolledAgent(directory, name, `p${n}`, {});
      // Both routers of a point answer as one endpoint.
      mkdirSync(agent.stateDir, { mode: 0o700 });
      writeFileSync(join(agent.stateDir, "wireguard-vpn.key"), key, { mode: 0o600 });
      stack.defer(() => agent.stop("SIGKILL"));
      await agent.enrol((await on.json<{ token: string }>("node", "enrol", name)).token);
      agent.start();
    }
    lead("ngn", 0);
    lead("wide", 2);

    const pool = (name: string, prefix: string, purpose: string, more: object = {}) =>
      post("/v1/pools", { name, prefix, purpose, note: "", ...more });
    await pool("ngn", "2001:db8:e000::/40", "tunnel", { site: "fujisawa" });
    await pool("wide", "2001:db8:c000::/40", "tunnel", { site: "note" });
    await pool("vpn", VPN.pool, "vpn-address");
    for (const service of ["generic-tunneling", "remote-access-vpn"])
      assert.equal(
        (await on.vsixctl("service", "set", service, "--approval", "auto", "--per-user", "50")).code,
        0,
      );
    for (let n = 1; n <= 14; n++) await post("/v1/users", { name: `user${n}`, display: `user ${n}` });

    const wishes = [
      ...Array.from({ length: TUNNELS }, (_, n) => ({
        ...{ user: `user${1 + n}`, service: "generic-tunneling", device: "router", note: "" },
        ...{ site: n < 6 ? "fujisawa" : "note", endpoint: `3fff:${1 + n}::2` },
      })),
    ];
    // All at once.
    const tunnels = await Promise.all(wishes.map((wish) => post<Application>("/v1/applications", wish)));
    const keys = Array.from({ length: DEVICES }, keyPair);
    const devices = await Promise.all(
      keys.map(({ open }, n) =>
        post<Application>("/v1/applications", {
          ...{ user: `user${1 + (n % 14)}`, service: "remote-access-vpn", device: `phone${n}`, note: "" },
          publicKey: open,
        }),
      ),
    );
    for (const [n, one] of tunnels.entries()) {
      const address = hostOf(prefixOf(one));
      addNamespace(`t${n}`);
      cable(`t-${n}`, `t${n}`, `3fff:${1 + n}::`);
      inside(`t${n}`, "ip", "-6", "route", "add", "default", "via", `3fff:${1 + n}::1`);
      const far = n < 6 ? POINTS.ngn.tunnel : POINTS.wide.tunnel;
      const ends = ["mode", "ip6ip6", "local", `3fff:${1 + n}::2`, "remote", far, "encaplimit", "none"];
      inside(`t${n}`, "ip", "link", "add", "home", "type", "ip6tnl", ...ends);
      inside(`t${n}`, "ip", "link", "set", "home", "mtu", "1460", "up");
      inside(`t${n}`, "ip", "addr", "add", `${address}/128`, "dev", "home", "nodad");
      inside(`t${n}`, "ip", "-6", "route", "add", `${WORLD}/128`, "dev", "home");
    }
    for (const [n, one] of devices.entries()) {
      addNamespace(`d${n}`);
      cable(`d-${n}`, `d${n}`, `3fff:${101 + n}::`);
      inside(`d${n}`, "ip", "-6", "route", "add", "default", "via", `3fff:${101 + n}::1`);
      let told: VpnAnswer | undefined;
      await until("the routers have told their key", async () => {
        const answer = await on.get<VpnAnswer & { readonly error?: object }>(
          `/v1/applications/${one.id}/vpn`,
        );
        if (answer.error === undefined) told = answer;
        return told !== undefined;
      });
      if (told === undefined) throw new Error("no key");
      // What `vsixctl vpn config` prints; ::/0 would want `fib` of nftables, which this kernel may not have.
      const config = wgQuick({ ...told, privateKey: keys[n]?.secret ?? "" });
      const file = join(directory, `wg${n}.conf`);
      writeFileSync(file, config.replace("AllowedIPs = ::/0", `AllowedIPs = ${WORLD}/128`), { mode: 0o600 });
      inside(`d${n}`, "wg-quick", "up", file);
    }
    for (const [n, one] of tunnels.entries())
      await until(`tunnel ${n}`, () => answered(`t${n}`, hostOf(prefixOf(one)), WORLD) === 3, 120_000);
    for (const [n, one] of devices.entries())
      await until(
        `device ${n}`,
        () => answered(`d${n}`, prefixOf(one).split("/")[0] ?? "", WORLD) === 3,
        60_000,
      );
  });

  test("the report tells the event's figures", async () => {
    const path = `/v1/report?fromMs=${begunMs - 1000}&untilMs=${Date.now()}`;
    const { access } = await on.get<EventReport>(path);
    const of = <T extends { readonly service: string }>(rows: readonly T[] | undefined, service: string) =>
      rows?.find((row) => row.service === service);
    assert.deepEqual(access?.accounts, { all: 14, fresh: 14, removed: 0 });
    assert.equal(of(access?.applications, "generic-tunneling")?.living, TUNNELS);
    assert.equal(of(access?.applications, "remote-access-vpn")?.living, DEVICES);
    assert.deepEqual(of(access?.prefixes, "generic-tunneling")?.active, {
      count: TUNNELS,
      equivalents64: 16 * TUNNELS,
    });
    assert.deepEqual(of(access?.prefixes, "remote-access-vpn")?.active, { count: DEVICES, equivalents64: 0 });
  });
}

interface Application {
  readonly id: number;
  readonly prefixes: readonly string[];
}

function prefixOf({ id, prefixes }: Application): string {
  return prefixes[0] ?? assert.fail(`application ${id} has no prefix`);
}

/** ::1 of a prefix. */
function hostOf(prefix: string): string {
  return prefix.replace(/::\/\d+$/, "::1");
}

function keyPair(): { readonly secret: string; readonly open: string } {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const last = (der: Buffer): string => der.subarray(-32).toString("base64");
  return {
    secret: last(privateKey.export({ type: "pkcs8", format: "der" })),
    open: last(publicKey.export({ type: "spki", format: "der" })),
  };
}
