import { join } from "node:path";
import type { Logger } from "pino";
import { type AgentConfig, makeStateDirectory } from "./config.ts";
import type { LinkFact } from "./core/compile/links.ts";
import { type AgentDocument, orderOf } from "./documents/document.ts";
import { ControlSocket } from "./io/control-socket.ts";
import { type LinkChange, LinkTable } from "./io/links.ts";
import { NetlinkSocket } from "./io/netlink.ts";
import { EgressPeers } from "./loop/egress-peers.ts";
import { EngineLane } from "./loop/engine-lane.ts";
import { KernelState } from "./loop/kernel-state.ts";
import { OverLimits } from "./loop/over-limits.ts";
import { Reconciler } from "./loop/reconciler.ts";
import { Redirects } from "./loop/redirects.ts";
import { ReportPace } from "./loop/report-pace.ts";
import { buildReport, type ConditionMemory } from "./loop/reporter.ts";
import { RibLane } from "./loop/rib-lane.ts";
import { SpeakerState } from "./loop/speaker-state.ts";
import { exposition } from "./metrics/figures.ts";
import { type FigureSources, figuresOf } from "./metrics/of-agent.ts";
import { MetricsServer } from "./metrics/server.ts";
import { bgpDriver } from "./resources/bgp/driver.ts";
import type { BgpEngine, SessionState } from "./resources/bgp/engine.ts";
import { routeDriver } from "./resources/route/driver.ts";
import { Watchers } from "./sensors/watchers.ts";
import { Uplink } from "./uplink.ts";
import { AGENT_VERSION } from "./version.ts";

/** Logged once: the kernel has been made what the document on disk says, as far as links and BGP allow. */
export const FIRST_RECONCILE = "first reconcile done";
/** The kernel settles a link event for a moment (DAD, carrier) before a dump tells the truth. */
const LINK_SETTLE_MS = 300;
/** How long a node that starts afresh waits for neighbours before it takes its RIB for complete. */
const FRESH_PATIENCE_MS = 15_000;

/** The running agent: wires sensors to desired state and desired state to drivers. Owns every socket it opens. */
export class Agent implements AsyncDisposable {
  readonly #config: AgentConfig;
  readonly #log: Logger;
  readonly #stack = new AsyncDisposableStack();
  readonly #links: LinkTable;
  readonly #kernel: KernelState;
  readonly #reconciler: Reconciler;
  readonly #ribLane: RibLane;
  readonly #engine: BgpEngine;
  readonly #speaker: SpeakerState;
  readonly #redirects: Redirects;
  readonly #adopted: boolean;
  readonly #engineLane: EngineLane;
  readonly #uplink: Uplink;
  readonly #watchers: Watchers;
  readonly #egress: EgressPeers;
  readonly #memory: ConditionMemory = new Map();
  readonly #overLimits: OverLimits;
  readonly #reports: ReportPace;
  #document: AgentDocument | undefined;
  #sessions: readonly SessionState[] = [];
  #engineReason: string | null = "not asked yet";
  #settleTimer: NodeJS.Timeout | undefined;
  #reconciled = false;

