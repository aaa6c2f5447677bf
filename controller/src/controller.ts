import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { exportPublicKey } from "@vsix/shared/crypto/ed25519.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { Logger } from "pino";
import { AccessBook } from "./access/book.ts";
import { DeviceEnds } from "./access/device-ends.ts";
import { applicationOf, deviceNode } from "./access/device-name.ts";
import { lookAfterAccess } from "./access/look-after.ts";
import { UserPeaks } from "./access/peaks.ts";
import { presharedKeys } from "./access/preshared.ts";
import { UserPusher } from "./access/push.ts";
import { SinceKeeper } from "./access/since-keeper.ts";
import { UserStandings } from "./access/standings.ts";
import { HeadKeeper } from "./audit/head.ts";
import { CertificateAuthority } from "./ca/authority.ts";
import { CertificateRegistry } from "./ca/registry.ts";
import { ServerIdentity } from "./ca/server-identity.ts";
import type { Clock } from "./clock.ts";
import type { ControllerConfig } from "./config.ts";
import { DesiredState } from "./desired/desired-state.ts";
import { Lineage } from "./desired/lineage.ts";
import { resume } from "./desired/resume.ts";
import { DNS_WORK_EVERY_MS, DnsArchive } from "./dns/archive.ts";
import { EnrolServer } from "./enrol/server.ts";
import { EPE_LOOK_EVERY_MS, EpeRunner } from "./epe/runner.ts";
import { messageOf } from "./errors.ts";
import { Evidence } from "./evidence/evidence.ts";
import type { Broker } from "./fleet/broker.ts";
import { ingest } from "./fleet/ingest.ts";

import { Publisher, type PublisherOptions } from "./fleet/publish.ts";
import { brokerUrlForNodes, prepareBroker, startBroker, urlHost } from "./fleet/start-broker.ts";

import { FleetState } from "./fleet/state.ts";
import { HEALTH_FLUSH_EVERY_MS, HealthKeeper } from "./health/keeper.ts";
import { refuseLiving } from "./http/living-socket.ts";
import { ApiServer } from "./http/server.ts";
import { repeat } from "./jobs/repeat.ts";
import { LOOK_EVERY_MS, RolloutDriver } from "./jobs/rollout.ts";
import { ControllerMetrics } from "./metrics/metrics.ts";
import { makeNetbox } from "./netbox/service.ts";
import { REST_EVERY_MS, RestBringer } from "./operations/bring-rest.ts";
import type { Context } from "./operations/context.ts";
import { measuredJudge } from "./operations/measured-judge.ts";
import { EvidenceFiles } from "./operations/rollout-evidence.ts";
import { Rollouts } from "./operations/rollouts.ts";
import { confirmTerms, Trials } from "./operations/trials.ts";
import { openPortal } from "./portal/open.ts";
import { loadKeyFile } from "./store/key-file.ts";
import { loadSigningKey } from "./store/keys.ts";
import { ManifestKeys } from "./store/manifest-keys.ts";
import { Store } from "./store/store.ts";
import { TokenKeeper } from "./tokens/keeper.ts";
import { startWatch } from "./watch/start-watch.ts";

/** How often it is written down when tokens were last used, milliseconds. */
const TOKEN_USE_EVERY_MS = 60_000;
/** How often it is looked at which sessions are over, milliseconds. */
const SESSIONS_EVERY_MS = 60_000;
/** How often it is written down which sessions were used, milliseconds. */
const SESSIONS_SEEN_EVERY_MS = 10_000;
/** How often it is looked at which quarantines and applications are over, milliseconds. */
const ACCESS_EVERY_MS = 60_000;
/** How often it is looked at whether routers lack users, milliseconds. */
const USERS_EVERY_MS = 1_000;
/** How often it is looked at how many users are there, milliseconds. */
const PEAKS_EVERY_MS = 5_000;
/** How often leases are looked at, milliseconds. */
const EXPIRE_EVERY_MS = 500;
/** How often paths are looked at that no trace came of, milliseconds. */
const WATCH_EVERY_MS = 1_000;
/** How often the server certificate is looked at, milliseconds. */
const CERTIFICATE_EVERY_MS = 6 * 3_600_000;

