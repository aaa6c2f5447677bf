import { randomBytes, randomInt } from "node:crypto";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import type { UpKind } from "@vsix/shared/contract/topics.ts";
import type { Observation } from "@vsix/shared/contract/up.ts";
import type { Logger } from "pino";
import type { Watched } from "../core/plane-watch.ts";
import { FIRST_EGRESS_PORT } from "../core/trace/flow-identity.ts";
import type { AgentDocument } from "../documents/document.ts";
import { ageUs, Icmp6Socket, prepareEcho, type ReceivedIcmp6 } from "../io/icmp6.ts";
import type { LinkTable } from "../io/links.ts";
import { ICMP6_TYPE } from "../wire/icmp6.ts";
import type { PortCounters } from "./counters.ts";
import { type EgressFigures, EgressProber } from "./egress-prober.ts";
import { LinkLife } from "./link-life.ts";
import { PathTraces } from "./path-traces.ts";
import { PlaneProbe } from "./plane-probe.ts";
import { PortWatch } from "./port-watch.ts";
import { QualitySensor } from "./quality.ts";

export interface WatchersOptions {
  readonly node: string;
  readonly log: Logger;
  readonly links: LinkTable;
  readonly publish: (kind: UpKind, message: object, retain: boolean) => void;
  /** A neighbour fell silent, or answers again. */
  readonly onLife: (interfaceName: string, alive: boolean) => void;
  /** A BFD session came up or went down. */
  readonly onBfd: () => void;
}

/** Stable for the life of the process, so that equal-cost paths do not change under a probe (RFC 6437). */
const FLOW_LABEL = 0x76517;
/** An observation is said again this often even if nothing changed. */
const OBSERVATION_EVERY_MS = 5_000;

/**
 * Everything that looks at packets: plane probes, quality, traces, egress peers, liveness of neighbours, port counters. One raw
 * socket serves all but quality, traces and egress peers.
 */
export class Watchers implements AsyncDisposable {
  readonly #options: WatchersOptions;
  readonly #socket: Icmp6Socket;
  /**
   * Hop-limited probes have an identifier and sequence numbers of their own: they end at the first router, so no target
   * ever sees what it would need to answer in that router's name.
   */
  readonly #awayId: number;
  readonly #awayMask = randomInt(0x10000);
  readonly #probeId: number;
  readonly #livenessId: number;
  readonly #checkId: number;
  readonly #qualityId: number;
  readonly #instance = randomBytes(8).toString("hex");
  readonly #life: LinkLife;
  readonly #repeat: NodeJS.Timeout;
  #document: AgentDocument | undefined;
  #probe: PlaneProbe | undefined;
  #quality: QualitySensor | undefined;
  /** Answers of quality have a socket that wakes nobody: they have the kernel's time, and waking up costs most. */
  #qualitySocket: Icmp6Socket | undefined;
  /** Windows of quality told by sensors that are gone. */
  #windows = 0;
  #ports: PortWatch | undefined;
  readonly #paths: PathTraces;
  readonly #egress: EgressProber;

