import type { EpeDestination } from "@vsix/shared/fabric/epe-model.ts";
import type { WantedOverride } from "./decision.ts";

/** The operator's word. `off`: nothing is measured and nothing is moved. `observe`: measured and decided, nothing moved. */
export type EpeMode = "off" | "observe" | "enforce";

export const EPE_MODES: readonly EpeMode[] = ["off", "observe", "enforce"];

/** What routers are told of egress peer engineering while it is not off. */
export interface EpeInForce {
  readonly mode: Exclude<EpeMode, "off">;
  /** What is measured, each prefix and address once. */
  readonly destinations: readonly EpeDestination[];
  /** Empty while it only observes. */
  readonly overrides: readonly WantedOverride[];
}
