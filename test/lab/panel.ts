import type { Fabric, FabricLink } from "@vsix/shared/fabric/model.ts";
import { namespaceName } from "./names.ts";

/**
 * The patch panel: one namespace that holds the middle of every cable. A link a--b is two veth pairs, a to the panel
 * and b to the panel, joined there by nftables `fwd`, or a bridge where the kernel has no `fwd`. So a pulled cable is a panel end that is down: both routers see
 * the carrier go and neither can bring it back; a silent cable is a panel end whose frames are dropped; loss and delay
 * are made here; and the panel's counters are a witness that belongs to no router. Pure: computes, runs nothing.
 */

/** Nftables table of the panel, family netdev. */
export const PANEL_TABLE = "cables";

/** How the panel's cables are made; topology.ts asks the kernel what it can. */
export interface Wiring {
  /** What delays: the kernel, or a process of native/cable.c between TAP devices. Loss is nftables' either way. */
  readonly delay: "netem" | "userspace";
  /** What carries a frame from one device of a cable to the next. */
  readonly join: "fwd" | "bridge";
}

export interface Cable {
  readonly link: FabricLink;
  /** Panel ends, in the order of `link.ends`. */
  readonly ends: readonly [string, string];
  /** TAP devices of the userspace delay, in the same order; only where it is used. */
  readonly taps?: readonly [string, string];
}

/** Numbers the cables of a fabric. `userspaceDelay`: links with a delay get TAP devices instead of netem. */
export function cablesOf(fabric: Fabric, userspaceDelay: boolean): readonly Cable[] {
  return fabric.links.map((link, i) => ({
    link,
    ends: [`c${i}a`, `c${i}b`],
    ...(userspaceDelay && link.delayMs > 0 ? { taps: [`t${i}a`, `t${i}b`] as const } : {}),
  }));
}

/** `ip -batch` lines, inside the panel's namespace, that make all cables. The routers' ends stay down. */
export function cableCommands(
  lab: string,
  cables: readonly Cable[],
  join: Wiring["join"],
): readonly string[] {
  return cables.flatMap((cable) => [
    ...cable.link.ends.map(
      (end, side) =>
        `link add ${cable.ends[side]} mtu ${cable.link.mtu} up type veth ` +
        `peer name ${end.interface} netns ${namespaceName(lab, end.node)}`,
    ),
    ...(cable.taps ?? []).flatMap((tap) => [
      `tuntap add dev ${tap} mode tap`,
      `link set ${tap} mtu ${cable.link.mtu} txqueuelen 10000 up`,
    ]),
    ...(join === "bridge" ? pairs(cable).flatMap((pair) => bridgeCommands(pair, cable.link.mtu)) : []),
  ]);
}

/** The bridge that holds the first device of a pair. */
export function bridgeOf(device: string): string {
  return `j${device}`;
}

/** A bridge as dumb as a cable: nothing of its own, nothing learned, nothing kept back but 802.1D's own and pause. */
export function bridgeCommands(
  pair: readonly [string, string],
  mtu: number,
  bridge = bridgeOf(pair[0]),
): readonly string[] {
  return [
    `link add ${bridge} type bridge stp_state 0 mcast_snooping 0 group_fwd_mask 0xfff8`,
    ...pair.flatMap((port) => [
      `link set ${port} master ${bridge}`,
      `link set ${port} type bridge_slave learning off`,
    ]),
    `link set ${bridge} mtu ${mtu} up`,
  ];
}

/** Devices of a cable that are joined: its two ends, or each end and its TAP device. */
function pairs({ ends, taps }: Cable): readonly (readonly [string, string])[] {
  const [a, b] = ends;
  return taps === undefined
    ? [[a, b]]
    : [
        [a, taps[0]],
        [taps[1], b],
      ];
}

/** What a cable's end is joined to: the other end, or the TAP device before it. */
export function partnerOf({ ends, taps }: Cable, side: 0 | 1): string {
  return taps?.[side] ?? ends[side === 0 ? 1 : 0];
}

/** `tc -batch` lines that make delays by netem: each panel end delays what it hands to its router. */
export function netemCommands(cables: readonly Cable[]): readonly string[] {
  return cables.flatMap(({ link, ends }) =>
    link.delayMs > 0
      ? ends.map((end) => `qdisc add dev ${end} root netem delay ${delayUs(link)}us limit 100000`)
      : [],
  );
}

export function delayUs(link: FabricLink): number {
  return Math.round(link.delayMs * 1000);
}

/** Arguments of `cable`, native/cable.c; empty when no link needs it. */
export function delayArguments(cables: readonly Cable[]): readonly string[] {
  return cables.flatMap(({ link, taps }) =>
    taps === undefined ? [] : [...taps, String(delayUs(link)), String(delayUs(link))],
  );
}

/**
 * The nftables ruleset of the cables: silence, loss, and where `fwd` joins, the join. Loss is drawn per frame, each way by
 * itself. A bridge sees only what its ports' chains accept: the ingress hook comes before it.
 */
export function panelRuleset(cables: readonly Cable[], join: Wiring["join"]): string {
  const chains = cables.flatMap((cable) => {
    const loss = cable.link.lossPercent > 0 ? [lossRule(cable.link.lossPercent)] : [];
    const lossOf = (device: string): readonly string[] => (cable.ends.includes(device) ? loss : []);
    const pass = (to: string): string => (join === "fwd" ? `fwd to "${to}"` : "accept");
    return pairs(cable).flatMap(([one, other]) => [
      chain(one, [...lossOf(one), pass(other)]),
      chain(other, [...lossOf(other), pass(one)]),
    ]);
  });
  return `table netdev ${PANEL_TABLE} {\n  set silent { type ifname; }\n${chains.join("")}}\n`;
}

function chain(device: string, rules: readonly string[]): string {
  const hook = `type filter hook ingress device "${device}" priority 0; policy drop;`;
  return `  chain ${device} {\n    ${hook}\n    iifname @silent drop\n    ${rules.join("\n    ")}\n  }\n`;
}

/** nftables words that hold for so many per cent of packets. numgen is 32 bit; a millionth is fine enough. */
export function chance(percent: number): string {
  return `numgen random mod 1000000 < ${Math.round(percent * 10_000)}`;
}

function lossRule(percent: number): string {
  return `${chance(percent)} counter drop`;
}
