import type { EgressPeer } from "@vsix/shared/fabric/egress-peers.ts";
import { LabError } from "../lab-error.ts";
import type { Figures } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { bothWays, enableAndMove, setStage, waitLeaves } from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

/** What the peer that traffic was led to loses, and gets back. */
export interface Loss {
  /** What it is, in words. */
  readonly of: (peer: EgressPeer) => string;
  readonly lose: (peer: EgressPeer) => Promise<void>;
  readonly heal: (peer: EgressPeer) => Promise<void>;
  /** Packets of one direction that it may cost at 1,000 a second. */
  readonly lostAtMost: number;
  /** Between seen elsewhere and healed. */
  readonly awayForMs: number;
  readonly backWithinMs: number;
}

/** Traffic is led to a better peer; that is lost and comes back, with traffic on it: away from it and back to it. */
export async function lostAndBack(context: ScenarioContext, loss: Loss): Promise<Figures> {
  const stage = await setStage(context);
  const before = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const moved = await context.account(before);
  const peer = stage.peers.find(({ name }) => name === better);
  if (peer === undefined) throw new LabError("lab/scenario", `no peer ${better}`);
  const flows = await bothWays(context, stage);
  await context.sleep(500);
  context.step(`${loss.of(peer)} is lost`);
  await loss.lose(peer);
  const awayMs = await waitLeaves(context, stage, bgp);
  await context.sleep(loss.awayForMs);
  context.step(`${loss.of(peer)} returns`);
  await loss.heal(peer);
  const backMs = await waitLeaves(context, stage, better, loss.backWithinMs);
  const failed = await context.account(flows, loss.lostAtMost);
  await context.converge(60_000);
  await checkPlansEmpty(context);
  return {
    flows: [...moved, ...failed],
    timesMs: {
      "enabled to moved": movedMs,
      "lost to the other peer": awayMs,
      "returned to used again": backMs,
    },
    other: { bgp, better, longestGapMs: Math.max(...failed.map(({ maxGapMs }) => maxGapMs)) },
  };
}