  /** Opens sockets, adopts what is there and takes up the document on disk. Throws where the machine lacks something. */
  static async start(config: AgentConfig, log: Logger): Promise<Agent> {
    const netlink = NetlinkSocket.open();
    try {
      return await Agent.#begin(config, log, netlink);
    } catch (error) {
      await netlink[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #begin(config: AgentConfig, log: Logger, netlink: NetlinkSocket): Promise<Agent> {
    const links = await LinkTable.open(netlink);
    // Routes of ours in the kernel: this node was forwarding, and an empty engine is one that has restarted.
    const adopted = await routeDriver(netlink, links).observe(AbortSignal.timeout(30_000));
    log.info({ routes: adopted.length }, "own routes found in the kernel");
    makeStateDirectory(config);
    const agent = new Agent(config, log, netlink, links, adopted.length > 0);
    try {
      await agent.#takeUp();
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
    return agent;
  }

  private constructor(
    config: AgentConfig,
    log: Logger,
    netlink: NetlinkSocket,
    links: LinkTable,
    forwarding: boolean,
  ) {
    this.#config = config;
    this.#log = log;
    this.#stack.use(netlink);
    this.#links = this.#stack.use(links);
    this.#overLimits = new OverLimits(log);
    this.#reports = this.#stack.use(
      new ReportPace(() => this.#uplink.publish("report", this.#report(), true)),
    );
    const monotonic = (): number => performance.now();
    this.#ribLane = this.#stack.use(
      new RibLane({
        engineSocket: config.gobgp.socket,
        log,
        now: monotonic,
        onChanged: (prefixes) => this.#routesChanged(prefixes),
        onQuiet: () => this.#engineLane.lookNow(),
      }),
    );
    this.#kernel = new KernelState(netlink, links, this.#ribLane.rib);
    this.#reconciler = this.#stack.use(
      new Reconciler({
        kinds: this.#kernel.kinds,
        log,
        now: Date.now,
        onCycle: () => this.#cycleDone(),
      }),
    );
    this.#adopted = forwarding;
    this.#speaker = new SpeakerState(forwarding, monotonic);
    this.#engine = bgpDriver({ socketPath: config.gobgp.socket, forwarding });
    const { rib } = this.#ribLane;
    const onChange = (): void => this.#recompile();
    this.#redirects = this.#stack.use(
      new Redirects({ engine: this.#engine, rib, log, now: monotonic, onChange }),
    );
    this.#engineLane = this.#stack.use(
      new EngineLane({
        engine: this.#engine,
        log,
        onSessions: (sessions) => this.#sessionsSeen(sessions),
        onSilent: () => this.#ribLane.engineSilent(),
        isHeard: () => this.#ribLane.heard,
        isAwaited: () => this.#ribLane.awaitsSessions || this.#speaker.settling || this.#redirects.active,
        now: monotonic,
        onResult: (reason) => {
          this.#engineReason = reason;
          this.#uplink.look(() => this.#report().converged);
          if (reason !== null) this.#redirects.engineGone();
          this.#reports.soon();
        },
      }),
    );
    this.#watchers = this.#stack.use(
      new Watchers({
        node: config.node,
        log,
        links,
        publish: (kind, message, retain) => this.#uplink.publish(kind, message, retain),
        onLife: (interfaceName, alive) => this.#neighbourLife(interfaceName, alive),
        onBfd: () => this.#reports.soon(),
      }),
    );
    this.#egress = this.#stack.use(
      new EgressPeers({
        node: config.node,
        adopted: forwarding,
        engine: this.#engine,
        publish: (message) => this.#uplink.publish("egress-routes", message, false),
        octetsOf: (port) => this.#watchers.octetsOf(port),
        onChange: () => this.#recompile(),
        log,
        now: monotonic,
      }),
    );
    this.#uplink = this.#stack.use(
      new Uplink({
        config,
        version: AGENT_VERSION,
        log,
        onDocument: (document) => this.#inForce(document),
        onConnected: () => this.#connected(),
        onChange: () => this.#reports.soon(),
      }),
    );
    this.#stack.defer(links.onChange((change) => this.#linkChanged(change)));
    this.#stack.defer(() => clearTimeout(this.#settleTimer));
  }

  async #takeUp(): Promise<void> {
    const { stateDir, metrics: address } = this.#config;
    this.#uplink.load();
    this.#stack.use(
      await ControlSocket.listen(join(stateDir, "agent.sock"), (command) => this.#answer(command)),
    );
    const expose = () => exposition(figuresOf(this.#sources()));
    const socket = join(stateDir, "metrics.sock");
    this.#stack.use(new MetricsServer({ socket, address, expose, log: this.#log }));
    this.#uplink.connect();
  }

  /** What a cycle and the engine would do now; changes nothing. */
  async plan(): Promise<readonly string[]> {
    return [...(await this.#reconciler.preview()), ...(await this.#engineLane.preview())];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  async #answer(command: string): Promise<unknown> {
    if (command === "plan") return { plan: await this.plan() };
    if (command === "report") return this.#report();
    throw new Error(`unknown command ${JSON.stringify(command)}; known: plan, report`);
  }

  #inForce(document: AgentDocument): void {
    const { manifest, bgp } = document;
    this.#log.info({ epoch: manifest.epoch, generation: manifest.generation }, "document in force");
    this.#overLimits.setDocument(document);
    this.#document = document;
    this.#speaker.setDocument(document);
    const restartMs = Math.max(10, ...bgp.neighbours.map(({ gracefulRestartS }) => gracefulRestartS)) * 1000;
    // A node that forwarded nothing before has nothing stale to guard: it need not wait for neighbours that never come.
    this.#ribLane.configure(
      bgp.asn,
      bgp.routerId,
      this.#adopted ? restartMs : Math.min(restartMs, FRESH_PATIENCE_MS),
    );
    this.#ribLane.orderBy(orderOf(document));
    this.#watchers.configure(document);
    this.#egress.configure(document);
    this.#recompile();
  }

  #recompile(): void {
    const document = this.#document;
    if (document === undefined) return;
    const facts = new Map<string, LinkFact>();
    for (const { name, up, carrier } of this.#links.all())
      facts.set(name, { usable: up && carrier && !this.#watchers.isDead(name) });
    const isUsable = (name: string): boolean => facts.get(name)?.usable ?? false;
    this.#kernel.recompile(
      document.fabric,
      this.#egress.withLeads(facts),
      this.#redirects.next(document, isUsable),
    );
    const usable = document.bgp.neighbours.filter(
      (neighbour) => facts.get(neighbour.interface)?.usable ?? false,
    );
    this.#ribLane.expect(usable.map(({ name }) => name));
    for (const neighbour of document.bgp.neighbours) {
      const link = this.#links.get(neighbour.interface);
      // Administratively down is where every link begins; only a link that was up can be lost.
      if (link === undefined) continue;
      const excess = this.#overLimits.reason(neighbour.address);
      const ok = excess === undefined && (facts.get(neighbour.interface)?.usable ?? false);
      this.#engineLane.setPeerEnabled(
        neighbour.address,
        ok,
        ok ? "link is back" : (excess ?? "link is down or silent"),
      );
    }
    this.#setSpeaker();
    this.#reconciler.trigger();
  }

  #setSpeaker(): void {
    const dead = (name: string): boolean => this.#watchers.isDead(name);
    const speaker = this.#speaker.next((name) => {
      const link = this.#links.get(name);
      return link?.up === true && link.carrier && !dead(name);
    });
    if (speaker !== undefined) this.#engineLane.setSpeaker(speaker);
  }

  #cycleDone(): void {
    if (!this.#reconciled && this.#document !== undefined) {
      this.#reconciled = true;
      this.#log.info({ sinceStartMs: Math.round(performance.now()) }, FIRST_RECONCILE);
    }
    if (this.#speaker.settling && this.#ribLane.rib.complete) {
      this.#log.info("settled: the kernel holds what BGP says");
      this.#speaker.settled();
      this.#setSpeaker();
    }
    this.#uplink.look(() => this.#report().converged);
    this.#reports.soon();
  }

  #linkChanged({ before, after }: LinkChange): void {
    const name = after?.name ?? before?.name ?? "";
    const was = before?.up === true && before.carrier;
    const is = after?.up === true && after.carrier;
    if (was && !is) {
      this.#log.warn({ link: name }, "link lost");
      this.#kernel.linkLost(name);
      this.#ribLane.hurry();
      this.#watchers.hurry();
    } else if (is && !was) this.#log.info({ link: name }, "link up");
    this.#recompile();
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      this.#kernel.markLinkKindsStale();
      this.#reconciler.trigger();
    }, LINK_SETTLE_MS);
  }

  #neighbourLife(interfaceName: string, alive: boolean): void {
    this.#log.warn({ link: interfaceName, alive }, alive ? "neighbour answers again" : "neighbour is silent");
    if (!alive) this.#ribLane.hurry();
    this.#recompile();
  }

  #routesChanged(prefixes: readonly string[]): void {
    this.#engineLane.stir();
    this.#redirects.routesChanged(prefixes);
    this.#kernel.routesChanged(prefixes);
    this.#watchers.hurry();
    this.#reconciler.trigger();
  }

  #sessionsSeen(sessions: readonly SessionState[]): void {
    const changed = JSON.stringify(sessions) !== JSON.stringify(this.#sessions);
    this.#sessions = sessions;
    if (this.#overLimits.check(sessions)) this.#recompile();
    this.#speaker.sessionsSeen(sessions);
    this.#ribLane.sessionsSeen(sessions);
    this.#redirects.sessionsSeen(sessions);
    this.#egress.sessionsSeen(sessions);
    this.#setSpeaker();
    if (changed) this.#reports.soon();
  }

  #connected(): void {
    this.#reports.soon();
    this.#watchers.announce();
  }

  #sources(): FigureSources {
    return {
      version: AGENT_VERSION,
      report: this.#report(),
      document: this.#document,
      sessions: this.#sessions,
      kernel: this.#kernel,
      reconciler: this.#reconciler,
      ribLane: this.#ribLane,
      watchers: this.#watchers,
      controllerUp: this.#uplink.connected,
    };
  }

  #report() {
    return buildReport(
      {
        node: this.#config.node,
        document: this.#document,
        kinds: this.#kernel.kinds,
        waiting: this.#kernel.waiting(),
        ribComplete: this.#ribLane.rib.complete,
        engineConverged: this.#engineLane.converged,
        engineReason: this.#engineReason,
        sessions: this.#sessions,
        isBfdUp: (interfaceName) => this.#watchers.isBfdUp(interfaceName),
        refusal: this.#uplink.refusal,
        custody: this.#uplink.report(),
        faults: new Map(
          Object.entries({
            ...this.#uplink.faults,
            "best-path receiver": this.#ribLane.fault,
            bfd: this.#watchers.bfdFault,
            traces: this.#watchers.traceFault,
            "egress probes": this.#watchers.egressFault,
          }).flatMap(([object, reason]) => (reason === undefined ? [] : [[object, reason] as const])),
        ),
        nowMs: Date.now(),
      },
      this.#memory,
    );
  }
}
