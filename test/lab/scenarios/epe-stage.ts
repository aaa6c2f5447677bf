import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EpeEventView, EpeStatus } from "@vsix/controller/epe/view.ts";
import { type EgressPeer, egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { runCtl } from "../ctl.ts";
import type { LinkRef } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import { REPOSITORY } from "../names.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { Flow } from "../traffic.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { ownEdge } from "./pick.ts";

/** What scenarios of egress peer engineering have in common: who sends where, and by which egress it is seen to leave. */
export interface EpeStage {
  readonly edge: FabricNode;
  readonly destination: FabricNode;
  readonly peers: readonly EgressPeer[];
  /** Packets of the Edge to the destination, by name of the peer that they left by, since the last call. */
  left(): Promise<ReadonlyMap<string, number>>;
  /** Counts for a while, and says by which peer all of them left; undefined when by several, or none did. */
  leavesBy(ms?: number): Promise<string | undefined>;
}

export async function setStage(context: ScenarioContext): Promise<EpeStage> {
  const { lab } = context;
  const { fabric } = lab;
  const edge = ownEdge(fabric);
  const destination = destinationOf(fabric);
  const peers = egressPeersOf(fabric);
  // The flows' packets, not what agents probe with.
  const packets = [
    "ip6",
    "saddr",
    edge.loopback,
    "ip6",
    "daddr",
    destination.loopback,
    "ip6",
    "nexthdr",
    "17",
  ];
  for (const [at, { port }] of peers.entries()) await countOnCables(lab, `egress-${at}`, [port], packets);
  let before = await cableCounts(lab);
  const left = async (): Promise<ReadonlyMap<string, number>> => {
    const now = await cableCounts(lab);
    const counts = counted(before, now);
    before = now;
    return new Map(peers.map(({ name }, at) => [name, counts[`egress-${at}`] ?? 0]));
  };
  const leavesBy = async (ms = 500): Promise<string | undefined> => {
    await left();
    await context.sleep(ms);
    const used = [...(await left())].filter(([, packetsLeft]) => packetsLeft > 0);
    return used.length === 1 ? used[0]?.[0] : undefined;
  };
  return { edge, destination, peers, left, leavesBy };
}

/** The first destination of the policy that a node of the lab answers for. */
function destinationOf(fabric: Fabric): FabricNode {
  const addresses = fabric.epe?.destinations.list.map(({ address }) => address) ?? [];
  const node = fabric.nodes.find(({ loopback }) => loopback === addresses[0]);
  if (node === undefined) throw new LabError("lab/scenario", "this fabric measures no node of its own");
  return node;
}

/** Waits until the Edge's packets leave by this peer and no other; how long that took. Throws after `limitMs`. */
export async function waitLeaves(
  context: ScenarioContext,
  stage: EpeStage,
  peer: string,
  limitMs = 90_000,
): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    if ((await stage.leavesBy(250)) === peer) return Math.round(performance.now() - startMs);
    if (performance.now() - startMs > limitMs) {
      const why = (await runCtl(context.lab, ["epe", "explain", stage.destination.loopback])).stdout;
      throw new LabError(
        "lab/scenario",
        `after ${limitMs / 1000} s packets do not leave by ${peer}:\n${why}`,
      );
    }
  }
}

export async function epeStatus(context: ScenarioContext): Promise<EpeStatus> {
  // Its exit status is 1 while something is wrong, which is for the scenario to judge.
  const { stdout } = await runCtl(context.lab, ["epe", "status", "--json"], { signal: context.signal });
  return JSON.parse(stdout) as EpeStatus;
}

/** Waits for what status says; undefined when it has not in time. */
export async function statusWhere(
  context: ScenarioContext,
  holds: (status: EpeStatus) => boolean,
  limitMs = 60_000,
): Promise<EpeStatus | undefined> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    const status = await context.ask<EpeStatus>("/v1/epe");
    if (holds(status)) return status;
    await context.sleep(500);
  }
  return undefined;
}

/** Before anything is switched on: all leaves by the peer that BGP chose; and another one that there is. */
export async function bgpChoice(
  context: ScenarioContext,
  stage: EpeStage,
): Promise<{ readonly bgp: string; readonly other: string }> {
  const bgp = await stage.leavesBy(1000);
  const other = stage.peers.find(({ name }) => name !== bgp)?.name;
  if (bgp === undefined || other === undefined)
    throw new LabError("lab/scenario", "what BGP chose is not one egress peer of several");
  context.step(`BGP leads ${stage.edge.name} to ${stage.destination.name} by ${bgp}`);
  return { bgp, other };
}

/** Switches it on and waits until the Edge's packets leave by another peer than BGP's. */
export async function enableAndMove(
  context: ScenarioContext,
  stage: EpeStage,
): Promise<{ readonly bgp: string; readonly better: string; readonly movedMs: number }> {
  const { bgp, other } = await bgpChoice(context, stage);
  context.step("vsixctl epe enable");
  await context.ctlJson("epe", "enable", "--note", "scenario");
  const movedMs = await waitLeaves(context, stage, other);
  context.step(`moved to ${other}`);
  return { bgp, better: other, movedMs };
}

export async function bothWays(
  context: ScenarioContext,
  { edge, destination }: EpeStage,
): Promise<readonly Flow[]> {
  return context.flows(edge.name, destination.name);
}

/** The External Edge's end of the link to a peer. */
export function portOf({ peers }: EpeStage, peer: string): LinkRef {
  const port = peers.find(({ name }) => name === peer)?.port;
  if (port === undefined) throw new LabError("lab/scenario", `no port of ${peer}`);
  return port;
}

/** What happened, newest first. */
export async function history(context: ScenarioContext): Promise<readonly EpeEventView[]> {
  const { rows } = (await context.ctlJson("epe", "history", "--limit", "1000")) as {
    readonly rows: EpeEventView[];
  };
  return rows;
}

/** `vsixctl apply` of a fabric file of the repository with something in it changed; throws where nothing changes. */
export async function applyChanged(
  context: ScenarioContext,
  file: string,
  change: (text: string) => string,
): Promise<void> {
  const text = await readFile(join(REPOSITORY, file), "utf8");
  const changed = change(text);
  if (changed === text) throw new LabError("lab/scenario", `${file} is not as this scenario knows it`);
  const path = join(context.lab.stateDir, "changed.yaml");
  await writeFile(path, changed);
  await context.ctl("apply", path);
  await context.converge(60_000);
}
