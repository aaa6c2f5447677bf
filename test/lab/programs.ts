import { join } from "node:path";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { agentMain, controllerMain } from "../programs/bundles.ts";
import { LabError } from "./lab-error.ts";
import { NODE, namespaceName, panelNamespace, REPOSITORY, stateDirectory } from "./names.ts";
import { inNamespace } from "./run.ts";

export const PROGRAMS = [
  "agent",
  "gobgpd",
  "controller",
  "mosquitto",
  "bird",
  "cable",
  "nsd",
  "web",
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** A daemon that the supervisor keeps running. */
export interface ProgramSpec {
  readonly node: string;
  readonly program: ProgramName;
  /** Argument vector, namespace and all. */
  readonly command: readonly string[];
  /** A unix socket that a killed run leaves behind and that stands in the way of the next one (gobgpd's). */
  readonly socket?: string;
  /** Where its standard output and error are appended. */
  readonly log: string;
}

/** The node name under which the cable program is listed. */
export const PANEL_NODE = "panel";

export const controllerSocket = (lab: string): string => join(stateDirectory(lab), "controller.sock");
export const controllerConfigFile = (lab: string): string => join(stateDirectory(lab), "controller.json");
export const publicKeyFile = (lab: string): string => join(stateDirectory(lab), "controller.pub");
/** What clients of the API believe. */
export const caFile = (lab: string): string => join(stateDirectory(lab), "controller", "ca.crt");
export const nodeDirectory = (lab: string, node: string): string => join(stateDirectory(lab), node);
export const agentConfigFile = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "agent.json");
export const bundleFile = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "bundle.json");
/** Where the agent of a node is asked (`vsix-agent plan`). */
export const agentSocket = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "agent", "agent.sock");
export const gobgpSocket = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "gobgp.sock");
export const birdSocket = (lab: string, node: string): string => join(nodeDirectory(lab, node), "bird.sock");
export const birdConfigFile = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "bird.conf");

export const mosquittoConfigFile = (lab: string): string => join(stateDirectory(lab), "mosquitto.conf");

const MQTTS_PORT = 8883;
const ENROL_PORT = 8443;
const PORTAL_PORT = 443;
/** The controller's API over TLS. */
export const API_PORT = 9443;

/** Key and certificate of one node. */
export const identityDirectory = (lab: string, node: string): string =>
  join(nodeDirectory(lab, node), "identity");

/** Where nodes enrol, by an address of the controller. */
export const enrolUrl = (address: string): string => `https://[${address}]:${ENROL_PORT}`;

/** Which broker the lab's controller and agents meet at. */
export const BROKERS = ["embedded", "mosquitto"] as const;
export type BrokerKind = (typeof BROKERS)[number];

/** The node in whose namespace the controller lives. */
export function controllerNode(fabric: Fabric): FabricNode {
  const node = fabric.nodes.find((n) => n.controller);
  if (node === undefined) throw new LabError("lab/fabric", `fabric ${fabric.name} has no controller node`);
  return node;
}

/** Where browsers of the lab find the web application: by the controller's own address, for there are no names. */
export const portalOrigin = (fabric: Fabric): string => `https://[${controllerNode(fabric).loopback}]`;

/** Contents of the controller's configuration file. */
export function controllerConfig(lab: string, fabric: Fabric, broker: BrokerKind, portal = false): object {
  // mosquitto(8) is beside the controller, in the same namespace.
  const mqtt =
    broker === "embedded"
      ? { listen: { host: "::", port: MQTTS_PORT }, tls: true }
      : {
          url: `mqtts://[::1]:${MQTTS_PORT}`,
          nodeUrl: `mqtts://[${controllerNode(fabric).loopback}]:${MQTTS_PORT}`,
          files: { directory: brokerDirectory(lab), pidFile: brokerPidFile(lab) },
        };
  return {
    stateDir: join(stateDirectory(lab), "controller"),
    socket: controllerSocket(lab),
    tls: { names: [controllerNode(fabric).loopback, "::1"] },
    enrol: { host: "::", port: ENROL_PORT },
    https: { host: "::", port: API_PORT },
    mqtt,
    ...(portal
      ? { portal: { listen: { host: "::", port: PORTAL_PORT }, origin: portalOrigin(fabric) } }
      : {}),
    publicKeyFile: publicKeyFile(lab),
  };
}

/** What the controller writes for mosquitto. */
const brokerDirectory = (lab: string): string => join(stateDirectory(lab), "mosquitto");
const brokerPidFile = (lab: string): string => join(stateDirectory(lab), "mosquitto.pid");

/** A mosquitto.conf(5) that keeps nothing over a restart: the controller's database is the truth. */
export function mosquittoConfig(lab: string): string {
  const file = (name: string): string => join(brokerDirectory(lab), name);
  const lines = [
    `pid_file ${brokerPidFile(lab)}`,
    `listener ${MQTTS_PORT} ::`,
    `cafile ${file("ca.crt")}`,
    `certfile ${file("server.crt")}`,
    `keyfile ${file("server.key")}`,
    `crlfile ${file("crl.pem")}`,
    `acl_file ${file("acl")}`,
    "tls_version tlsv1.3",
    "require_certificate true",
    "use_subject_as_username true",
    "allow_anonymous false",
    "user root",
    "persistence false",
    "set_tcp_nodelay true",
    // Below the controller's mqtt.maxPacketBytes, so that no client can get it to cut the broker off.
    "message_size_limit 4000000",
    "log_dest stderr",
  ];
  return `${lines.join("\n")}\n`;
}

