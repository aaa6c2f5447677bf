import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AccessPart, AccessShard } from "@vsix/shared/contract/part-access.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { mustRun } from "../lab/run.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { bgpPart, document, NODE } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const POOL = "2001:db8:4000::/36";
const SID = "2001:db8:53::2";
const part: AccessPart = {
  version: 1,
  shards: 1,
  tunnels: { mtu: 1460, hopLimit: 64 },
  srv6: { sid: SID, mtu: 1460 },
  wireguard: [],
};
const withUsers = (generation: number, count: number) => {
  const shard: AccessShard = {
    version: 1,
    tunnels: [],
    srv6: Array.from({ length: count }, (_, i) => ({
      id: String(i + 1),
      endpoint: `3fff:b::${i + 1}`,
      prefixes: [`2001:db8:4000:${i + 1}0::/60`],
    })),
    peers: [],
  };
  const originate = [
    ...bgpPart().originate,
    ...[POOL, `${SID}/128`].map((prefix) => ({ prefix, class: "edge", service: "access" }) as const),
  ];
  return document(generation, { bgp: bgpPart({ originate }), more: { access: part, "access-0": shard } });
};

if (await insideNamespace("agent-access-announced", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  const programs = join(host.directory, "bin");
  const nft = join(programs, "nft");
  mkdirSync(programs);
  const real = (await mustRun("sh", ["-c", "command -v nft"])).trim();
  symlinkSync(real, nft);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  /** What GoBGP itself takes for the best path of our own making. */
  const announced = async (): Promise<string> => {
    const { stdout } = await host.gobgp("global", "rib", "-a", "ipv6", "-j");
    const prefixes = Object.keys(JSON.parse(stdout === "" ? "{}" : stdout) as object);
    return [POOL, `${SID}/128`].filter((prefix) => prefixes.includes(prefix)).join(" ");
  };
  const both = `${POOL} ${SID}/128`;
  const service = () => host.report().then(({ services }) => services?.find(({ name }) => name === "access"));

  test("aggregates and SID are in GoBGP once users can be served, and no user's prefix ever is", async () => {
    await host.startGobgpd();
    await host.start({ PATH: programs });
    await broker.document(withUsers(1, 1));
    await until("announced", async () => (await announced()) === both);
    assert.equal((await service())?.working, true);
    assert.doesNotMatch((await host.gobgp("global", "rib", "-a", "ipv6")).stdout, /4000:10::/);
    assert.match(ip(["-6", "route", "show", "2001:db8:4000:10::/60"]), /nhid/);
  });

  test("a router that cannot keep users apart withdraws what leads to it, says why and of whom, and comes back", async () => {
    unlinkSync(nft);
    await broker.document(withUsers(2, 2));
    await until("withdrawn", async () => (await announced()) === "");
    assert.match((await service())?.reason ?? "", /nft/);
    symlinkSync(real, nft);
    await until("announced again", async () => (await announced()) === both);
    const told = (): AccessUse | undefined => {
      const payload = broker.last.get(topics.up(NODE, "access"));
      return payload === undefined ? undefined : (JSON.parse(payload.toString("utf8")) as AccessUse);
    };
    await until("both users are told as served", () => {
      const { generation, srv6 = [] } = told() ?? {};
      return generation === 2 && srv6.length === 2 && srv6.every(({ fault }) => fault === undefined);
    });
  });

  test("an agent that is killed and starts again withdraws nothing meanwhile", async () => {
    await host.stop("SIGKILL");
    let gaps = 0;
    let over = false;
    const watch = (async () => {
      while (!over) if ((await announced()) !== both) gaps++;
    })();
    await host.start({ PATH: programs });
    await host.reportWhere(
      "it has looked",
      ({ services }) => services?.some(({ name }) => name === "access") === true,
    );
    over = true;
    await watch;
    assert.equal(gaps, 0);
  });
}
