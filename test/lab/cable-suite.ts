import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FabricLink, LinkEnd } from "@vsix/shared/fabric/model.ts";
import { delayCable, healDelay } from "./delay-fault.ts";
import { readFabricFile } from "./fabric-file.ts";
import { healCable, type LinkRef, pullCable } from "./faults.ts";
import { insideGuest } from "./guest.ts";
import { type Lab, namespaceOf, removeLab } from "./lab.ts";
import { panelNamespace, stateDirectory } from "./names.ts";
import { labNamespaces } from "./namespaces.ts";
import type { Wiring } from "./panel.ts";
import { cableProgram } from "./programs.ts";
import { inNamespace, ipBatch, mustRun, run } from "./run.ts";
import { askSupervisor, startSupervisor } from "./supervisor-client.ts";
import { createTopology } from "./topology.ts";
import { type FlowFigures, startFlow, stopFlows } from "./traffic.ts";

const FABRIC = join(import.meta.dirname, "fixtures/links.yaml");
/** Allowed above twice the delay asked for, for the least of many round trips. */
const RTT_SLACK_MS = 4;
/** A guest kernel passes some thousand packets a second in all, on a slow machine: as many packets there, in longer. */
const FLOW_RATE_PER_S = insideGuest() ? 100 : 500;
const FLOW_MS = insideGuest() ? 6000 : 1500;
/** How much slower a cable becomes, and how long packets gather on one, milliseconds. */
const MORE_MS = 15;
const GATHER_MS = 12;
/** IPv6 and ICMPv6 headers, octets. */
const PING_HEADERS = 48;

/**
 * Declares what every way of making cables must do, with real packets over every link of fixtures/links.yaml: delay, loss
 * and MTU are what the fabric file says. `name`: of the lab, up to 24 of a-z and 0-9.
 */
