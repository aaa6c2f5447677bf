import type { Generated, Selectable } from "kysely";

/** One run of one node, in short. */
export interface HealthRunTable {
  id: Generated<number>;
  node: string;
  /** When it came here. */
  at: string;
  state: string;
  /** A letter for each layer, in the order of HEALTH_LAYERS (core/health/layers.ts). */
  layers: string;
  /** JSON: verdicts and figures (core/health/short-run.ts). */
  body: string;
}

export type HealthRunRow = Selectable<HealthRunTable>;

/** The newest run of each node, whole. */
export interface HealthLatestTable {
  node: string;
  at: string;
  /** JSON: what people were told last, and how long it has been otherwise (core/health/mood.ts). */
  mood: string;
  /** JSON of the message (contract/up-health.ts). */
  body: string;
}

export interface HealthTables {
  health_run: HealthRunTable;
  health_latest: HealthLatestTable;
}
