import type { ServiceName } from "@vsix/shared/contract/part-services.ts";
import type { Logger } from "pino";
import {
  type AccessServiceName,
  type AccessVerdicts,
  judgeAccess,
  type KindStandings,
} from "../core/access-standing.ts";
import type { KindName } from "../core/kind.ts";
import { newHealth } from "../core/services/health.ts";
import type { AccessState } from "./access-state.ts";
import type { Managed } from "./managed-kind.ts";
import type { ServiceState } from "./service-lane.ts";

export interface AccessServiceOptions {
  readonly access: AccessState;
  readonly kinds: () => readonly Managed[];
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** This node was forwarding when its agent began: it is taken to serve until it has been looked at. */
  readonly adopted: boolean;
  /** Something else works now. */
  readonly onChange: () => void;
  /** The kernel has been made what is desired of users, or something of it fails or no longer does. */
  readonly onSettled: () => void;
}

/** Whether this router serves its users, judged after each cycle that made what is desired of them: only then may it attract them. */
export class AccessService {
  readonly #options: AccessServiceOptions;
  readonly #sinceMs = new Map<AccessServiceName, number>();
  #verdicts: AccessVerdicts | undefined;
  /** Versions of what is desired: that the cycle which is on makes, and the last that was made. */
  #begun = -1;
  #settled = -1;
  #trouble = "";

  constructor(options: AccessServiceOptions) {
    this.#options = options;
  }

  get working(): ReadonlySet<ServiceName> {
    if (this.#verdicts === undefined) return new Set(this.#options.adopted ? ["access", "vpn"] : []);
    return new Set([...this.#verdicts].flatMap(([name, { working }]) => (working ? [name] : [])));
  }

  /** For reports; nothing before the first look. */
  get states(): readonly ServiceState[] {
    const nowMs = this.#options.now();
    return [...(this.#verdicts ?? [])].map(([name, { working, reason }]) => ({
      name,
      health: { ...newHealth(working, nowMs), reason },
      forMs: nowMs - (this.#sinceMs.get(name) ?? nowMs),
      pid: undefined,
      starts: 0,
    }));
  }

  /** Kinds by name, as the last cycle left them. */
  get standings(): KindStandings {
    return new Map(this.#options.kinds().map((kind) => [kind.name, kind]));
  }

  cycleBegun(): void {
    this.#begun = this.#options.access.version;
  }

  cycleDone(): void {
    const { access, onChange, onSettled } = this.#options;
    // What was asked for meanwhile was not tried yet.
    if (this.#begun !== access.version) return;
    const { desired } = access;
    const next: AccessVerdicts = desired === undefined ? new Map() : judgeAccess(desired, this.standings);
    const changed = this.#take(next);
    const trouble = troubleIn(this.standings);
    if (this.#settled !== this.#begun || trouble !== this.#trouble) {
      this.#settled = this.#begun;
      this.#trouble = trouble;
      onSettled();
    }
    if (changed) onChange();
  }

  #take(next: AccessVerdicts): boolean {
    const { log, now } = this.#options;
    const before = this.#verdicts;
    this.#verdicts = next;
    let changed = before === undefined || before.size !== next.size;
    for (const [name, { working, reason }] of next) {
      const was = before?.get(name);
      if (was?.working === working) {
        changed ||= was.reason !== reason;
        continue;
      }
      changed = true;
      this.#sinceMs.set(name, now());
      if (working) log.info({ service: name }, "works: announced");
      else log.error({ service: name, reason }, "does not work: withdrawn");
    }
    return changed;
  }
}

/** Kinds that users have objects of. */
const USER_KINDS: readonly KindName[] = [
  "nftables",
  "tunnel",
  "wireguard",
  "wireguard-peer",
  "sr-source",
  "nexthop",
  "route",
  "sid",
];

/** Another text whenever other objects fail; cheap, for it is looked at after every cycle. */
function troubleIn(kinds: KindStandings): string {
  return USER_KINDS.map((name) => {
    const { fault, failures } = kinds.get(name) ?? { failures: new Map<string, never>() };
    const [first] = failures.keys();
    return `${fault?.reason ?? ""} ${failures.size} ${first ?? ""}`;
  }).join("\n");
}
