import type { SeedValues } from "./render.ts";
import { portsNetwork } from "./render-router.ts";
import { plain, START_SYSTEM, systemData, systemFiles } from "./render-system.ts";
import type { ControllerFile } from "./schema.ts";

const ENROL_PORT = 8443;
const MQTT_PORT = 8883;
const LOW_PORTS = "/etc/systemd/system/vsix-controller.service.d/low-ports.conf";
/** The package's unit has no capability at all. */
const LOW_PORTS_UNIT = [
  "[Service]",
  "AmbientCapabilities=CAP_NET_BIND_SERVICE",
  "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
  "PrivateUsers=no",
];

/** A controller in a VM. All its keys it makes itself, at its first start; none is in the seed. */
export function controllerSeed({ system, network, controller }: ControllerFile): SeedValues {
  const { names, enrolPort, mqttPort, apiPort, portal } = controller;
  const ports = [enrolPort, mqttPort, apiPort, portal?.port].flatMap((port) => port ?? []);
  const config = {
    stateDir: "/var/lib/vsix/controller",
    socket: "/run/vsix/controller.sock",
    tls: { names },
    enrol: { host: "::", port: enrolPort ?? ENROL_PORT },
    mqtt: { listen: { host: "::", port: mqttPort ?? MQTT_PORT }, tls: true },
    ...(apiPort === undefined ? {} : { https: { host: "::", port: apiPort } }),
    ...(portal === undefined
      ? {}
      : { portal: { listen: { host: "::", port: portal.port }, origin: portal.origin, tls: "own" } }),
  };
  return {
    hostname: system.hostname,
    userData: {
      ...systemData(system, []),
      write_files: [
        ...systemFiles(system),
        ...(ports.some((port) => port < 1024) ? [plain(LOW_PORTS, LOW_PORTS_UNIT)] : []),
        { ...plain("/etc/vsix/controller.json", []), content: `${JSON.stringify(config, undefined, 2)}\n` },
      ],
      runcmd: [...START_SYSTEM, ["systemctl", "enable", "--now", "--no-block", "vsix-controller.service"]],
    },
    network: portsNetwork(network),
  };
}
