import { join } from "node:path";
import type { Logger } from "pino";
import { type AgentConfig, makeStateDirectory, RUN_DIR } from "./config.ts";
import { ControlSocket } from "./io/control-socket.ts";
import { LinkTable } from "./io/links.ts";
import { NetlinkSocket } from "./io/netlink.ts";
import { endForReset } from "./io/reset-marker.ts";
import { WireguardKeys } from "./io/wireguard-keys.ts";
import { AccessState } from "./loop/access-state.ts";
import { AccessUsers } from "./loop/access-users.ts";
import { CaptureLane } from "./loop/capture-lane.ts";
import { DesiredState } from "./loop/desired-state.ts";
import { EgressPeers } from "./loop/egress-peers.ts";
import { EngineLane } from "./loop/engine-lane.ts";
import { HomeState } from "./loop/home-state.ts";
import { KernelDigests } from "./loop/kernel-digests.ts";
import { KernelState } from "./loop/kernel-state.ts";
import type { Managed } from "./loop/managed-kind.ts";
import { OverLimits } from "./loop/over-limits.ts";
import { Overrides } from "./loop/overrides.ts";
import { Reconciler } from "./loop/reconciler.ts";
import { Redirects } from "./loop/redirects.ts";
import { ReportPace } from "./loop/report-pace.ts";
import { buildReport, type ConditionMemory, faultsOf } from "./loop/reporter.ts";
import { RibLane } from "./loop/rib-lane.ts";
import { ServiceLane } from "./loop/service-lane.ts";
import { serviceUnits } from "./loop/service-unit.ts";
import { SideLanes } from "./loop/side-lanes.ts";
import { SpeakerState } from "./loop/speaker-state.ts";
import { exposition } from "./metrics/figures.ts";
import { type FigureSources, figuresOf, homeFactsOf } from "./metrics/of-agent.ts";
import { MetricsServer } from "./metrics/server.ts";
import { bgpDriver } from "./resources/bgp/driver.ts";
import type { SessionState } from "./resources/bgp/engine.ts";
import { routeDriver } from "./resources/route/driver.ts";
import type { HealthSchedule } from "./sensors/health-schedule.ts";
import { ownMachine } from "./sensors/machine/own-machine.ts";
import type { MachineWatch } from "./sensors/machine/watch.ts";
import { ownHealth } from "./sensors/own-health.ts";
import { Watchers } from "./sensors/watchers.ts";
import { Uplink } from "./uplink.ts";
import { AGENT_VERSION } from "./version.ts";

/** Logged once: the kernel has been made what the document on disk says, as far as links and BGP allow. */
export const FIRST_RECONCILE = "first reconcile done";

