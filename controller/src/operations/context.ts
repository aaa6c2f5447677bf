import type { Logger } from "pino";
import type { AccessBook } from "../access/book.ts";
import type { UserStandings } from "../access/standings.ts";
import type { HeadKeeper } from "../audit/head.ts";
import type { CertificateAuthority } from "../ca/authority.ts";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { ServerIdentity } from "../ca/server-identity.ts";
import type { Clock } from "../clock.ts";
import type { DesiredState } from "../desired/desired-state.ts";
import type { InForce } from "../desired/in-force.ts";
import type { Lineage } from "../desired/lineage.ts";
import type { DnsArchive } from "../dns/archive.ts";
import type { EpeRunner } from "../epe/runner.ts";
import { ControllerError } from "../errors.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { IngestCounts } from "../fleet/ingest.ts";
import type { Publisher } from "../fleet/publish.ts";
import type { FleetState } from "../fleet/state.ts";
import type { HealthKeeper } from "../health/keeper.ts";
import type { ControllerMetrics } from "../metrics/metrics.ts";
import type { NetboxService } from "../netbox/service.ts";
import type { Portal } from "../portal/portal.ts";
import type { ManifestKeys } from "../store/manifest-keys.ts";
import type { Store } from "../store/store.ts";
import type { TokenKeeper } from "../tokens/keeper.ts";
import type { Watch } from "../watch/start-watch.ts";
import type { Rollouts } from "./rollouts.ts";
import type { Trials } from "./trials.ts";

/** What nodes are told of where the controller is. */
export interface NodeFacing {
  /** https://HOST:PORT; undefined when nodes cannot enrol. */
  readonly enrolUrl: string | undefined;
  readonly brokerUrl: string;
  /** SPKI PEM of the keys that manifests are signed with. */
  readonly manifestKeys: () => readonly string[];
}

/** What every operation works on. */
export interface Context {
  readonly store: Store;
  readonly auditHead: HeadKeeper;
  readonly tokens: TokenKeeper;
  /** Where people sign in; undefined: nowhere. */
  readonly portal: Portal | undefined;
  readonly metrics: ControllerMetrics;
  readonly desired: DesiredState;
  readonly publisher: Publisher;
  readonly fleet: FleetState;
  /** What nodes said in the last minutes, for verdicts. */
  readonly evidence: Evidence;
  /** Paths that are watched, and who is told. */
  readonly watch: Watch;
  readonly ingestCounts: () => IngestCounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lineage: Lineage;
  readonly trials: Trials;
  readonly rollouts: Rollouts;
  readonly epe: EpeRunner;
  /** How the network feels from its nodes. */
  readonly health: HealthKeeper;
  /** Captured DNS. */
  readonly dns: DnsArchive;
  /** Users of access routers: what they are to have, and what became of it. */
  readonly users: { readonly book: AccessBook; readonly standings: UserStandings };
  readonly netbox: NetboxService | undefined;
  readonly keys: ManifestKeys;
  readonly brokerUrl: string;
  readonly authority: CertificateAuthority;
  readonly registry: CertificateRegistry;
  readonly nodeFacing: NodeFacing;
  /** What TLS listeners show. */
  readonly server: ServerIdentity;
  /** Aborted when the controller stops. */
  readonly signal: AbortSignal;
}

/** Throws ControllerError `no-fabric`. */
export function requireInForce(inForce: InForce | undefined): InForce {
  if (inForce === undefined) {
    throw new ControllerError("no-fabric", "no fabric is in force yet; `vsixctl apply FILE` brings one");
  }
  return inForce;
}

/** Throws ControllerError `unknown-edge`, which names the known ones. */
export function requireEdge({ steering }: InForce, edge: string): void {
  if (steering.has(edge)) return;
  const known = [...steering.keys()].join(", ");
  throw new ControllerError("unknown-edge", `there is no Edge ${JSON.stringify(edge)}; Edges: ${known}`);
}

/** Throws ControllerError `unknown-plane`, which names the known ones. */
export function requirePlane({ fabric }: InForce, plane: string): void {
  const known = fabric.planes.map(({ name }) => name);
  if (known.includes(plane)) return;
  throw new ControllerError(
    "unknown-plane",
    `there is no plane ${JSON.stringify(plane)}; planes: ${known.join(", ")}`,
  );
}