export function mosquittoProgram(lab: string, fabric: Fabric): ProgramSpec {
  const command = ["mosquitto", "-c", mosquittoConfigFile(lab)];
  return spec(lab, controllerNode(fabric).name, "mosquitto", command);
}

/** Contents of one agent's configuration file. */
export function agentConfig(lab: string, node: string): object {
  return {
    node,
    stateDir: join(nodeDirectory(lab, node), "agent"),
    runDir: join(nodeDirectory(lab, node), "run"),
    controller: { identity: identityDirectory(lab, node) },
    gobgp: { socket: gobgpSocket(lab, node) },
    bundle: bundleFile(lab, node),
  };
}

/** What runs on a node, in the order it is started. */
export function nodePrograms(lab: string, node: FabricNode): readonly ProgramSpec[] {
  if (node.software === "bird") {
    const files = ["-c", birdConfigFile(lab, node.name), "-s", birdSocket(lab, node.name)];
    const pid = join(nodeDirectory(lab, node.name), "bird.pid");
    return [spec(lab, node.name, "bird", ["bird", "-f", ...files, "-P", pid])];
  }
  const api = `unix://${gobgpSocket(lab, node.name)}`;
  return [
    {
      // A table of routes is many small objects, and collecting them a third of gobgpd's work when an Edge with a full
      // table moves; memory is the price (test/bench/README.md). A unit file says Environment=GOGC=400.
      ...spec(lab, node.name, "gobgpd", [
        "env",
        "GOGC=400",
        "gobgpd",
        "--api-hosts",
        api,
        "--pprof-disable",
        "-p",
        "-l",
        "info",
      ]),
      socket: gobgpSocket(lab, node.name),
    },
    spec(lab, node.name, "agent", [...ownWireguard(lab, node), ...agentCommand(lab, node.name, "run")]),
  ];
}

function ownWireguard(lab: string, node: FabricNode): readonly string[] {
  if (node.service !== "access") return [];
  return wireguardSocketsIn(join(nodeDirectory(lab, node.name), "wireguard"));
}

/**
 * wireguard-go has its sockets in one place of the machine, and devices of several nodes have one name: what is run by this sees a
 * directory of its own there. It stays when the program ends, as the devices do.
 */
export function wireguardSocketsIn(directory: string): readonly string[] {
  const script = 'mkdir -p "$1" /run/wireguard && mount --bind "$1" /run/wireguard && shift && exec "$@"';
  return ["sh", "-c", script, "sh", directory];
}

export function controllerProgram(lab: string, fabric: Fabric): ProgramSpec {
  return spec(lab, controllerNode(fabric).name, "controller", controllerCommand(lab, "run"));
}

/** `vsix-controller VERB --config …`. */
export function controllerCommand(
  lab: string,
  verb: "run" | "prepare",
  config = controllerConfigFile(lab),
): readonly string[] {
  return [...controller(), verb, "--config", config];
}

/** With what was compiled before, as our agents. */
const controller = (): readonly string[] => [
  "env",
  `NODE_COMPILE_CACHE=${join(REPOSITORY, ".cache/controller")}`,
  NODE,
  controllerMain(),
];

/** Compiles what has changed since; says its usage. */
export const controllerWarmUp = controller;

/** `vsix-agent`, as a router's package starts it: in little memory, with what was compiled before. */
export function vsixAgent(...args: readonly string[]): readonly string[] {
  const cache = join(REPOSITORY, ".cache/agent");
  const environment = ["env", "MALLOC_ARENA_MAX=1", `NODE_COMPILE_CACHE=${cache}`];
  return [...environment, NODE, "--max-semi-space-size=2", agentMain(), ...args];
}

/** Compiles what has changed since, as the installation of a package does once. */
export const agentWarmUp = (): readonly string[] => vsixAgent("--help");

/** `vsix-agent VERB --config …`, to be run in the node's namespace. */
export function agentCommand(
  lab: string,
  node: string,
  verb: "run" | "plan" | "report" | "epe",
): readonly string[] {
  return vsixAgent(verb, "--config", agentConfigFile(lab, node));
}

/** `vsix-agent enrol`, to be run in the node's namespace. */
export function enrolCommand(configFile: string, tokenFile: string): readonly string[] {
  return vsixAgent("enrol", "--config", configFile, "--token-file", tokenFile);
}

/** The userspace delay of all cables of a lab. */
export function cableProgram(lab: string, command: readonly string[]): ProgramSpec {
  return {
    node: PANEL_NODE,
    program: "cable",
    command: inNamespace(panelNamespace(lab), command),
    log: join(stateDirectory(lab), "cable.log"),
  };
}

/** A program that stands outside of the fabric (services/outside.ts), in a namespace of the lab. */
export function programSpec(
  lab: string,
  node: string,
  program: ProgramName,
  command: readonly string[],
): ProgramSpec {
  return spec(lab, node, program, command);
}

function spec(lab: string, node: string, program: ProgramName, command: readonly string[]): ProgramSpec {
  return {
    node,
    program,
    command: inNamespace(namespaceName(lab, node), command),
    log: logFile(lab, node, program),
  };
}

export function logFile(lab: string, node: string, program: ProgramName): string {
  if (program === "cable") return join(stateDirectory(lab), "cable.log");
  return join(nodeDirectory(lab, node), `${program}.log`);
}
