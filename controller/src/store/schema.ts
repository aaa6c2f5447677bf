import type { AccountTables } from "./access/account-schema.ts";
import type { AccessTables } from "./access/schema.ts";
import type { HealthTables } from "./health/schema.ts";
import type { PortalTables } from "./portal/schema.ts";

/** Tables of the controller's database, as Kysely sees them. Times are RFC 3339 text, booleans do not occur. */

export interface RevisionTable {
  revision: number;
  fabric: string;
  /** Name of the file as the operator gave it. */
  file: string;
  sha256: string;
  author: string;
  note: string;
  at: string;
  /** Null: of the whole network. Else JSON (desired/stored-fabric.ts). */
  made_of: string | null;
}

/** One row per steered Edge. */
export interface SteerTable {
  edge: string;
  plane: string;
}

/** One row per drained plane. */
export interface DrainedTable {
  plane: string;
}

export interface ManifestTable {
  node: string;
  generation: number;
  /** Of the part names and hashes: tells whether the next compile changes anything. */
  digest: string;
  revision: number;
}

export interface PartTable {
  node: string;
  part: string;
  sha256: string;
  generation: number;
  size: number;
}

/** Part topics that the broker may still retain although no manifest names them any more. */
export interface RetiredTable {
  node: string;
  sha256: string;
  /** Manifest generation that no longer names it; cleared when the node reports that one. */
  generation: number;
}

export interface AuditTable {
  id: number;
  at: string;
  who: string;
  what: string;
  /** JSON. */
  detail: string;
  /** Of the record before and this one (audit/chain.ts). */
  hash: string;
}

/** API tokens; revoked ones stay, for the audit log names them. */
export interface TokenTable {
  name: string;
  /** SHA-256 of the token's text, hex. */
  hash: string;
  /** Separated by spaces. */
  scopes: string;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  /** Whose it is; null: an operator's. */
  account: string | null;
}

/** A file of expected paths, as an operator wrote it. */
export interface ExpectedTable {
  revision: number;
  text: string;
  /** Name of the file as the operator gave it. */
  file: string;
  sha256: string;
  author: string;
  note: string;
  at: string;
}

/**
 * Single values by name: epoch, epoch-floor (given up by a raise), lineage (random, of this database), revision (the current
 * one), expected (the current file of expected paths; 0: none), audit (number of the newest record).
 */
export type CounterName = "epoch" | "epoch-floor" | "lineage" | "revision" | "expected" | "audit";
export interface CounterTable {
  name: CounterName;
  value: number;
}

/** A certificate issued to a node. */
export interface CertificateTable {
  /** Lower-case hex. */
  serial: string;
  /** Counts what was issued: a node's newest has its highest. */
  number: number;
  node: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  spki: string;
  pem: string;
  starts: string;
  ends: string;
  state: "active" | "revoked" | "superseded";
  /** When it came into this state. */
  since: string;
}

/** A claim token that is open or was used; one a node. */
export interface ClaimTable {
  node: string;
  /** SHA-256 of the one-time secret, lower-case hex; the secret itself is nowhere. */
  secret: string;
  ends: string;
  /** Wrong secrets seen. */
  attempts: number;
  /** Of the certificate that it was used for; null while it is open. */
  serial: string | null;
}

/** A revision that lasts only if it is confirmed; at most one row. */
export interface TrialTable {
  revision: number;
  /** Revision in force before it. */
  previous: number;
  /** The intent before it, JSON. */
  intent: string;
}

export interface RolloutTable {
  id: number;
  author: string;
  note: string;
  created_at: string;
  /** When the state was last stored: what its age goes on from after a restart. */
  saved_at: string;
  /** Null while it runs. */
  ended_at: string | null;
  /** JSON (core/release/rollout-state.ts). */
  state: string;
}

/** One thing that happened in a rollout. */
export interface RolloutEventTable {
  rollout: number;
  /** 1, 2, … within the rollout. */
  number: number;
  at: string;
  kind: "change" | "verdict";
  who: string;
  /** JSON (core/release/record.ts). */
  body: string;
}

/** What the watch of one path remembers: JSON of shared/src/paths/watch-saved.ts. */
export interface PathWatchTable {
  source: string;
  target: string;
  state: string;
}

/** Only the newest are kept. */
export interface PathEventTable {
  id: number;
  at: string;
  source: string;
  target: string;
  /** JSON of a PathEvent. */
  body: string;
}

/**
 * silences: those in force. waiting: notices that have not arrived. rollouts: how far people were told of rollouts. JSON.
 */
export type WatchMemoryName = "silences" | "waiting" | "rollouts" | "epe";
export interface WatchMemoryTable {
  name: WatchMemoryName;
  value: string;
}

/** mode: the operator's word. destinations: what is measured. overrides: what is moved. memory: of decisions. JSON but for mode. */
export type EpeStateName = "mode" | "destinations" | "overrides" | "memory" | "alarms";
export interface EpeStateTable {
  name: EpeStateName;
  value: string;
}

/** Only the newest are kept. */
export interface EpeEventTable {
  id: number;
  at: string;
  kind: "mode" | "move" | "revert" | "bad-path" | "destinations" | "alarm";
  /** Empty where it is about no destination. */
  prefix: string;
  /** JSON (epe/events.ts). */
  body: string;
}

export interface Tables extends AccessTables, AccountTables, HealthTables, PortalTables {
  revision: RevisionTable;
  steer: SteerTable;
  drained: DrainedTable;
  manifest: ManifestTable;
  part: PartTable;
  retired: RetiredTable;
  audit: AuditTable;
  counter: CounterTable;
  trial: TrialTable;
  certificate: CertificateTable;
  claim: ClaimTable;
  token: TokenTable;
  rollout: RolloutTable;
  rollout_event: RolloutEventTable;
  expected: ExpectedTable;
  path_watch: PathWatchTable;
  path_event: PathEventTable;
  watch_memory: WatchMemoryTable;
  epe_state: EpeStateTable;
  epe_event: EpeEventTable;
}
