import type { Logger } from "pino";
import type { LinkFact } from "../core/compile/links.ts";
import { type AgentDocument, orderOf, speaksBgp } from "../documents/document.ts";
import type { LinkChange, LinkTable } from "../io/links.ts";
import type { SessionState } from "../resources/bgp/engine.ts";
import type { Watchers } from "../sensors/watchers.ts";
import type { AccessState } from "./access-state.ts";
import type { AccessUsers } from "./access-users.ts";
import type { AdvertiseLane } from "./advertise-lane.ts";
import type { CaptureLane } from "./capture-lane.ts";
import type { EgressPeers } from "./egress-peers.ts";
import type { EngineLane } from "./engine-lane.ts";
import type { HomeState } from "./home-state.ts";
import type { KernelState } from "./kernel-state.ts";
import type { OverLimits } from "./over-limits.ts";
import type { Overrides } from "./overrides.ts";
import type { Reconciler } from "./reconciler.ts";
import type { Redirects } from "./redirects.ts";
import type { RibLane } from "./rib-lane.ts";
import type { ServiceLane } from "./service-lane.ts";
import type { SpeakerState } from "./speaker-state.ts";

/** What facts come from, and who is told what should be. */
export interface DesiredStateParts {
  readonly log: Logger;
  readonly links: LinkTable;
  readonly watchers: Watchers;
  readonly redirects: Redirects;
  readonly overrides: Overrides;
  readonly egress: EgressPeers;
  readonly overLimits: OverLimits;
  readonly kernel: KernelState;
  readonly access: AccessState;
  readonly home: HomeState;
  readonly users: AccessUsers;
  readonly ribLane: RibLane;
  readonly speaker: SpeakerState;
  readonly engineLane: EngineLane;
  readonly services: ServiceLane;
  readonly capture: CaptureLane;
  readonly advertise: AdvertiseLane;
  readonly reconciler: Reconciler;
  /** Routes of ours were in the kernel when this process began. */
  readonly adopted: boolean;
}

/** The kernel settles a link event for a moment (DAD, carrier) before a dump tells the truth. */
const LINK_SETTLE_MS = 300;
/** How long a node that starts afresh waits for neighbours before it takes its RIB for complete. */
const FRESH_PATIENCE_MS = 15_000;

/** The document in force and what is known of links, made into what kernel, RIB and engine should be. Changes nothing itself. */
export class DesiredState implements Disposable {
  readonly #parts: DesiredStateParts;
  #document: AgentDocument | undefined;
  #settleTimer: NodeJS.Timeout | undefined;

  constructor(parts: DesiredStateParts) {
    this.#parts = parts;
  }

  get document(): AgentDocument | undefined {
    return this.#document;
  }

  /** Whether a BGP engine has to do with what is desired; it has while nothing is known. */
  get wantsEngine(): boolean {
    return this.#document === undefined || speaksBgp(this.#document);
  }

  /** From now on this document counts. */
  take(document: AgentDocument): void {
    const {
      log,
      overLimits,
      speaker,
      ribLane,
      watchers,
      egress,
      overrides,
      access,
      home,
      services,
      capture,
      advertise,
      adopted,
    } = this.#parts;
    const { manifest, bgp } = document;
    log.info({ epoch: manifest.epoch, generation: manifest.generation }, "document in force");
    overLimits.setDocument(document);
    this.#document = document;
    speaker.setDocument(document);
    const restartMs = Math.max(10, ...bgp.neighbours.map(({ gracefulRestartS }) => gracefulRestartS)) * 1000;
    // A node that forwarded nothing before has nothing stale to guard: it need not wait for neighbours that never come.
    const patienceMs = adopted ? restartMs : Math.min(restartMs, FRESH_PATIENCE_MS);
    if (speaksBgp(document)) ribLane.configure(bgp.asn, bgp.routerId, patienceMs);
    else ribLane.alone();
    ribLane.orderBy(orderOf(document));
    watchers.configure(document);
    egress.configure(document);
    overrides.configure(document.epe);
    access.configure(document.access);
    home.configure(document.home);
    services.configure(document);
    capture.configure(document.capture);
    if (document.home === undefined) advertise.configure(document.advertise);
    this.renew();
  }