/** The running agent: wires sensors to desired state and desired state to drivers. Owns every socket it opens. */
export class Agent implements AsyncDisposable {
  readonly #config: AgentConfig;
  readonly #log: Logger;
  readonly #stack = new AsyncDisposableStack();
  readonly #kernel: KernelState;
  readonly #users: AccessUsers;
  readonly #reconciler: Reconciler;
  readonly #ribLane: RibLane;
  readonly #redirects: Redirects;
  readonly #overrides: Overrides;
  readonly #engineLane: EngineLane;
  readonly #uplink: Uplink;
  readonly #watchers: Watchers;
  readonly #services: ServiceLane;
  readonly #capture: CaptureLane;
  readonly #lanes: SideLanes;
  readonly #desired: DesiredState;
  readonly #health: HealthSchedule;
  readonly #machine: MachineWatch;
  readonly #memory: ConditionMemory = new Map();
  readonly #reports: ReportPace;
  readonly #digests: KernelDigests;
  #sessions: readonly SessionState[] = [];
  #engineReason: string | null = "not asked yet";
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
    this.#stack.use(links);
    this.#reports = this.#stack.use(
      new ReportPace(() => this.#uplink.publish("report", this.#report(), true)),
    );
    this.#digests = this.#stack.use(
      new KernelDigests({ kinds: () => this.#kinds, nowMs: Date.now, onCounted: () => this.#reports.soon() }),
    );
    const monotonic = (): number => performance.now();
    this.#ribLane = this.#stack.use(
      new RibLane({
        engineSocket: config.gobgp.socket,
        log,
        now: monotonic,
        onChanged: (prefixes) => this.#desired.routesChanged(prefixes),
        onQuiet: () => this.#engineLane.lookNow(),
      }),
    );
    const keys = new WireguardKeys(config.stateDir);
    const access = this.#stack.use(
      new AccessState({
        netlink,
        links,
        keyOf: (id) => keys.keyOf(id),
        now: Date.now,
        onExpiry: () => this.#desired.renew(),
        onDelegation: (delegation) => this.#lanes.delegation.configure(delegation),
      }),
    );
    const home = this.#stack.use(
      new HomeState({
        ...{ links, lans: config.lan ?? [], log, ended: () => this.#lanes.advertise.ended },
        onChange: () => this.#desired.renew(),
      }),
    );
    this.#kernel = new KernelState(netlink, links, this.#ribLane.rib, access, home);
    this.#users = this.#stack.use(
      new AccessUsers({
        ...{ node: config.node, access, adopted: forwarding, log },
        kinds: () => this.#kernel.kinds,
        document: () => this.#desired.document,
        publicKeyOf: (device) => keys.publicKeyOf(device),
        publish: (message) => this.#uplink.publish("access", message, false),
        leases: () => this.#lanes.delegation.leases,
        onChange: () => {
          this.#desired.renewSpeaker();
          this.#reports.soon();
        },
      }),
    );
    this.#reconciler = this.#stack.use(
      new Reconciler({
        kinds: this.#kernel.kinds,
        log,
        now: Date.now,
        onBegin: () => this.#users.cycleBegun(),
        onCycle: () => this.#cycleDone(),
      }),
    );
    const speaker = new SpeakerState(forwarding, monotonic);
    const engine = bgpDriver({ socketPath: config.gobgp.socket, forwarding });
    const { rib } = this.#ribLane;
    const onChange = (): void => this.#desired.renew();
    this.#redirects = this.#stack.use(new Redirects({ engine, rib, log, now: monotonic, onChange }));
    this.#overrides = this.#stack.use(
      new Overrides({
        ...{ stateDir: config.stateDir, log, netlink, kernel: this.#kernel, onChange },
        onDoubt: () => this.#reconciler.trigger(),
        askForLife: () => this.#uplink.askForLife(),
        settle: () => this.#reconciler.idle(),
      }),
    );
    this.#engineLane = this.#stack.use(
      new EngineLane({
        engine,
        log,
        onSessions: (sessions) => this.#sessionsSeen(sessions),
        onSilent: () => this.#ribLane.engineSilent(),
        isHeard: () => this.#ribLane.heard,
        isAwaited: () => this.#ribLane.awaitsSessions || speaker.settling || this.#redirects.active,
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
        onLife: (interfaceName, alive) => this.#desired.neighbourLife(interfaceName, alive),
        onBfd: () => this.#reports.soon(),
      }),
    );
    const egress = this.#stack.use(
      new EgressPeers({
        ...{ node: config.node, adopted: forwarding, engine, log, now: monotonic },
        publish: (message) => this.#uplink.publish("egress-routes", message, false),
        octetsOf: (port) => this.#watchers.octetsOf(port),
        onChange: () => this.#desired.renew(),
      }),
    );
    this.#health = this.#stack.use(
      ownHealth(config.node, log.child({ part: "health" }), (message) =>
        this.#uplink.publish("health", message, false),
      ),
    );
    this.#machine = this.#stack.use(
      ownMachine(config, log, (message) => this.#uplink.publishHeard("machine", message)),
    );
    this.#uplink = this.#stack.use(
      new Uplink({
        config,
        version: AGENT_VERSION,
        log,
        onDocument: (document) => {
          this.#desired.take(document);
          this.#health.configure(document.health);
        },
        onConnected: () => this.#connected(),
        onLife: () => this.#overrides.heard(),
        onHears: () => this.#machine.heard(),
        onChange: () => this.#reports.soon(),
      }),
    );
    const { stateDir, runDir = RUN_DIR } = config;
    const told = { stateDir, runDir, log, onChange: () => this.#reports.soon(), onEnded: onChange };
    this.#services = this.#stack.use(
      new ServiceLane({
        runDir,
        units: serviceUnits,
        log,
        now: monotonic,
        onChange: () => {
          this.#desired.renewSpeaker();
          this.#reports.soon();
        },
      }),
    );
    this.#capture = this.#stack.use(new CaptureLane({ ...told, deliver: (it) => this.#uplink.deliver(it) }));
    this.#lanes = this.#stack.use(new SideLanes({ ...told, links, now: monotonic }));
    this.#desired = this.#stack.use(
      new DesiredState({
        log,
        links,
        watchers: this.#watchers,
        redirects: this.#redirects,
        overrides: this.#overrides,
        egress,
        overLimits: new OverLimits(log),
        kernel: this.#kernel,
        access,
        home,
        users: this.#users,
        ribLane: this.#ribLane,
        speaker,
        engineLane: this.#engineLane,
        services: this.#services,
        capture: this.#capture,
        advertise: this.#lanes.advertise,
        reconciler: this.#reconciler,
        adopted: forwarding,
      }),
    );
    this.#stack.defer(links.onChange((change) => this.#desired.linkChanged(change)));
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
    return [
      ...(await this.#reconciler.preview()),
      ...(await this.#services.preview()),
      ...(await this.#lanes.preview()),
      ...(await this.#engineLane.preview()),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  async #answer(command: string): Promise<unknown> {
    if (command === "plan") return { plan: await this.plan() };
    if (command === "report") return this.#report();
    if (command === "home") return homeFactsOf(this.#sources());
    if (command === "reach") return { controller: this.#uplink.connected, report: this.#report() };
    if (command === "update") return this.#lanes.update.read() ?? null;
    if (command === "reset") return endForReset(this.#config.stateDir);
    if (command.startsWith("epe ")) return this.#overrides.command(command.slice(4));
    throw new Error(`unknown command ${JSON.stringify(command)}: plan, report, home, reach, update or epe`);
  }

  #cycleDone(): void {
    this.#overrides.cycleDone();
    if (!this.#reconciled && this.#desired.document !== undefined) {
      this.#reconciled = true;
      this.#log.info({ sinceStartMs: Math.round(performance.now()) }, FIRST_RECONCILE);
    }
    this.#users.cycleDone();
    this.#desired.cycleDone();
    this.#uplink.look(() => this.#report().converged);
    this.#reports.soon();
  }

  #sessionsSeen(sessions: readonly SessionState[]): void {
    const changed = JSON.stringify(sessions) !== JSON.stringify(this.#sessions);
    this.#sessions = sessions;
    this.#desired.sessionsSeen(sessions);
    if (changed) this.#reports.soon();
  }

  #connected(): void {
    this.#overrides.connected();
    this.#reports.soon();
    this.#users.connected();
    this.#watchers.announce();
  }

  #sources(): FigureSources {
    return {
      version: AGENT_VERSION,
      report: this.#report(),
      document: this.#desired.document,
      sessions: this.#sessions,
      kernel: this.#kernel,
      services: [...this.#services.states, ...this.#users.states],
      reconciler: this.#reconciler,
      ribLane: this.#ribLane,
      watchers: this.#watchers,
      health: this.#health,
      capture: this.#capture.capture?.counters,
      delegation: this.#lanes.delegation.figures,
      controllerUp: this.#uplink.connected,
    };
  }

  get #kinds(): readonly Managed[] {
    return [...this.#kernel.kinds, ...this.#services.kinds, ...this.#lanes.kinds];
  }

  #report() {
    return buildReport(
      {
        node: this.#config.node,
        document: this.#desired.document,
        ...{ kinds: this.#kinds, kernel: this.#digests.current() },
        waiting: new Map([...this.#overrides.waiting, ...this.#lanes.waiting, ...this.#kernel.waiting()]),
        ribComplete: this.#ribLane.rib.complete,
        engineConverged: !this.#desired.wantsEngine || this.#engineLane.converged,
        engineReason: this.#desired.wantsEngine ? this.#engineReason : null,
        sessions: this.#sessions,
        isBfdUp: (interfaceName) => this.#watchers.isBfdUp(interfaceName),
        services: [...this.#services.states, ...this.#users.states],
        ...{ refusal: this.#uplink.refusal, tunnels: this.#kernel.home.ends },
        custody: this.#uplink.report(),
        faults: faultsOf({
          ...this.#uplink.faults,
          "best-path receiver": this.#ribLane.fault,
          bfd: this.#watchers.bfdFault,
          traces: this.#watchers.traceFault,
          overrides: this.#overrides.fault,
          "egress probes": this.#watchers.egressFault,
          "dns capture": this.#capture.fault,
        }),
        repaired: new Map([...this.#overrides.repaired, ...this.#lanes.update.repaired]),
        nowMs: Date.now(),
      },
      this.#memory,
    );
  }
}