  constructor(options: WatchersOptions) {
    this.#options = options;
    [this.#awayId, this.#probeId, this.#livenessId, this.#checkId, this.#qualityId] = fiveIds();
    this.#socket = Icmp6Socket.open((received) => this.#received(received), {
      ids: [0, FIRST_EGRESS_PORT - 1],
      but: this.#qualityId,
      types: [ICMP6_TYPE.ECHO_REPLY, ICMP6_TYPE.TIME_EXCEEDED],
    });
    const { log, links, onLife, onBfd } = options;
    this.#life = new LinkLife({
      log,
      links,
      onLife,
      onBfd,
      sendEcho: (purpose, neighbour, sequence) =>
        this.#socket.send({
          destination: neighbour.address,
          interface: links.get(neighbour.interface)?.index ?? 0,
          hopLimit: 255,
          id: purpose === "steady" ? this.#livenessId : this.#checkId,
          sequence,
        }),
      drainEchoes: () => this.#socket.drain(),
      onAwake: () => {
        this.#probe?.join();
        this.#quality?.join();
      },
      now: () => performance.now(),
      random: () => randomInt(2 ** 32) / 2 ** 32,
    });
    this.#paths = new PathTraces({
      node: options.node,
      log,
      publish: (message) => options.publish("trace", message, false),
      random: () => randomInt(2 ** 32) / 2 ** 32,
    });
    this.#egress = new EgressProber({
      node: options.node,
      instance: this.#instance,
      log,
      links,
      publish: (message) => options.publish("egress", message, false),
    });
    this.#repeat = setInterval(() => this.announce(), OBSERVATION_EVERY_MS);
  }

  configure(document: AgentDocument): void {
    const before = this.#document;
    this.#document = document;
    const { fabric, probes } = document;
    this.#life.configure(fabric.interfaces, document.bgp.neighbours);
    this.#ports ??= new PortWatch({
      node: this.#options.node,
      log: this.#options.log,
      facesEdges: fabric.node.role === "plane",
      interfaces: () => this.#document?.fabric.interfaces ?? [],
      publish: (counters) => this.#options.publish("counters", counters, false),
    });
    this.#paths.configure(probes?.traces, fabric.node.loopback);
    this.#egress.configure(probes?.egress?.measure, fabric.node.loopback);
    this.#measure(document, before);
    if (JSON.stringify(planesOf(before?.probes)) === JSON.stringify(planesOf(probes))) return;
    this.#probe?.[Symbol.dispose]();
    this.#probe =
      probes === undefined || probes.targets.length === 0
        ? undefined
        : new PlaneProbe({
            part: probes,
            nowUs,
            send: ({ destination, hopLimit, sequence }) =>
              this.#socket.send({
                destination,
                source: fabric.node.loopback,
                flowLabel: FLOW_LABEL,
                ...(hopLimit === undefined
                  ? { id: this.#probeId, sequence }
                  : { id: this.#awayId, sequence: sequence ^ this.#awayMask, hopLimit }),
              }),
            onChange: (watched) => this.#observed(watched),
          });
  }

  /** Begins anew only when something else is measured: a window cut short is no evidence. */
  #measure({ fabric, probes }: AgentDocument, before: AgentDocument | undefined): void {
    const part = probes?.measure;
    if (JSON.stringify(before?.probes?.measure) === JSON.stringify(part)) return;
    this.#windows = this.#quality?.windows ?? this.#windows;
    this.#quality?.[Symbol.dispose]();
    this.#quality = undefined;
    if (part === undefined || part.targets.length === 0) return;
    const { node, publish } = this.#options;
    const common = {
      source: fabric.node.loopback,
      flowLabel: FLOW_LABEL,
      size: part.size,
      id: this.#qualityId,
    };
    const socket = this.#qualitySocket ?? this.#openQualitySocket();
    const echoes = part.targets.map(({ address }) => prepareEcho({ ...common, destination: address }));
    this.#quality = new QualitySensor(
      {
        part,
        node,
        instance: this.#instance,
        windows: this.#windows,
        nowUs,
        wallMs: Date.now,
        begin: (sequence, pacing) => socket.beat(echoes, sequence, pacing),
        end: () => socket.beat([], 0, { ticks: 1, tickUs: 1_000 }),
        sent: (tell) => socket.beats(tell),
        drain: () => socket.drain(),
        publish: (message) => publish("quality", message, false),
      },
      randomInt(0x10000),
    );
  }

  #openQualitySocket(): Icmp6Socket {
    const socket = Icmp6Socket.open(
      ({ message, source, timestampNs }) => {
        if (message.type !== "echo-reply" || message.id !== this.#qualityId) return;
        this.#quality?.replied(message.sequence, source, nowUs() - ageUs(timestampNs));
      },
      { ids: [this.#qualityId, this.#qualityId], types: [ICMP6_TYPE.ECHO_REPLY], quiet: true },
    );
    this.#qualitySocket = socket;
    return socket;
  }

  isDead(interfaceName: string): boolean {
    return this.#life.isDead(interfaceName);
  }

  /** Whether BFD is up on an interface; undefined where it is not wanted. */
  isBfdUp(interfaceName: string): boolean | undefined {
    return this.#life.isBfdUp(interfaceName);
  }

  /** Why there is no BFD although it is wanted. */
  get bfdFault(): string | undefined {
    return this.#life.fault;
  }

  /** Octets through a port since the device was made; undefined until they have been read. */
  octetsOf(port: string): { readonly rxOctets: number; readonly txOctets: number } | undefined {
    const { rxOctets, txOctets } = this.#ports?.links.find((link) => link.interface === port) ?? {};
    return rxOctets === undefined || txOctets === undefined ? undefined : { rxOctets, txOctets };
  }

  /** Port counters as they were read last; none where there are none. */
  get ports(): readonly PortCounters[] {
    return this.#ports?.ports ?? [];
  }

  /** What the plane probes know; none where nothing is probed. */
  get probes(): readonly Watched[] {
    return this.#probe?.watched() ?? [];
  }

  /** Why nothing is traced although it is wanted. */
  get traceFault(): string | undefined {
    return this.#paths.fault;
  }

  /** What of egress peers is not measured although it is wanted. */
  get egressFault(): string | undefined {
    return this.#egress.fault;
  }

  /** Undefined while no egress peers are measured. */
  get egress(): EgressFigures | undefined {
    return this.#egress.figures;
  }

  /** Routes have changed: probe closely for a while, and look at every path. */
  hurry(): void {
    this.#probe?.hurry();
    this.#paths.hurry();
  }

  /** Says again what is known. */
  announce(): void {
    if (this.#probe !== undefined) this.#observed(this.#probe.watched());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#repeat);
    this.#probe?.[Symbol.dispose]();
    this.#quality?.[Symbol.dispose]();
    await this.#egress[Symbol.asyncDispose]();
    await this.#paths[Symbol.asyncDispose]();
    await this.#life[Symbol.asyncDispose]();
    await this.#qualitySocket?.[Symbol.asyncDispose]();
    await this.#socket[Symbol.asyncDispose]();
    await this.#ports?.[Symbol.asyncDispose]();
  }

  #received({ message, source, interfaceIndex }: ReceivedIcmp6): void {
    const inName = this.#options.links.nameOf(interfaceIndex);
    if (message.type === "echo-reply") {
      if (message.id === this.#livenessId) this.#life.answered("steady", message.sequence, inName);
      else if (message.id === this.#checkId) this.#life.answered("check", message.sequence, inName);
      else if (message.id === this.#probeId) {
        const port = this.#document?.fabric.interfaces.find(({ name }) => name === inName);
        this.#probe?.replied(message.sequence, source, port?.plane);
      }
    } else if (message.type === "time-exceeded" && message.quoted?.echo?.id === this.#awayId) {
      const { destination, echo } = message.quoted;
      this.#probe?.exceeded(echo.sequence ^ this.#awayMask, source, destination);
    }
  }

  #observed(watched: readonly Watched[]): void {
    const role = this.#document?.fabric.node.role;
    const { node, publish } = this.#options;
    const observation: Observation = {
      version: 1,
      node,
      at: new Date().toISOString(),
      edges: watched.map(({ name, away, back, rttUs, lost }) => {
        // What goes away from an External Edge comes in to the Edge; seen from the Edge it is the other way round.
        const [inbound, outbound] = role === "edge" ? [back, away] : [away, back];
        return {
          edge: role === "edge" ? node : name,
          ...(role === "edge" ? { target: name } : {}),
          inbound: inbound.plane,
          outbound: outbound.plane,
          inboundSinceMs: inbound.sinceMs,
          outboundSinceMs: outbound.sinceMs,
          rttUs,
          lost,
        };
      }),
    };
    publish("observation", observation, true);
  }
}

/** What of the part plane probes are about: no other field begins them anew. */
function planesOf(probes: ProbesPart | undefined): unknown {
  return [probes?.intervalMs, probes?.burstIntervalMs, probes?.targets, probes?.hops];
}

/** Five different echo identifiers; those from FIRST_EGRESS_PORT on are for probes by egress peers, and for traces. */
function fiveIds(): [number, number, number, number, number] {
  const ids = new Set<number>();
  while (ids.size < 5) ids.add(randomInt(1, FIRST_EGRESS_PORT));
  const [away = 1, probe = 2, liveness = 3, check = 4, quality = 5] = ids;
  return [away, probe, liveness, check, quality];
}

/** Microseconds of wall-clock time that never jump back. */
function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
