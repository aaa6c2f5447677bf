import type { ServiceName } from "@vsix/shared/contract/part-services.ts";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";
import type { Logger } from "pino";
import { withLeases } from "../core/access-message.ts";
import type { AgentDocument } from "../documents/document.ts";
import { AccessService } from "./access-service.ts";
import type { AccessState } from "./access-state.ts";
import { AccessTelling } from "./access-telling.ts";
import type { Managed } from "./managed-kind.ts";
import type { ServiceState } from "./service-lane.ts";

export interface AccessUsersOptions {
  readonly node: string;
  readonly access: AccessState;
  readonly kinds: () => readonly Managed[];
  readonly adopted: boolean;
  readonly document: () => AgentDocument | undefined;
  readonly publicKeyOf: (device: string) => string;
  readonly publish: (message: AccessUse) => void;
  /** Prefixes told in tunnels, by device: until when, milliseconds since the epoch. */
  readonly leases: () => ReadonlyMap<string, number>;
  readonly onChange: () => void;
  readonly log: Logger;
}

/** What becomes of users: whether they are served at all, and what the controller is told of each. */
export class AccessUsers implements AsyncDisposable {
  readonly #service: AccessService;
  readonly #telling: AccessTelling;

  constructor(options: AccessUsersOptions) {
    const { access, kinds, adopted, onChange, log } = options;
    this.#service = new AccessService({
      ...{ access, kinds, adopted, log, onChange },
      now: () => performance.now(),
      onSettled: () => this.#telling.settled(),
    });
    this.#telling = new AccessTelling({
      ...options,
      standings: () => this.#service.standings,
      counts: async (signal) => withLeases(await access.counts(signal), options.leases()),
      now: Date.now,
    });
  }

  get working(): ReadonlySet<ServiceName> {
    return this.#service.working;
  }

  get states(): readonly ServiceState[] {
    return this.#service.states;
  }

  cycleBegun(): void {
    this.#service.cycleBegun();
  }

  cycleDone(): void {
    this.#service.cycleDone();
  }

  connected(): void {
    this.#telling.connected();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#telling[Symbol.asyncDispose]();
  }
}
