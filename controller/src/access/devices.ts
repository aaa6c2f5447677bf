import { isLiving } from "../core/access/applications.ts";
import { type ClaimAnswer, makeClaim, revokeNode } from "../enrol/claims.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { type Asker, requireChangeable } from "./applications.ts";
import { applicationOf, deviceNode } from "./device-name.ts";

/**
 * A claim token with which one device (a Pi, say) enrols once for an application. Throws `unknown-application`,
 * `application-state`, `bad-application`, and what `makeClaim` throws.
 */
export async function claimDevice(
  context: Context,
  asker: Asker,
  id: number,
  { ttlS, url, again }: { readonly ttlS: number; readonly url?: string; readonly again: boolean },
): Promise<ClaimAnswer> {
  const node = deviceNode(id);
  const inFabric = context.desired.inForce?.fabric.nodes.some(({ name }) => name === node) ?? false;
  if (inFabric)
    throw new ControllerError(
      "bad-application",
      `the fabric has a node ${node}: no device may have its name`,
    );
  return makeClaim(context, {
    who: asker.who,
    node,
    ttlS,
    kind: again ? "rekey" : "enrol",
    ...(url === undefined ? {} : { url }),
    allow: async (tx) => {
      const { state, service } = await requireChangeable(tx, asker, id);
      if (service === "remote-access-vpn")
        throw new ControllerError(
          "bad-application",
          "a VPN device has a WireGuard key, and nothing to enrol",
        );
      if (state !== "approved" && state !== "active")
        throw new ControllerError(
          "application-state",
          `application ${id} is ${state}; it must be approved first`,
        );
    },
  });
}

/**
 * Takes claims and certificates away from devices whose application is over. It compares and does not remember, so it may
 * be called at any time, and a controller that died in between does it later.
 */
export async function dropDevices(context: Context): Promise<void> {
  const { registry, store } = context;
  const nodes = new Set(registry.active().map(({ node }) => node));
  for (const { node } of await store.read.claims()) nodes.add(node);
  for (const node of nodes) {
    const id = applicationOf(node);
    if (id === undefined || context.desired.inForce?.nodes.has(node) === true) continue;
    const row = await store.read.accounts.application(id);
    if (row === undefined || !isLiving(row.state)) await revokeNode(context, "application over", node);
  }
}