export function describeCables(wiring: Wiring, name: string): void {
  describe(`cables: delay by ${wiring.delay}, joined by ${wiring.join}`, () => {
    let lab: Lab;
    let links: readonly FabricLink[] = [];

    before(async () => {
      const fabric = await readFabricFile(FABRIC);
      const { cables, delayProgram } = await createTopology(name, fabric, wiring);
      lab = { name, file: FABRIC, fabric, cables, wiring, stateDir: stateDirectory(name) };
      links = fabric.links.filter((link) => link.kind === "outside");
      assert.equal(delayProgram !== undefined, wiring.delay === "userspace");
      await mkdir(lab.stateDir, { recursive: true });
      await startSupervisor(name);
      if (delayProgram !== undefined)
        await askSupervisor(name, { op: "add", specs: [cableProgram(name, delayProgram)] });
      await Promise.all(links.map((link) => waitForCarrier(lab, link)));
    });

    after(async () => {
      await removeLab(name);
      assert.deepEqual(await labNamespaces(name), []);
    });

    test("a round trip takes twice the delay of the file, and not much more", async () => {
      await Promise.all(links.map((link) => assertDelay(lab, link)));
    });

    test("each way loses what the file says, nothing where it says nothing, and keeps the order", async () => {
      const figures = await countOn(lab, links, () => sleep(FLOW_MS));
      for (const { link, from, counted } of figures) assertLoss(link, from, counted);
    });

    test("a packet of the link's MTU passes whole, a larger one does not even when the sender's port would take it", async () => {
      await Promise.all(links.map((link) => assertMtu(lab, link)));
    });

    test("what a cable hands to a router passes the queueing discipline of its panel end, which is where netem sits", async () => {
      const cable = lab.cables.find(({ link }) => links.includes(link) && link.delayMs === 0);
      assert.ok(cable);
      const panel = ["-n", panelNamespace(name)];
      for (const end of cable.ends)
        await mustRun("tc", [...panel, "qdisc", "add", "dev", end, "root", "pfifo"]);
      assert.equal((await ping(lab, cable.link, { count: 20, size: 56 })).received, 20);
      for (const end of cable.ends) {
        const [qdisc] = JSON.parse(
          await mustRun("tc", [...panel, "-s", "-j", "qdisc", "show", "dev", end]),
        ) as readonly { readonly kind: string; readonly packets: number }[];
        assert.ok(qdisc?.kind === "pfifo" && qdisc.packets >= 20, JSON.stringify(qdisc));
      }
    });

    test("a cable that was pulled and put back delays as before", async () => {
      const delayed = links.filter(({ delayMs }) => delayMs > 0);
      const refs = delayed.map(({ ends: [end] }) => ({ node: end.node, interface: end.interface }));
      await Promise.all(refs.map((ref) => pullCable(lab, ref)));
      for (const link of delayed)
        assert.equal((await ping(lab, link, { count: 1, size: 56 })).received, 0, link.name);
      await Promise.all(refs.map((ref) => healCable(lab, ref)));
      await Promise.all(delayed.map((link) => waitForCarrier(lab, link)));
      await Promise.all(delayed.map((link) => assertDelay(lab, link)));
    });

    test("a cable that becomes slower one way, and as fast as before, loses nothing by it and puts nothing out of order", async () => {
      const chosen = plainAndDelayed(links).filter(({ lossPercent }) => lossPercent === 0);
      const refs = chosen.map(senderOf);
      // A device that changes its bridge is in none for a moment.
      const lossless = wiring.join === "fwd" || wiring.delay === "netem";
      const figures = await countOn(lab, chosen, async () => {
        for (const ref of refs) await delayCable(lab, ref, { delayMs: MORE_MS });
        await Promise.all(chosen.map((link) => assertDelay(lab, link, MORE_MS)));
      });
      for (const { link, from, counted } of figures) {
        if (lossless) assertLoss(link, from, counted);
        // This way; were it the other one too, the round trip would have told.
        if (from === link.ends[0])
          assert.ok(counted.maxDelayMs > link.delayMs + MORE_MS - 1, JSON.stringify(counted));
      }
      const healed = await countOn(lab, chosen, async () => {
        for (const ref of refs) await healDelay(lab, ref);
        await Promise.all(chosen.map((link) => assertDelay(lab, link)));
      });
      // Who leaves a longer way is overtaken: order is not kept here, by no network.
      for (const { link, counted } of healed)
        if (lossless) assert.equal(counted.lost, 0, `${link.name}: ${JSON.stringify(counted)}`);
    });

    test("a cable on which packets gather delivers all of them, in order, some late", async () => {
      const chosen = plainAndDelayed(links);
      const refs = chosen.map(senderOf);
      const gather = { delayMs: 0, gatherMs: GATHER_MS };
      for (const ref of refs) await delayCable(lab, ref, gather, gather);
      const figures = await countOn(lab, chosen, () => sleep(FLOW_MS));
      for (const { link, from, counted } of figures) {
        assertLoss(link, from, counted);
        const late = counted.maxDelayMs - link.delayMs;
        assert.ok(late > GATHER_MS / 2, `${link.name}: nothing was late: ${JSON.stringify(counted)}`);
      }
      for (const link of chosen) {
        const { minRttMs, maxRttMs } = await ping(lab, link, { count: 30, size: 56 });
        assert.ok(maxRttMs - minRttMs > GATHER_MS / 2, `${link.name}: ${minRttMs} to ${maxRttMs} ms`);
      }
      for (const ref of refs) await healDelay(lab, ref);
      // Thirty pings last 0.3 s, and a processor that is away for longer is no fault of the cable.
      for (const link of chosen) await waitForCarrier(lab, link);
      await Promise.all(chosen.map((link) => assertDelay(lab, link)));
    });
  });
}

/** The first cable, and all that delay: what a fault may have to stand beside. */
function plainAndDelayed(links: readonly FabricLink[]): readonly FabricLink[] {
  return links.filter(({ delayMs }, i) => i === 0 || delayMs > 0);
}

function senderOf({ ends: [end] }: FabricLink): LinkRef {
  return { node: end.node, interface: end.interface };
}

function waysOf(link: FabricLink): readonly (readonly [LinkEnd, LinkEnd])[] {
  const [a, b] = link.ends;
  return [
    [a, b],
    [b, a],
  ];
}

/** Up to 10 s until a ping has come back: carrier, neighbour discovery, and bad luck on lossy links. */
async function waitForCarrier(lab: Lab, link: FabricLink): Promise<void> {
  for (let attempt = 0; attempt < 25; attempt++)
    if ((await ping(lab, link, { count: 5, size: 56 })).received > 0) return;
  assert.fail(`nothing passes ${link.name}`);
}

