import type { Context } from "../operations/context.ts";
import { endQuarantines } from "./addresses.ts";
import { endOutlived } from "./applications.ts";
import { dropDevices } from "./devices.ts";

/** What time does: applications and quarantines end, and devices lose what their applications gave them. */
export async function lookAfterAccess(context: Context): Promise<void> {
  await endOutlived(context);
  await endQuarantines(context);
  await dropDevices(context);
}
