import type { Fabric, FabricLink } from "@vsix/shared/fabric/model.ts";
import { namespaceName } from "./names.ts";

/**
 * The patch panel: one namespace that holds the middle of every cable. A link a--b is two veth pairs, a to the panel
 * and b to the panel, joined there by nftables `fwd`. So a pulled cable is a panel end that is down: both routers see
 * the carrier go and neither can bring it back; a silent cable is a panel end whose frames are dropped; loss and delay
 * are made here; and the panel's counters are a witness that belongs to no router. Pure: computes, runs nothing.
 */

/** Nftables table of the panel, family netdev. */
export const PANEL_TABLE = "cables";

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
export function cableCommands(lab: string, cables: readonly Cable[]): readonly string[] {
  return cables.flatMap(({ link, ends, taps }) => [
    ...link.ends.map(
      (end, side) =>
        `link add ${ends[side]} mtu ${link.mtu} up type veth ` +
        `peer name ${end.interface} netns ${namespaceName(lab, end.node)}`,
    ),
    ...(taps ?? []).flatMap((tap) => [
      `tuntap add dev ${tap} mode tap`,
      `link set ${tap} mtu ${link.mtu} txqueuelen 10000 up`,
    ]),
  ]);
}

/** `tc -batch` lines that make delays by netem: each panel end delays what it hands to its router. */
export function netemCommands(cables: readonly Cable[]): readonly string[] {
  return cables.flatMap(({ link, ends }) =>
    link.delayMs > 0
      ? ends.map((end) => `qdisc add dev ${end} root netem delay ${link.delayMs}ms limit 100000`)
      : [],
  );
}

/** Arguments of `cable`, native/cable.c; empty when no link needs it. */
export function delayArguments(cables: readonly Cable[]): readonly string[] {
  return cables.flatMap(({ link, taps }) =>
    taps === undefined ? [] : [...taps, String(Math.round(link.delayMs * 1000))],
  );
}

/** The nftables ruleset that joins the cable ends. Loss is drawn per frame, each way by itself. */
export function panelRuleset(cables: readonly Cable[]): string {
  const chains = cables.flatMap(({ link, ends, taps }) => {
    const [a, b] = ends;
    const loss = link.lossPercent > 0 ? [lossRule(link.lossPercent)] : [];
    if (taps === undefined) return [chain(a, [...loss, forward(b)]), chain(b, [...loss, forward(a)])];
    const [tapA, tapB] = taps;
    return [
      chain(a, [...loss, forward(tapA)]),
      chain(tapB, [forward(b)]),
      chain(b, [...loss, forward(tapB)]),
      chain(tapA, [forward(a)]),
    ];
  });
  return `table netdev ${PANEL_TABLE} {\n  set silent { type ifname; }\n${chains.join("")}}\n`;
}

function chain(device: string, rules: readonly string[]): string {
  const hook = `type filter hook ingress device "${device}" priority 0; policy drop;`;
  return `  chain ${device} {\n    ${hook}\n    iifname @silent drop\n    ${rules.join("\n    ")}\n  }\n`;
}

function forward(device: string): string {
  return `fwd to "${device}"`;
}

/** numgen is 32 bit; a millionth is fine enough. */
function lossRule(percent: number): string {
  return `numgen random mod 1000000 < ${Math.round(percent * 10_000)} counter drop`;
}