/** Counts a flow each way of each link while something happens. */
async function countOn(
  lab: Lab,
  links: readonly FabricLink[],
  happens: () => Promise<unknown>,
): Promise<readonly { readonly link: FabricLink; readonly from: LinkEnd; readonly counted: FlowFigures }[]> {
  const ways = links.flatMap((link) => waysOf(link).map(([from, to]) => ({ link, from, to })));
  const flows = await Promise.all(
    ways.map(({ from, to }) =>
      startFlow({
        lab,
        from: from.node,
        to: to.node,
        source: from.address,
        destination: to.address,
        ratePerS: FLOW_RATE_PER_S,
      }),
    ),
  );
  try {
    await happens();
    const figures = await stopFlows(flows);
    return ways.flatMap(({ link, from }, i) => {
      const counted = figures[i];
      return counted === undefined ? [] : [{ link, from, counted }];
    });
  } finally {
    for (const flow of flows) await flow[Symbol.asyncDispose]();
  }
}

async function assertDelay(lab: Lab, link: FabricLink, moreMs = 0): Promise<void> {
  const { minRttMs, received } = await ping(lab, link, { count: 30, size: 56 });
  assert.ok(received > 0, `${link.name}: no answers`);
  const wanted = 2 * link.delayMs + moreMs;
  assert.ok(
    minRttMs >= wanted && minRttMs < wanted + RTT_SLACK_MS,
    `${link.name}: ${minRttMs} ms for ${wanted}`,
  );
}

function assertLoss(link: FabricLink, from: LinkEnd, counted: FlowFigures): void {
  const { sent, received, lost, duplicates, reordered, sendErrors } = counted;
  const said = `${link.name} from ${from.node}: ${JSON.stringify(counted)}`;
  assert.ok(received > FLOW_RATE_PER_S / 2, said);
  assert.deepEqual(
    { sendErrors, duplicates, reordered },
    { sendErrors: 0, duplicates: 0, reordered: 0 },
    said,
  );
  const share = link.lossPercent / 100;
  // Six standard deviations of independent losses: one run in half a billion is outside.
  const allowed = 6 * Math.sqrt(sent * share * (1 - share));
  assert.ok(Math.abs(lost - sent * share) <= allowed, said);
}

async function assertMtu(lab: Lab, link: FabricLink): Promise<void> {
  const [near] = link.ends;
  const count = link.lossPercent > 0 ? 30 : 2;
  const whole = await ping(lab, link, { count, size: link.mtu - PING_HEADERS });
  assert.ok(whole.received > 0, `${link.name}: ${link.mtu} octets do not pass`);
  const namespace = namespaceOf(lab, near.node);
  await ipBatch(namespace, [`link set ${near.interface} mtu ${link.mtu + 200}`]);
  try {
    // veth lets four octets more pass, for a VLAN tag: far beyond that.
    const larger = await ping(lab, link, { count, size: link.mtu + 100 - PING_HEADERS });
    assert.equal(larger.received, 0, `${link.name}: ${link.mtu + 100} octets pass`);
  } finally {
    await ipBatch(namespace, [`link set ${near.interface} mtu ${link.mtu}`]);
  }
}

interface PingFigures {
  readonly received: number;
  readonly minRttMs: number;
  readonly maxRttMs: number;
}

/** From the first end of a link to the second, never fragmented. */
async function ping(
  lab: Lab,
  link: FabricLink,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<PingFigures> {
  const [from, to] = link.ends;
  const options = [
    "-6",
    "-q",
    "-M",
    "do",
    "-c",
    String(count),
    "-s",
    String(size),
    "-i",
    "0.01",
    "-W",
    "0.3",
  ];
  const command = ["ping", ...options, "-I", from.interface, to.address];
  const [file = "ip", ...args] = inNamespace(namespaceOf(lab, from.node), command);
  const { stdout } = await run(file, args);
  const rtt = /rtt min\/\S+ = ([\d.]+)\/[\d.]+\/([\d.]+)\//.exec(stdout);
  return {
    received: Number(/(\d+) received/.exec(stdout)?.[1] ?? 0),
    minRttMs: Number(rtt?.[1] ?? Number.NaN),
    maxRttMs: Number(rtt?.[2] ?? Number.NaN),
  };
}
