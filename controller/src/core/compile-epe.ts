import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import { egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import type { EpeRuleMatch, FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import type { WantedOverride } from "./epe/decision.ts";
import type { EpeInForce } from "./epe/in-force.ts";
import { DEFAULT_CLASS } from "./epe/policy.ts";

/**
 * Part `epe` of a plane router: overrides by class in order of precedence, each to its peer's SID in this plane's own locator. Absent
 * where there is nothing to override; an override whose peer or class the fabric does not have any more is left out.
 */
export function compileEpe(
  fabric: Fabric,
  node: FabricNode,
  epe: EpeInForce | undefined,
): EpePart | undefined {
  const policy = fabric.epe;
  if (policy === undefined || epe?.mode !== "enforce" || node.role !== "plane") return undefined;
  const own = epe.overrides.filter((override) => override.node === node.name);
  const interfaces = adjacenciesOf(fabric, node.name)
    .filter(({ peer }) => peer.role === "edge")
    .map(({ self }) => self.interface);
  const sids = new Map(egressPeersOf(fabric).map((peer) => [peer.name, peer.sids.get(node.plane ?? "")]));
  const classes = classesOf(policy).flatMap(({ name, match }): EpeClass[] => {
    const overrides = own
      .filter(({ className }) => className === name)
      .flatMap((one) => overrideOf(one, sids));
    return overrides.length === 0 ? [] : [{ name, match: matchOf(match), interfaces, overrides }];
  });
  return classes.length === 0 || interfaces.length === 0
    ? undefined
    : { version: 1, classes, keepS: policy.decide.keepS };
}

function classesOf(policy: FabricEpe): readonly { readonly name: string; readonly match: EpeRuleMatch }[] {
  return [...policy.rules, { name: DEFAULT_CLASS, match: {} }];
}

function overrideOf(
  { prefix, peer }: WantedOverride,
  sids: ReadonlyMap<string, string | undefined>,
): EpeClass["overrides"] {
  const sid = sids.get(peer);
  return sid === undefined ? [] : [{ prefix, peer, segments: [sid] }];
}

function matchOf({ sources, dscp, protocol, ports }: EpeRuleMatch): EpeClass["match"] {
  return {
    ...(sources === undefined ? {} : { sources: [...sources] }),
    ...(dscp === undefined ? {} : { dscp }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(ports === undefined ? {} : { ports }),
  };
}
