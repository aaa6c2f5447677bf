import type { EpeDestination } from "@vsix/shared/fabric/epe-model.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { WantedOverride } from "../core/epe/decision.ts";
import type { EpeInForce, EpeMode } from "../core/epe/in-force.ts";
import type { StoreReader } from "../store/reader.ts";

/** With the texts it was read from: who compares them need not read them again. */
export interface StoredEpe extends EpeInForce {
  readonly texts: { readonly destinations: string; readonly overrides: string };
}

/** What is stored, for a fabric that has a policy; undefined while it is off. */
export async function epeIn(
  reader: StoreReader,
  fabric: Fabric,
  before: StoredEpe | undefined,
): Promise<StoredEpe | undefined> {
  if (fabric.epe === undefined) return undefined;
  const mode = await epeMode(reader);
  if (mode === "off") return undefined;
  const destinations = (await reader.epeState("destinations")) ?? "[]";
  const overrides = mode === "enforce" ? ((await reader.epeState("overrides")) ?? "[]") : "[]";
  const texts = { destinations, overrides };
  if (before?.texts.destinations === destinations && before.texts.overrides === overrides)
    return before.mode === mode ? before : { ...before, mode };
  return {
    mode,
    destinations: JSON.parse(destinations) as EpeDestination[],
    overrides: JSON.parse(overrides) as WantedOverride[],
    texts,
  };
}

/** `off` until somebody said otherwise. */
export async function epeMode(reader: StoreReader): Promise<EpeMode> {
  const mode = await reader.epeState("mode");
  return mode === "observe" || mode === "enforce" ? mode : "off";
}
