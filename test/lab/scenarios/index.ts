import type { Scenario } from "../scenario.ts";
import { FAULT_SCENARIOS } from "./fault.ts";
import { PLANE_SCENARIOS } from "./plane.ts";
import { STEER_SCENARIOS } from "./steer.ts";

/** Everything the lab can prove. A new topic is a new file here, with its list added below. */
export const SCENARIOS: readonly Scenario[] = [...STEER_SCENARIOS, ...PLANE_SCENARIOS, ...FAULT_SCENARIOS];
