import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { namespaceOf } from "../lab.ts";
import { mustRun } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** A redirect ends when the feed has been quiet for a second, and at most 30 s after it began. */
const LOOKS = 40;
const LOOK_EVERY_MS = 1000;

/** Waits until no object of an Edge leads another neighbour's routes, and BGP itself has chosen `device`. */
export async function waitForBgp(context: ScenarioContext, edge: string, device: string): Promise<void> {
  const namespace = namespaceOf(context.lab, edge);
  for (let look = 0; look < LOOKS; look++) {
    const text = await mustRun("ip", ["-n", namespace, "-j", "nexthop", "show", "proto", "118"]);
    const objects = JSON.parse(text) as readonly { readonly id: number; readonly dev?: string }[];
    const users = (dev: string | undefined): number => objects.filter((one) => one.dev === dev).length;
    // Two objects a neighbour: for our own prefixes and for what is outside.
    const own = objects.length > 0 && objects.every(({ dev }) => users(dev) === 2);
    const route = await mustRun("ip", ["-n", namespace, "-6", "route", "show", "default", "proto", "118"]);
    const id = Number(/ nhid (\d+)/.exec(route)?.[1]);
    if (own && objects.find((one) => one.id === id)?.dev === device) return;
    await context.sleep(LOOK_EVERY_MS);
  }
  context.check(false, `${edge}: routes were not BGP's again after ${LOOKS} s`);
}

/** Interface of an Edge to its first router of a plane. */
export function portTo(fabric: Fabric, edge: string, plane: string): string {
  const router = routerOf(fabric, edge, plane);
  const link = fabric.links.find(({ ends }) =>
    [edge, router].every((name) => ends.some((e) => e.node === name)),
  );
  return link?.ends.find(({ node }) => node === edge)?.interface ?? "";
}

/** The Edge's first router of a plane. */
export function routerOf(fabric: Fabric, edge: string, plane: string): string {
  const routers = new Set(fabric.nodes.filter((n) => n.plane === plane).map(({ name }) => name));
  const ends = fabric.links
    .filter((link) => link.ends.some(({ node }) => node === edge))
    .flatMap((link) => link.ends);
  return ends.find(({ node }) => routers.has(node))?.node ?? "";
}