  /** Some fact has changed: works everything out anew. Nothing without a document. */
  renew(): void {
    const document = this.#document;
    if (document === undefined) return;
    const { links, watchers, kernel, egress, redirects, overrides, ribLane, home, advertise, reconciler } =
      this.#parts;
    const facts = new Map<string, LinkFact>();
    for (const { name, up, carrier } of links.all())
      facts.set(name, { usable: up && carrier && !watchers.isDead(name) });
    const isUsable = (name: string): boolean => facts.get(name)?.usable ?? false;
    const leading = redirects.next(document, isUsable);
    kernel.recompile(document.fabric, egress.withLeads(facts), leading, overrides.orders, {
      translator: document.services?.translator,
      lans: document.advertise ?? home.lans,
      egress: document.probes?.egress,
      gate: document.gate,
    });
    // What hosts of a home are told hangs on what its tunnels carry.
    if (document.home !== undefined) advertise.configure(document.advertise ?? home.lans);
    const usable = document.bgp.neighbours.filter((neighbour) => isUsable(neighbour.interface));
    ribLane.expect(usable.map(({ name }) => name));
    this.#renewPeers(document, isUsable);
    this.renewSpeaker();
    reconciler.trigger();
  }

  #renewPeers({ bgp }: AgentDocument, isUsable: (name: string) => boolean): void {
    const { links, overLimits, engineLane } = this.#parts;
    for (const neighbour of bgp.neighbours) {
      // Administratively down is where every link begins; only a link that was up can be lost.
      if (links.get(neighbour.interface) === undefined) continue;
      const excess = overLimits.reason(neighbour.address);
      const ok = excess === undefined && isUsable(neighbour.interface);
      const why = ok ? "link is back" : (excess ?? "link is down or silent");
      engineLane.setPeerEnabled(neighbour.address, ok, why);
    }
  }

  renewSpeaker(): void {
    const { links, watchers, speaker, engineLane, services, users } = this.#parts;
    if (this.#document === undefined || !speaksBgp(this.#document)) return;
    const next = speaker.next(
      (name) => {
        const link = links.get(name);
        return link?.up === true && link.carrier && !watchers.isDead(name);
      },
      new Set([...services.working, ...users.working]),
    );
    if (next !== undefined) engineLane.setSpeaker(next);
  }

  /** A reconcile cycle is over. */
  cycleDone(): void {
    const { log, speaker, ribLane } = this.#parts;
    if (!speaker.settling || !ribLane.rib.complete) return;
    log.info("settled: the kernel holds what BGP says");
    speaker.settled();
    this.renewSpeaker();
  }

  sessionsSeen(sessions: readonly SessionState[]): void {
    const { overLimits, speaker, ribLane, redirects, egress } = this.#parts;
    if (overLimits.check(sessions)) this.renew();
    speaker.sessionsSeen(sessions);
    ribLane.sessionsSeen(sessions);
    redirects.sessionsSeen(sessions);
    egress.sessionsSeen(sessions);
    this.renewSpeaker();
  }

  routesChanged(prefixes: readonly string[]): void {
    const { engineLane, redirects, kernel, watchers, reconciler } = this.#parts;
    engineLane.stir();
    redirects.routesChanged(prefixes);
    kernel.routesChanged(prefixes);
    watchers.hurry();
    reconciler.trigger();
  }

  linkChanged({ before, after }: LinkChange): void {
    const { log, kernel, access, ribLane, watchers, reconciler } = this.#parts;
    const link = after ?? before;
    const name = link?.name ?? "";
    if (link !== undefined && access.isOwn(link)) {
      this.#settle(kernel, reconciler);
      return;
    }
    const was = before?.up === true && before.carrier;
    const is = after?.up === true && after.carrier;
    if (was && !is) {
      log.warn({ link: name }, "link lost");
      kernel.linkLost(name);
      ribLane.hurry();
      watchers.hurry();
    } else if (is && !was) log.info({ link: name }, "link up");
    this.renew();
    this.#settle(kernel, reconciler);
  }

  #settle(kernel: KernelState, reconciler: Reconciler): void {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      kernel.markLinkKindsStale();
      reconciler.trigger();
    }, LINK_SETTLE_MS);
  }

  /** The neighbour on a link has fallen silent while the link looks well, or answers again. */
  neighbourLife(interfaceName: string, alive: boolean): void {
    const { log, ribLane } = this.#parts;
    log.warn({ link: interfaceName, alive }, alive ? "neighbour answers again" : "neighbour is silent");
    if (!alive) ribLane.hurry();
    this.renew();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#settleTimer);
  }
}
