import type { Logger } from "pino";
import { overLimit } from "../core/prefix-limit.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { SessionState } from "../resources/bgp/engine.ts";

/** Neighbours that announced too much. They stay closed until a document with another bgp part, or a restart. */
export class OverLimits {
  readonly #log: Logger;
  readonly #excess = new Map<string, string>();
  #bgpHash: string | undefined;
  #document: AgentDocument | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  setDocument(document: AgentDocument): void {
    const hash = document.manifest.parts.find(({ name }) => name === "bgp")?.sha256;
    if (hash !== this.#bgpHash) this.#excess.clear();
    this.#bgpHash = hash;
    this.#document = document;
  }

  /** Why the neighbour at this address is kept closed, if it is. */
  reason(address: string): string | undefined {
    return this.#excess.get(address);
  }

  /** Whether a neighbour is newly over its limit. */
  check(sessions: readonly SessionState[]): boolean {
    const document = this.#document;
    if (document === undefined) return false;
    let found = false;
    for (const { name, address, received, limit } of overLimit(document.bgp, sessions)) {
      if (this.#excess.has(address)) continue;
      this.#log.error({ neighbour: name, received, limit }, "neighbour announces too much; session closed");
      this.#excess.set(address, `announced ${received} prefixes, ${limit} allowed`);
      found = true;
    }
    return found;
  }
}
