import { setTimeout as sleep } from "node:timers/promises";
import type { LinkRef } from "./faults.ts";
import { cableOf, type Lab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { panelNamespace } from "./names.ts";
import { bridgeCommands, bridgeOf, type Cable, delayUs, PANEL_TABLE, partnerOf } from "./panel.ts";
import { cableProgram } from "./programs.ts";
import { ipBatch, mustRun, run } from "./run.ts";
import { askSupervisor } from "./supervisor-client.ts";
import { tool } from "./tools.ts";

/** How much longer a way becomes than the fabric file says, milliseconds. */
export interface Delay {
  readonly delayMs: number;
  /**
   * Packets gather besides: the first waits a random time up to this, evenly spread, and what comes meanwhile goes with
   * it, at once and in order. So a way is bursty and jitters, and loses nothing.
   */
  readonly gatherMs?: number;
}

const NONE: Delay = { delayMs: 0 };

/**
 * The cable becomes slower while the lab runs: `there` is what the sender puts into it, `back` what comes to him. By netem
 * at the panel's ends where that makes the delays, else by a piece more of cable: two TAP devices and a process of
 * native/cable.c, put in between. Nothing is lost by it, here and in healDelay, but where bridges join: there what is under
 * way may be.
 */
export async function delayCable(lab: Lab, sender: LinkRef, there: Delay, back: Delay = NONE): Promise<void> {
  await healDelay(lab, sender);
  const cable = cableOf(lab, sender.node, sender.interface);
  const isFirst =
    cable.link.ends[0].node === sender.node && cable.link.ends[0].interface === sender.interface;
  const [forth, reverse] = isFirst ? [there, back] : [back, there];
  if (lab.wiring.delay === "netem") return setNetem(lab, cable, forth, reverse);
  const piece = pieceOf(cable);
  const { x, y } = piece;
  const { mtu } = cable.link;
  const namespace = panelNamespace(lab.name);
  await ipBatch(
    namespace,
    [x, y].flatMap((tap) => [
      `tuntap add dev ${tap} mode tap`,
      `link set ${tap} mtu ${mtu} txqueuelen 10000 up`,
    ]),
  );
  const command = [await tool("cable"), x, y, argument(forth), argument(reverse)];
  await askSupervisor(lab.name, { op: "add", specs: [programOf(lab, piece, command)] });
  await untilCarried(namespace, [x, y]);
  if (lab.wiring.join === "bridge") return insertByBridge(namespace, piece, mtu);
  const own = await forwardHandle(namespace, piece.end);
  const other = await forwardHandle(namespace, piece.partner);
  await nft(namespace, [
    ...forwardChain(x, piece.end),
    ...forwardChain(y, piece.partner),
    replaceForward(piece.end, own, x),
    replaceForward(piece.partner, other, y),
  ]);
}

/** Ends delayCable; nothing to do where there was none. */
export async function healDelay(lab: Lab, ref: LinkRef): Promise<void> {
  const cable = cableOf(lab, ref.node, ref.interface);
  if (lab.wiring.delay === "netem") return setNetem(lab, cable, NONE, NONE);
  const piece = pieceOf(cable);
  const { x, y, end, partner } = piece;
  const namespace = panelNamespace(lab.name);
  if ((await run("ip", ["-n", namespace, "link", "show", "dev", x])).code !== 0) return;
  const bridged = lab.wiring.join === "bridge";
  if (bridged) await ipBatch(namespace, [`link set ${x} nomaster`, ...joinBridge(partner, bridgeOf(end))]);
  else
    await nft(namespace, [
      replaceForward(end, await forwardHandle(namespace, end), partner),
      replaceForward(partner, await forwardHandle(namespace, partner), end),
    ]);
  // It delivers first what is under way.
  const { node, program } = programOf(lab, piece, []);
  await askSupervisor(lab.name, { op: "stop", node, program });
  if (bridged) await ipBatch(namespace, [`link del ${bridgeOf(y)}`]);
  else
    await nft(
      namespace,
      [x, y].map((tap) => `delete chain netdev ${PANEL_TABLE} ${tap}`),
    );
  await ipBatch(
    namespace,
    [x, y].map((tap) => `link del ${tap}`),
  );
}

/** A piece of cable between the first end and what that is joined to: end - x ~ y - partner. */
interface Piece {
  readonly end: string;
  readonly x: string;
  readonly y: string;
  readonly partner: string;
}

function pieceOf(cable: Cable): Piece {
  const [end] = cable.ends;
  return { end, x: `x${end}`, y: `y${end}`, partner: partnerOf(cable, 0) };
}

function programOf(lab: Lab, { x }: Piece, command: readonly string[]) {
  return { ...cableProgram(lab.name, command), node: x };
}

/** As native/cable.c reads it. */
function argument({ delayMs, gatherMs = 0 }: Delay): string {
  const us = (ms: number): number => Math.round(ms * 1000);
  return `${us(delayMs)}+${us(gatherMs)}`;
}

/** A TAP device has a carrier while a process holds it. */
async function untilCarried(namespace: string, taps: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const text = await mustRun("ip", ["-n", namespace, "-j", "link", "show", "up"]);
    const rows = JSON.parse(text) as readonly {
      readonly ifname: string;
      readonly flags: readonly string[];
    }[];
    const carried = rows.filter(({ flags }) => flags.includes("LOWER_UP")).map(({ ifname }) => ifname);
    if (taps.every((tap) => carried.includes(tap))) return;
    await sleep(25);
  }
  throw new LabError("lab/supervisor", `nothing holds ${taps.join(" and ")}; see the lab's cable.log`);
}