/** The running controller; owns everything it starts and ends it in the opposite order. */
export class Controller implements AsyncDisposable {
  readonly context: Context;
  readonly #owned: AsyncDisposableStack;

  private constructor(context: Context, owned: AsyncDisposableStack) {
    this.context = context;
    this.#owned = owned;
  }

  /** Starts everything, or throws (ControllerError) and leaves nothing running. */
  static async start(config: ControllerConfig, clock: Clock, log: Logger): Promise<Controller> {
    await using starting = new AsyncDisposableStack();
    const store = starting.use(await Store.open(join(config.stateDir, "controller.db")));
    // The same configuration but another stateDir: before anything is written that belongs to the living one.
    await refuseLiving(config.socket);
    const publicFile = config.publicKeyFile ?? join(config.stateDir, "controller.pub");
    const captureKey =
      config.captureKeyFile === undefined
        ? await loadKeyFile(join(config.stateDir, "capture.key"), "make")
        : await loadKeyFile(config.captureKeyFile, "refuse");
    const preshared = presharedKeys(await loadKeyFile(join(config.stateDir, "access.key"), "make"));
    const keys = await ManifestKeys.open(config.stateDir, publicFile);
    const authority = await CertificateAuthority.open(config.stateDir, clock);
    const server = await ServerIdentity.open(authority, config.stateDir, config.tls.names, clock);
    const auditKey = await loadSigningKey(join(config.stateDir, "audit.key"));
    const auditFile = join(config.stateDir, "audit.head");
    const auditHead = starting.use(await HeadKeeper.open(auditFile, auditKey, store, log));
    const registry = await CertificateRegistry.open(store, clock, log.child({ part: "identity" }));
    const tokens = starting.use(await TokenKeeper.open(store, clock, () => randomBytes(32)));
    const portal = await openPortal(config, store, clock, log.child({ part: "portal" }));
    const lineage = await Lineage.open(store, clock, log);
    const identity = { authority, server, registry };
    const prepared = await prepareBroker(config, identity, clock.wallMs(), log.child({ part: "broker" }));
    if (prepared !== undefined) starting.use(prepared.files);
    const broker = starting.use(await startBroker(config, identity, prepared?.client, clock, log));
    const stop = new AbortController();
    const fleet = new FleetState(config.leaseMs);
    const evidence = new Evidence();
    const watch = await startWatch(config, store, clock, log.child({ part: "watch" }));
    starting.use(watch.paths);
    starting.use(watch.notices);
    starting.use(watch.rollouts);
    starting.use(watch.epe);
    const health = starting.use(
      await HealthKeeper.open({
        store,
        clock,
        log: log.child({ part: "health" }),
        keepDays: config.healthDays,
        tell: (event, id) => watch.notices.tellHealth(event, id),
      }),
    );
    const netbox = makeNetbox(config, store, clock, log.child({ part: "netbox" }));
    const trials = new Trials();
    const evidenceFiles = starting.use(new EvidenceFiles(join(config.stateDir, "rollouts"), log));
    const metrics = new ControllerMetrics();
    const epe = new EpeRunner(log.child({ part: "epe" }), metrics.epe);
    const dns = starting.use(
      new DnsArchive({
        file: join(config.stateDir, "dns.db"),
        retention: config.dns,
        broker,
        clock,
        log: log.child({ part: "dns" }),
        isKnown: (node) => desired.inForce?.fabric.nodes.some(({ name }) => name === node) ?? false,
        learns: () => (desired.inForce?.epe?.mode ?? "off") !== "off",
      }),
    );
    const rollouts = new Rollouts(clock, evidenceFiles, measuredJudge);
    const extras: PublisherOptions["extras"] = (node) => {
      const { nonce } = fleet.node(node.node);
      const confirm = confirmTerms(desired.inForce, fleet, lineage.epoch, node);
      return { lineage: lineage.id, ...(nonce === undefined ? {} : { nonce }), ...confirm };
    };
    const publisher = starting.use(makePublisher(config, broker, keys, lineage, clock, log, extras));
    const book = new AccessBook();
    const desired: DesiredState = new DesiredState({
      store,
      captureKey,
      access: book,
      publisher,
      clock,
      log,
      guard: (what) => {
        lineage.guard();
        if (what !== "take-back") trials.guard();
      },
    });
    lineage.watch({ desired, publisher, fleet, signal: stop.signal });
    publisher.shut();
    const devices = (): readonly number[] =>
      registry.active().flatMap(({ node }) => applicationOf(node) ?? []);
    const heed = (fabric: Fabric): void => {
      const homes = devices().map(deviceNode);
      fleet.setKnown([...fabric.nodes.map(({ name }) => name), ...homes]);
      health.setFabric(fabric, homes);
    };
    desired.listen(({ after }) => {
      const { fabric, orders } = after;
      heed(fabric);
      evidence.setFabric(fabric);
      evidence.traces.setOrders(orders);
      watch.paths.setInForce(after);
    });
    evidence.traces.onTrace(({ trace }) => watch.paths.accept(trace));
    fleet.listen((event) => {
      if (event.type !== "hello") return;
      log.info({ node: event.node }, "a node asks for a manifest signed now");
      desired
        .resign(event.node)
        .catch((error: unknown) => log.error({ reason: messageOf(error) }, "publishing failed"));
    });
    fleet.listen((event) => {
      if (event.type !== "report" || event.epoch !== lineage.epoch) return;
      desired.sweep(event.node, event.generation).catch((error: unknown) => {
        log.error({ node: event.node, reason: messageOf(error) }, "clearing old parts failed");
      });
    });
    const deviceEnds = starting.use(
      new DeviceEnds({
        ...{ store, clock, log: log.child({ part: "access" }) },
        isEnrolled: (node) => registry.newest(node)?.state === "active",
      }),
    );
    fleet.listen((event) => {
      if (event.type === "heard")
        void deviceEnds.heard(event.node, fleet.node(event.node).report?.value.tunnels);
    });
    await UserPusher.load(store, book, preshared);
    book.setDevices(devices());
    const standings = new UserStandings(
      book,
      () => desired.inForce,
      () => clock.wallMs(),
    );
    const since = new SinceKeeper(store, standings, log.child({ part: "access" }));
    await since.load();
    const users = starting.use(
      new UserPusher({
        ...{ store, desired, book, standings, preshared, clock, devices },
        log: log.child({ part: "access" }),
      }),
    );
    const devicesChanged = (): void => {
      if (desired.inForce !== undefined) heed(desired.inForce.fabric);
      users.devicesChanged();
    };
    starting.defer(registry.onIssued(async () => devicesChanged()));
    starting.defer(registry.onWithdrawn(devicesChanged));
    await resume(store, desired, clock, log);
    const ingestCounts = await ingest({
      broker,
      clock,
      log,
      accept: (message, { replayed }) => {
        const arrival = { atMs: clock.monotonicMs(), wallMs: clock.wallMs(), replayed };
        const { node } = message.value;
        if (message.kind === "trace" && !replayed) {
          const refusal = evidence.traces.add(message.value, arrival.atMs, clock.wallMs());
          if (refusal !== undefined && refusal !== "not-ordered")
            return `trace to ${message.value.trace.target}: ${refusal}`;
        }
        if (message.kind === "health" && !replayed) {
          const refusal = health.accept(message.value);
          if (refusal !== undefined) return refusal;
        }
        if (message.kind === "access") {
          if (replayed || standings.accept(message.value)) return undefined;
          return "it is no access router of the fabric";
        }
        evidence.accept(message, arrival);
        if (!replayed) epe.accept(message, arrival.atMs);
        return fleet.accept(message, arrival) ? undefined : `too many unknown nodes; not remembering ${node}`;
      },
    });
    await dns.listen();
    broker.onReconnect(() => {
      log.info("broker is back; publishing everything anew");
      desired
        .republish()
        .catch((error: unknown) => log.error({ reason: messageOf(error) }, "publishing failed"));
    });
    const { url: brokerUrl } = broker;
    const { signal } = stop;
    const context: Context = {
      store,
      auditHead,
      tokens,
      portal: portal?.portal,
      metrics,
      desired,
      publisher,
      fleet,
      evidence,
      watch,
      ingestCounts,
      clock,
      log,
      users: { book, standings },
      lineage,
      trials,
      rollouts,
      epe,
      health,
      dns,
      netbox,
      keys,
      brokerUrl,
      signal,
      authority,
      registry,
      nodeFacing: {
        enrolUrl:
          config.enrol === undefined
            ? undefined
            : `https://${urlHost(config.tls.names[0] ?? "localhost")}:${config.enrol.port}`,
        brokerUrl: brokerUrlForNodes(config, broker),
        manifestKeys: () => [exportPublicKey(keys.current.publicKey)],
      },
      server,
    };
    fleet.listen((event) => {
      if (event.type === "heard") trials.answer(context, event.node);
    });
    await rollouts.resume(context);
    const peaks = new UserPeaks(store, standings, clock, log);
    const driver = new RolloutDriver();
    const rest = new RestBringer();
    const jobs = [
      lineage.listen(),
      repeat({ everyMs: EXPIRE_EVERY_MS, clock, log, signal }, async () => fleet.expire(clock.monotonicMs())),
      repeat({ everyMs: WATCH_EVERY_MS, clock, log, signal }, () => watch.paths.tick()),
      repeat({ everyMs: LOOK_EVERY_MS, clock, log, signal }, () => driver.look(context)),
      repeat({ everyMs: EPE_LOOK_EVERY_MS, clock, log, signal }, () => epe.look(context)),
      repeat({ everyMs: EPE_LOOK_EVERY_MS, clock, log, signal }, () => watch.epe.look()),
      repeat({ everyMs: DNS_WORK_EVERY_MS, clock, log, signal }, async () => {
        await dns.work();
        epe.learn(dns.learned.destinations(clock.monotonicMs()));
      }),
      repeat({ everyMs: HEALTH_FLUSH_EVERY_MS, clock, log, signal }, () => health.flush()),
      repeat({ everyMs: REST_EVERY_MS, clock, log, signal }, () => rest.look(context)),
      repeat({ everyMs: CERTIFICATE_EVERY_MS, clock, log, signal }, async () => {
        if (await server.renewIfDue()) log.info("the server certificate was renewed");
      }),
      repeat({ everyMs: TOKEN_USE_EVERY_MS, clock, log, signal }, () => tokens.flush()),
      ...(portal === undefined
        ? []
        : [
            repeat({ everyMs: SESSIONS_SEEN_EVERY_MS, clock, log, signal }, () =>
              portal.portal.sessions.writeSeen(),
            ),
            repeat({ everyMs: SESSIONS_EVERY_MS, clock, log, signal }, () => portal.portal.sessions.prune()),
          ]),
      netbox?.sync.loop(netbox.everyMs, signal),
      repeat({ everyMs: ACCESS_EVERY_MS, clock, log, signal }, () => lookAfterAccess(context)),
      repeat({ everyMs: USERS_EVERY_MS, clock, log, signal }, () => users.retry()),
      repeat({ everyMs: PEAKS_EVERY_MS, clock, log, signal }, async () => {
        await peaks.look();
        await since.look();
      }),
      repeat({ everyMs: (config.acceptForS * 1000) / 4, clock, log, signal }, () => desired.reissue()),
    ];
    starting.defer(async () => {
      stop.abort();
      await Promise.all(jobs);
    });
    if (config.enrol !== undefined) starting.use(await EnrolServer.start(context, config.enrol));
    starting.use(
      await ApiServer.start(context, {
        socket: config.socket,
        limits: config.limits,
        ...(config.http === undefined ? {} : { http: config.http }),
        ...(config.https === undefined ? {} : { https: config.https }),
        ...(portal === undefined ? {} : { portal: portal.listener }),
      }),
    );
    // Runs first at the end: waiting requests and event streams give up before the API closes.
    starting.defer(async () => stop.abort());
    log.info(
      { epoch: lineage.epoch, broker: brokerUrl, socket: config.socket, keyId: keys.current.id },
      "controller started",
    );
    return new Controller(context, starting.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
    this.context.log.info("controller stopped");
  }
}

function makePublisher(
  { acceptForS }: ControllerConfig,
  broker: Broker,
  keys: ManifestKeys,
  lineage: Lineage,
  clock: Clock,
  log: Logger,
  extras: PublisherOptions["extras"],
): Publisher {
  return new Publisher({
    broker,
    sign: (payloadType, payload) => keys.sign(payloadType, payload),
    epoch: () => lineage.epoch,
    acceptForMs: acceptForS * 1000,
    ...(extras === undefined ? {} : { extras }),
    clock,
    log: log.child({ part: "publish" }),
  });
}
