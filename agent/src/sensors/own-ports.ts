import type { Logger } from "pino";
import type { EgressPlan, EgressPort } from "../core/egress/plan.ts";
import type { LinkTarget } from "../io/egress-socket.ts";
import type { LinkTable } from "../io/links.ts";
import { type NeighbourRef, Neighbours } from "../io/neighbours.ts";

/** So often the kernel is asked for link-layer addresses while it is measured. */
const REFRESH_MS = 2_000;
/** After one that nobody had asked before, or that came back. */
const SOON_MS = 200;
/** So often in a row. */
const SOON_TIMES = 5;
const PATIENCE_MS = 5_000;

/**
 * The way to neighbours of this very node: a frame to the neighbour itself. To a peer of its own, for what this node would send to
 * its own SID is not decapsulated by the kernel; from an Edge, for its probes have to keep to one plane whatever BGP chooses. A
 * route for either would be one that users could meet. Nothing where there is no such neighbour.
 */
export class OwnPorts implements AsyncDisposable {
  readonly #links: Pick<LinkTable, "get">;
  readonly #log: Logger;
  readonly #ways: readonly EgressPort[];
  readonly #neighbours: Neighbours | undefined;
  #timer: NodeJS.Timeout | undefined;
  #soon = SOON_TIMES;
  readonly #ended = new AbortController();
  #refreshing: Promise<void> | undefined;
  #fault: string | undefined;

  /** @throws NetlinkError when the kernel gives no socket. */
  constructor(plan: EgressPlan, links: Pick<LinkTable, "get">, log: Logger) {
    this.#links = links;
    this.#log = log;
    // One question for each neighbour, however many peers lie behind it.
    const ways = plan.peers.flatMap(({ way }) => way?.port ?? []);
    this.#ways = [...new Map(ways.map((way) => [`${way.interface} ${way.nextHop}`, way])).values()];
    if (this.#ways.length === 0) return;
    this.#neighbours = new Neighbours();
    this.#refresh();
  }

  /** Why some of them cannot be sent to. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Undefined while it cannot be sent to: the port is down, or nobody answers there. */
  targetOf(way: EgressPort): LinkTarget | undefined {
    const ref = this.#refOf(way);
    const linkAddress = ref === undefined ? undefined : this.#neighbours?.linkAddressOf(ref);
    if (ref === undefined || linkAddress === undefined) return undefined;
    return { interfaceIndex: ref.interfaceIndex, linkAddress };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#timer);
    await this.#neighbours?.[Symbol.asyncDispose]();
    await this.#refreshing;
  }

  #refOf(way: EgressPort): NeighbourRef | undefined {
    const link = this.#links.get(way.interface);
    const usable = link?.up === true && link.carrier;
    return usable ? { interfaceIndex: link.index, address: way.nextHop } : undefined;
  }

  #refresh(): void {
    const neighbours = this.#neighbours;
    if (neighbours === undefined || this.#refreshing !== undefined) return;
    const refs = this.#ways.flatMap((way) => this.#refOf(way) ?? []);
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(PATIENCE_MS)]);
    this.#refreshing = neighbours
      .refresh(refs, signal)
      .then(() => {
        const missing = this.#ways.filter((way) => this.targetOf(way) === undefined);
        this.#soon = missing.length === 0 ? SOON_TIMES : this.#soon - 1;
        this.#fault =
          missing.length === 0 || this.#soon > 0
            ? undefined
            : `nobody answers at ${missing.map((way) => `${way.nextHop} on ${way.interface}`).join(", ")}`;
      })
      .catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        this.#fault = `neighbours cannot be looked at: ${String(error)}`;
        this.#log.warn({ err: error }, "neighbours of egress ports cannot be looked at");
      })
      .finally(() => {
        this.#refreshing = undefined;
        if (this.#ended.signal.aborted) return;
        const soon = this.#soon > 0 && this.#soon < SOON_TIMES;
        this.#timer = setTimeout(() => this.#refresh(), soon ? SOON_MS : REFRESH_MS);
      });
  }
}