function insertByBridge(namespace: string, { end, x, y, partner }: Piece, mtu: number): Promise<void> {
  return ipBatch(namespace, [...bridgeCommands([y, partner], mtu), ...joinBridge(x, bridgeOf(end))]);
}

function joinBridge(device: string, bridge: string): readonly string[] {
  return [`link set ${device} master ${bridge}`, `link set ${device} type bridge_slave learning off`];
}

function forwardChain(device: string, to: string): readonly string[] {
  const chain = `netdev ${PANEL_TABLE} ${device}`;
  const hook = `type filter hook ingress device "${device}" priority 0; policy drop;`;
  return [`add chain ${chain} { ${hook} }`, `add rule ${chain} fwd to "${to}"`];
}

function replaceForward(device: string, handle: number, to: string): string {
  return `replace rule netdev ${PANEL_TABLE} ${device} handle ${handle} fwd to "${to}"`;
}

/** Handle of the rule that hands a device's frames on. */
async function forwardHandle(namespace: string, device: string): Promise<number> {
  const list = ["nft", "-j", "list", "chain", "netdev", PANEL_TABLE, device];
  const { nftables } = JSON.parse(await mustRun("ip", ["netns", "exec", namespace, ...list])) as {
    readonly nftables: readonly {
      readonly rule?: { readonly handle: number; readonly expr: readonly object[] };
    }[];
  };
  const rule = nftables.find(
    (one) => one.rule?.expr.some((expression) => "fwd" in expression) === true,
  )?.rule;
  if (rule === undefined) throw new LabError("lab/command-failed", `${device} is joined to nothing`);
  return rule.handle;
}

async function nft(namespace: string, lines: readonly string[]): Promise<void> {
  await mustRun("ip", ["netns", "exec", namespace, "nft", "-f", "-"], { input: `${lines.join("\n")}\n` });
}

/** Each end delays what it hands to its router: `forth` is for the second end. */
async function setNetem(lab: Lab, cable: Cable, forth: Delay, reverse: Delay): Promise<void> {
  const namespace = panelNamespace(lab.name);
  const fileUs = delayUs(cable.link);
  for (const [end, { delayMs, gatherMs = 0 }] of [
    [cable.ends[1], forth],
    [cable.ends[0], reverse],
  ] as const) {
    const us = fileUs + Math.round(delayMs * 1000);
    const device = ["-n", namespace, "qdisc"];
    const has = (await mustRun("tc", [...device, "show", "dev", end])).includes("netem");
    if (!has && us === 0 && gatherMs === 0) continue;
    // A qdisc that goes takes what waits in it along, so one that is made for this stays, and does nothing.
    const slot = ["slot", "0us", `${Math.round(gatherMs * 1000)}us`];
    const netem = ["netem", "delay", `${us}us`, ...(has || gatherMs > 0 ? slot : []), "limit", "100000"];
    await mustRun("tc", [...device, "replace", "dev", end, "root", ...netem]);
  }
}
