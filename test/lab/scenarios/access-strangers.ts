import { type Forged, sendForged } from "../../kernel/fixtures/forged.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, ipBatch, mustRun } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Of each kind, so that what else drops a packet or two is told from it. */
const COUNT = 50;
const UDP = 17;

interface User {
  readonly address: string;
  readonly endpoint: string;
  readonly router: string;
}

export interface Strangers {
  readonly sid: string;
  /** Of another point. */
  readonly otherSid: string;
  readonly routers: readonly string[];
  readonly user: User;
  readonly other: User;
}

/** What came to a SID and was dropped, by counter, over these nodes. */
async function drops(
  { lab }: ScenarioContext,
  nodes: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const node of nodes) {
    const command = ["nft", "-j", "list", "counters", "table", "inet", "vsix"];
    const [file = "ip", ...args] = inNamespace(namespaceName(lab.name, node), command);
    const { nftables } = JSON.parse(await mustRun(file, args)) as {
      readonly nftables: readonly {
        readonly counter?: { readonly name: string; readonly packets: number };
      }[];
    };
    for (const { counter } of nftables)
      if (counter !== undefined) sums[counter.name] = (sums[counter.name] ?? 0) + counter.packets;
  }
  return sums;
}

/**
 * Who is no user, and users who want more than their own, at the borders: dropped and counted there, so that no access router
 * sees them. By which upstream a user's source comes nobody can tell; what is borrowed so is held against the prefix within.
 */
export async function tryStrangers(
  context: ScenarioContext,
  { sid, otherSid, routers, user, other }: Strangers,
): Promise<Readonly<Record<string, unknown>>> {
  const { lab } = context;
  const edge = "edge-1";
  const borders = lab.fabric.nodes.flatMap(({ name, role }) =>
    role === "plane" || role === "external-edge" ? [name] : [],
  );
  const from = (outer: NonNullable<Forged["outer"]>, more: Partial<Forged> = {}): Forged => ({
    ...{ outer, inner: { source: user.address, destination: "2001:db8:1::1", next: UDP } },
    ...{ count: COUNT, ...more },
  });
  const { endpoint } = user;
  const stranger = endpoint.replace(/e$/, "bad");
  const plain: Forged = { inner: { source: endpoint, destination: sid, next: UDP }, count: COUNT };
  const own = { source: endpoint, destination: sid };
  /** Where it is sent, and by which counter of which nodes it ends. */
  const tries: readonly (readonly [what: string, at: string, packet: Forged, counter: string])[] = [
    ["a source that is no user's", user.router, from({ ...own, source: stranger }), "gate"],
    ["the SID of another point", user.router, from({ ...own, destination: otherSid }), "gate"],
    ["no packet within the packet", user.router, plain, "gate"],
    ["a fragment", user.router, from(own, { between: "fragment" }), "gate"],
    ["an SRH", user.router, from(own, { between: "srh" }), "gate"],
    ["an Edge that is no user", edge, from({ ...own, source: "2001:db8:1::1" }), "gate"],
    ["a user's source by an Edge's port", edge, from(own), "source of a port"],
    ["another user's source", user.router, from({ ...own, source: other.endpoint }), "prefix within"],
  ];
  // As to the SID that is his: else his router would take it for something to be sent within.
  const network = endpoint.replace(/::e$/, "");
  await ipBatch(namespaceName(lab.name, user.router), [`route add ${otherSid}/128 via ${network}::1`]);
  const found: Record<string, unknown> = {};
  for (const [what, at, packet, counter] of tries) {
    context.step(`at the border: ${what}`);
    const before = [await drops(context, borders), await drops(context, routers)] as const;
    const [sent] = sendForged(namespaceName(lab.name, at), [packet]);
    context.check(sent === COUNT, `${what}: ${sent} of ${COUNT} were sent`);
    const counted = async () => {
      const [border, router] = [await drops(context, borders), await drops(context, routers)] as const;
      const grown = (now: typeof border, was: typeof border, like: RegExp): number =>
        Object.entries(now).reduce(
          (sum, [name, packets]) => sum + (like.test(name) ? packets - (was[name] ?? 0) : 0),
          0,
        );
      return {
        gate: grown(border, before[0], /^drop-access-gate$/),
        "source of a port": grown(border, before[0], /^drop-source-/),
        "prefix within": grown(router, before[1], /^drop-access-source$/),
        "at the router": grown(router, before[1], /^drop-access-stranger$/),
      };
    };
    let seen = await counted();
    for (let look = 0; look < 50 && seen[counter as keyof typeof seen] < COUNT; look++) {
      await context.sleep(20);
      seen = await counted();
    }
    for (const [name, packets] of Object.entries(seen))
      context.check(
        packets === (name === counter ? COUNT : 0),
        `${what}: ${packets} of ${COUNT} were dropped by ${name}`,
      );
    found[what] = { sent, ...seen };
  }
  return found;
}
