import { Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { viewApplications } from "../access/account-view.ts";
import { type InventoryDevice, inventoryOf } from "../core/access/inventory.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";

/** Ansible's, which names the fields. */
const InventoryAnswer = Type.Unsafe<object>({ type: "object", additionalProperties: true });

/** What Ansible can be told of: nodes of the fabric, and devices of users. */
export function routeInventory(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/inventory",
    guarded("read", "Nodes of the fabric as an Ansible inventory", { response: { 200: InventoryAnswer } }),
    () => inventoryOf(context.desired.inForce?.fabric, undefined),
  );

  server.get(
    "/v1/inventory/all",
    guarded("access", "Nodes of the fabric and devices of users as an Ansible inventory", {
      response: { 200: InventoryAnswer },
    }),
    async () => {
      const { read } = context.store;
      const rows = await read.accounts.applications({ states: ["approved", "active"], limit: 100_000 });
      const devices: InventoryDevice[] = [];
      for (const { node, ...view } of await viewApplications(context, rows))
        if (node !== null) devices.push({ ...view, node });
      return inventoryOf(context.desired.inForce?.fabric, devices);
    },
  );
}
