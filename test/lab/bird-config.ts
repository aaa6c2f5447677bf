import type { BfdTimes, Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";

/**
 * Configuration of BIRD 2.0.12 (doc/bird.sgml) for a node that somebody else runs. Pure.
 *
 * An upstream is plain transit: it announces its prefixes and everything it knows to every neighbour, so AS-path
 * lengths are real and whatever we let slip is seen. A BIRD Edge announces its prefixes and takes what it hears; equal
 * paths are decided by MED.
 */
export function birdConfig(fabric: Fabric, node: FabricNode): string {
  const neighbours = neighboursOf(fabric, node);
  return [
    `router id ${node.routerId};`,
    "log stderr { info, remote, warning, error, auth, fatal, bug };",
    "debug protocols { states };",
    "graceful restart wait 15;",
    "protocol device { scan time 5; }",
    ...bfdProtocol(neighbours),
    `protocol static own {\n  ipv6;\n${node.prefixes.map((p) => `  route ${p} unreachable;`).join("\n")}\n}`,
    kernelProtocol(node),
    ...neighbours.map((neighbour) => bgpProtocol(fabric, node, neighbour)),
    "",
  ].join("\n");
}

interface Neighbour {
  readonly protocol: string;
  readonly localAddress: string;
  readonly address: string;
  readonly interface: string;
  readonly asn: number;
  readonly bfd: BfdTimes | undefined;
}

function neighboursOf(fabric: Fabric, node: FabricNode): readonly Neighbour[] {
  const byName = new Map(fabric.nodes.map((n) => [n.name, n]));
  return fabric.links.flatMap((link) => {
    const own = link.ends.find((end) => end.node === node.name);
    const other = link.ends.find((end) => end.node !== node.name);
    const peer = other === undefined ? undefined : byName.get(other.node);
    if (own === undefined || other === undefined || peer === undefined) return [];
    return [
      {
        protocol: `n_${own.interface.replaceAll(/[^a-zA-Z0-9]/g, "_")}`,
        localAddress: own.address,
        address: other.address,
        interface: own.interface,
        // Members of the confederation speak as the whole AS to everybody outside (RFC 5065 section 4).
        bfd: link.bfd,
        asn: peer.role === "plane" || peer.role === "external-edge" ? fabric.as : peer.asn,
      },
    ];
  });
}

/** BFD for the links that are to have it; nobody else's packets are listened to. */
function bfdProtocol(neighbours: readonly Neighbour[]): readonly string[] {
  const ports = neighbours.flatMap(({ bfd, interface: name }) =>
    bfd === undefined
      ? []
      : [
          `  interface "${name}" { interval ${bfd.intervalMs} ms; idle tx interval 1 s; multiplier ${bfd.multiplier}; };`,
        ],
  );
  if (ports.length === 0) return [];
  return [`protocol bfd {\n  accept ipv6 direct;\n${ports.join("\n")}\n}`];
}

function kernelProtocol(node: FabricNode): string {
  return `protocol kernel {
  scan time 20;
  ipv6 {
    import none;
    export filter {
      if source ~ [ RTS_STATIC, RTS_BGP ] then {
        krt_prefsrc = ${node.loopback};
        accept;
      }
      reject;
    };
  };
}`;
}

function bgpProtocol(fabric: Fabric, node: FabricNode, neighbour: Neighbour): string {
  const known = node.role === "edge" ? 'proto = "own"' : "source ~ [ RTS_STATIC, RTS_BGP ]";
  return `protocol bgp ${neighbour.protocol} {
  local ${neighbour.localAddress} as ${node.asn};
  neighbor ${neighbour.address} as ${neighbour.asn};
  interface "${neighbour.interface}";
  direct;
  check link on;
  hold time ${fabric.policy.holdS};
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 4;
  graceful restart on;
  graceful restart time ${fabric.policy.gracefulRestartS};${neighbour.bfd === undefined ? "" : "\n  bfd on;"}
  ipv6 {
    import all;
    export where ${known};
    next hop self;
  };
}`;
}
