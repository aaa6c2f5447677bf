import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { parseUp } from "@vsix/shared/contract/parse.ts";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, NODE, PLANE_PEER, PLANE_PORT } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const TARGET = "3fff:1::1";
const LOCATOR = "2001:db8:ff:2::";
const FAR = `vt-egressfar-${process.pid}`;
/** Behind it: what a SID's node decapsulates for itself Linux drops. */
const BEHIND = `vt-egressbehind-${process.pid}`;

/** Two peers of one neighbour: over its SID, and out of our own port. */
function probes(change: Partial<NonNullable<ProbesPart["egress"]>["measure"]> = {}): ProbesPart {
  const measure = {
    cycleMs: 1_500,
    probes: 3,
    timeoutMs: 300,
    size: 104,
    fullSize: 1_500,
    maxPacketsPerS: 100,
    maxPacketsPerDestinationPerS: 20,
    peers: [
      { name: "far/over-sid", segments: [`${LOCATOR}6`] },
      { name: `${NODE}/own`, interface: PLANE_PORT, nextHop: PLANE_PEER },
    ],
    destinations: [{ address: TARGET, protocol: "icmp6" as const }],
    ...change,
  };
  return { version: 1, intervalMs: 500, burstIntervalMs: 20, targets: [], hops: [], egress: { measure } };
}

if (await insideNamespace("agent-egress", import.meta.url)) {
  makePorts();
  for (const name of [FAR, BEHIND]) ip(["netns", "add", name]);
  process.once("exit", () => {
    for (const name of [FAR, BEHIND]) spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  });
  ip(["link", "set", `${PLANE_PORT}-far`, "netns", FAR]);
  const far = (...args: readonly string[]): string => ip(["-n", FAR, ...args]);
  far("link", "set", "lo", "up");
  far("link", "set", `${PLANE_PORT}-far`, "up");
  far("addr", "add", `${PLANE_PEER}/127`, "dev", `${PLANE_PORT}-far`, "nodad");
  far("link", "add", "behind", "type", "veth", "peer", "name", "front", "netns", BEHIND);
  far("link", "set", "behind", "up");
  far("addr", "add", "3fff:1::/127", "dev", "behind", "nodad");
  ip(["-n", BEHIND, "link", "set", "front", "up"]);
  ip(["-n", BEHIND, "addr", "add", `${TARGET}/127`, "dev", "front", "nodad"]);
  ip(["-n", BEHIND, "-6", "route", "add", "default", "via", "3fff:1::"]);
  far("-6", "route", "add", "default", "via", "2001:db8:1:b::");
  const action = ["encap", "seg6local", "action", "End.DT6", "table", "254"];
  far("-6", "route", "add", `${LOCATOR}6/128`, ...action, "dev", `${PLANE_PORT}-far`);
  ip(["netns", "exec", FAR, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"]);

  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const told = (): Egress | undefined => {
    const payload = broker.last.get(topics.up(NODE, "egress"));
    return payload === undefined ? undefined : parseUp("egress", payload);
  };
  const toldWhere = async (what: string, check: (message: Egress) => boolean): Promise<Egress> => {
    let message: Egress | undefined;
    try {
      await until(what, () => {
        message = told();
        return message !== undefined && check(message);
      });
    } catch (cause) {
      throw new Error(`${String(cause)}: ${JSON.stringify(message)}`, { cause });
    }
    assert.ok(message !== undefined);
    return message;
  };

  test("a running agent measures the peers of its document, over SIDs and out of its own port, and plans nothing for it", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(document(1, { probes: probes() }));
    await host.reportWhere("converged", ({ converged, generation }) => converged && generation === 1);
    ip(["-6", "route", "add", `${LOCATOR}/64`, "via", PLANE_PEER, "dev", PLANE_PORT, "proto", "static"]);
    const message = await toldWhere("both peers answer", ({ rows }) =>
      rows.every(({ cells }) =>
        cells.every(({ sent, lost, full }) => sent === 3 && lost === 0 && full !== undefined),
      ),
    );
    assert.deepEqual(message.peers, ["far/over-sid", `${NODE}/own`]);
    assert.equal(message.node, NODE);
    const [row] = message.rows;
    assert.equal(row?.address, TARGET);
    // Its own device takes 1500 octets: the packet within another does not fit, the other one does.
    assert.deepEqual(
      row?.cells.map(({ full }) => full),
      ["too-big", "arrived"],
    );
    assert.deepEqual(await host.plan(), []);
    const scraped = request({
      socketPath: join(host.stateDir, "metrics.sock"),
      path: "/metrics",
      agent: false,
    });
    const [response] = (await once(scraped.end(), "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    assert.match(text, /vsix_agent_egress_probes_total\{outcome="answered"\} [1-9]/);
  });

  test("what a document asks for and cannot be is a condition that says why; another document takes it away", async () => {
    const destinations = [
      { address: TARGET, protocol: "icmp6" as const },
      { address: "ff02::1", protocol: "icmp6" as const },
    ];
    await broker.document(document(2, { probes: probes({ destinations }) }));
    const report = await host.reportWhere("the condition", ({ conditions }) =>
      conditions.some(({ object }) => object === "egress probes"),
    );
    const found = report.conditions.find(({ object }) => object === "egress probes");
    assert.match(found?.reason ?? "", /1 destinations are no global unicast addresses.*ff02::1/);
    await broker.document(document(3));
    await host.reportWhere(
      "gone",
      ({ generation, conditions }) =>
        generation === 3 && !conditions.some(({ object }) => object === "egress probes"),
    );
    const before = told()?.cycle;
    await host.reportWhere("still there", ({ generation }) => generation === 3);
    assert.equal(told()?.cycle, before);
  });

  test("a restarted agent counts cycles from 1 again, under another name of its start", async () => {
    const before = told();
    await broker.document(document(4, { probes: probes() }));
    await host.reportWhere("asked again", ({ generation }) => generation === 4);
    await host.stop("SIGKILL");
    await host.start();
    const after = await toldWhere("the new one tells", ({ instance }) => instance !== before?.instance);
    assert.ok(after.cycle < 10, `${after.cycle}`);
  });
}
