import type { Fabric, FabricLink, FabricNode, LinkEnd } from "./model.ts";
import { adjacenciesOf } from "./query.ts";
import { egressPeerSid } from "./sids.ts";

/** One way out of the AS: a link from an External Edge to an upstream. */
export interface EgressPeer {
  /** `EXTERNAL-EDGE/UPSTREAM`; `…/UPSTREAM.2` for a second parallel link. What operators, policy and messages call it. */
  readonly name: string;
  readonly via: FabricNode;
  readonly upstream: FabricNode;
  readonly link: FabricLink;
  /** Port of the External Edge. */
  readonly port: LinkEnd;
  /** Address of the upstream's port. */
  readonly nextHop: string;
  /** Its neighbour's name in part `bgp` of the External Edge. */
  readonly neighbour: string;
  /** Plane name to the SID in that plane's own locator. */
  readonly sids: ReadonlyMap<string, string>;
}

/** Every egress peer, in file order of External Edges and links. */
export function egressPeersOf(fabric: Fabric): readonly EgressPeer[] {
  return fabric.nodes.filter(({ role }) => role === "external-edge").flatMap((via) => peersAt(fabric, via));
}

/** Those of one External Edge. */
export function peersAt(fabric: Fabric, via: FabricNode): readonly EgressPeer[] {
  return adjacenciesOf(fabric, via.name)
    .filter(({ link }) => link.kind === "upstream")
    .map(({ link, self, far, peer, ordinal, neighbour }) => ({
      name: `${via.name}/${neighbour}`,
      via,
      upstream: peer,
      link,
      port: self,
      nextHop: far.address,
      neighbour,
      sids: new Map(
        via.locators.map(({ plane, prefix }) => [plane, egressPeerSid(prefix, peer.id, ordinal)]),
      ),
    }));
}
