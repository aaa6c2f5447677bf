import { create } from "@bufbuild/protobuf";
import { familyOf, toPbFamily } from "./convert-path.ts";
import {
  type Global,
  GlobalSchema,
  type Peer,
  PeerSchema,
  PeerState_AdminState,
  PeerState_SessionState,
  RemovePrivate,
} from "./gen/gobgp_pb.js";
import type { GlobalConfig, PeerConfig, PeerStatus, SessionState } from "./types.ts";

export function toPbGlobal(global: GlobalConfig): Global {
  return create(GlobalSchema, {
    asn: global.asn,
    routerId: global.routerId,
    listenPort: global.listenPort,
    listenAddresses: [...global.listenAddresses],
    ...(global.confederation === undefined
      ? {}
      : {
          confederation: {
            enabled: true,
            identifier: global.confederation.identifier,
            memberAsList: [...global.confederation.members],
          },
        }),
    routeSelectionOptions: {
      alwaysCompareMed: global.alwaysCompareMed ?? false,
      externalCompareRouterId: global.externalCompareRouterId ?? false,
    },
  });
}

export function fromPbGlobal(global: Global): GlobalConfig {
  const confederation = global.confederation;
  return {
    asn: global.asn,
    routerId: global.routerId,
    listenPort: global.listenPort,
    listenAddresses: global.listenAddresses,
    ...(confederation?.enabled === true
      ? { confederation: { identifier: confederation.identifier, members: confederation.memberAsList } }
      : {}),
    alwaysCompareMed: global.routeSelectionOptions?.alwaysCompareMed ?? false,
    externalCompareRouterId: global.routeSelectionOptions?.externalCompareRouterId ?? false,
  };
}

const REMOVE_PRIVATE = { all: RemovePrivate.REMOVE_ALL, replace: RemovePrivate.REPLACE } as const;

export function toPbPeer(peer: PeerConfig): Peer {
  const restart = peer.gracefulRestart;
  const families = peer.families ?? [familyOf(peer.address)];
  return create(PeerSchema, {
    conf: {
      neighborAddress: peer.address,
      peerAsn: peer.asn,
      description: peer.description ?? "",
      allowOwnAsn: peer.allowOwnAsn ?? 0,
      adminDown: peer.adminDown ?? false,
      ...(peer.removePrivate === undefined ? {} : { removePrivate: REMOVE_PRIVATE[peer.removePrivate] }),
    },
    timers: {
      config: {
        holdTime: BigInt(peer.holdS),
        keepaliveInterval: BigInt(peer.keepaliveS),
        connectRetry: BigInt(peer.connectRetryS ?? 5),
      },
    },
    transport: { remotePort: peer.remotePort ?? 0, passiveMode: peer.passive ?? false },
    ...(peer.clusterId === undefined
      ? {}
      : { routeReflector: { routeReflectorClient: true, routeReflectorClusterId: peer.clusterId } }),
    ...(restart === undefined
      ? {}
      : {
          gracefulRestart: {
            enabled: true,
            restartTime: restart.restartS,
            deferralTime: restart.deferralS,
            localRestarting: peer.localRestarting ?? false,
          },
        }),
    afiSafis: families.map((name) => ({
      config: { family: toPbFamily(name), enabled: true },
      mpGracefulRestart: { config: { enabled: restart !== undefined } },
      ...(peer.maxPrefixes === undefined
        ? {}
        : { prefixLimits: { family: toPbFamily(name), maxPrefixes: peer.maxPrefixes } }),
    })),
  });
}

const SESSION: Readonly<Record<PeerState_SessionState, SessionState>> = {
  [PeerState_SessionState.UNKNOWN]: "unknown",
  [PeerState_SessionState.IDLE]: "idle",
  [PeerState_SessionState.CONNECT]: "connect",
  [PeerState_SessionState.ACTIVE]: "active",
  [PeerState_SessionState.OPENSENT]: "opensent",
  [PeerState_SessionState.OPENCONFIRM]: "openconfirm",
  [PeerState_SessionState.ESTABLISHED]: "established",
};

const ADMIN: Readonly<Record<PeerState_AdminState, PeerStatus["admin"]>> = {
  [PeerState_AdminState.UP]: "up",
  [PeerState_AdminState.DOWN]: "down",
  [PeerState_AdminState.PFX_CT]: "prefix-limit",
};

function readConfig(peer: Peer): PeerConfig {
  const conf = peer.conf;
  const timers = peer.timers?.config;
  const restart = peer.gracefulRestart;
  const limit = peer.afiSafis[0]?.prefixLimits?.maxPrefixes ?? 0;
  return {
    address: conf?.neighborAddress ?? "",
    asn: conf?.peerAsn ?? 0,
    description: conf?.description ?? "",
    remotePort: peer.transport?.remotePort ?? 0,
    passive: peer.transport?.passiveMode ?? false,
    holdS: Number(timers?.holdTime ?? 0n),
    keepaliveS: Number(timers?.keepaliveInterval ?? 0n),
    connectRetryS: Number(timers?.connectRetry ?? 0n),
    families: peer.afiSafis.map((f) => (f.config?.family?.afi === 1 ? "ipv4-unicast" : "ipv6-unicast")),
    ...(peer.routeReflector?.routeReflectorClient === true
      ? { clusterId: peer.routeReflector.routeReflectorClusterId }
      : {}),
    ...(restart?.enabled === true
      ? { gracefulRestart: { restartS: restart.restartTime, deferralS: restart.deferralTime } }
      : {}),
    ...(limit === 0 ? {} : { maxPrefixes: limit }),
    allowOwnAsn: conf?.allowOwnAsn ?? 0,
    ...(conf?.removePrivate === RemovePrivate.REMOVE_ALL ? { removePrivate: "all" as const } : {}),
    ...(conf?.removePrivate === RemovePrivate.REPLACE ? { removePrivate: "replace" as const } : {}),
    adminDown: conf?.adminDown ?? false,
  };
}

export function fromPbPeer(peer: Peer): PeerStatus {
  const sum = (pick: "received" | "accepted" | "advertised"): number =>
    peer.afiSafis.reduce((total, family) => total + Number(family.state?.[pick] ?? 0n), 0);
  return {
    config: readConfig(peer),
    session: SESSION[peer.state?.sessionState ?? PeerState_SessionState.UNKNOWN],
    admin: ADMIN[peer.state?.adminState ?? PeerState_AdminState.UP],
    remoteRouterId: peer.state?.routerId ?? "",
    received: sum("received"),
    accepted: sum("accepted"),
    advertised: sum("advertised"),
    upSince: Number(peer.timers?.state?.uptime?.seconds ?? 0n),
    messages: {
      received: Number(peer.state?.messages?.received?.total ?? 0n),
      sent: Number(peer.state?.messages?.sent?.total ?? 0n),
    },
  };
}
