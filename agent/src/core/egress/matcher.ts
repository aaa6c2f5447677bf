import { FIRST_EGRESS_PORT } from "../trace/flow-identity.ts";
import { flowKey } from "../trace/identify.ts";
import type { EgressPlan } from "./plan.ts";

/** Which cell a packet is about, by what load balancers see of it. */
export class EgressMatcher {
  readonly #cellOf = new Map<string, number>();
  /** Of each cell. */
  readonly #destinationOf: Uint16Array;

  constructor(plan: EgressPlan) {
    this.#destinationOf = new Uint16Array(plan.cells);
    plan.destinations.forEach(({ protocol, address, port, peers, firstCell }, destination) => {
      peers.forEach((peer, i) => {
        const slot = plan.peers[peer]?.slot ?? 0;
        this.#cellOf.set(flowKey(protocol, address, FIRST_EGRESS_PORT + slot, port), firstCell + i);
        this.#destinationOf[firstCell + i] = destination;
      });
    });
  }

  /** Undefined for a flow that is none of ours. */
  cellOf(flow: string): number | undefined {
    return this.#cellOf.get(flow);
  }

  destinationOf(cell: number): number {
    return this.#destinationOf[cell] ?? 0;
  }
}
