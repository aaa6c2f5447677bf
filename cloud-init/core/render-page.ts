import { AGENT, CLAIM, CONFIG, IDENTITY, LAN, LAST_HEALTH, USER } from "./names.ts";
import type { WrittenFile } from "./render.ts";
import { plain } from "./render-system.ts";

/** Of a socket that is begun before the network is: the agent's process need not have rights for it. */
const PORT = 80;
/** Without anybody who asks the page takes no memory. */
const IDLE_S = 60;

/** The status page (agent/HOME-PAGE.md), for hosts of the LAN alone, and the name that they find it by: HOSTNAME.local, by multicast DNS. */
export function pageFiles(hostname: string): readonly WrittenFile[] {
  return [
    plain("/etc/systemd/system/vsix-page.socket", [
      "[Unit]",
      "Description=vSIX: the status page, asked for by hosts of the LAN",
      "# Not before sockets.target, as others: what there is at boot must not wait for the bridge.",
      "DefaultDependencies=no",
      "After=sysinit.target",
      "Before=shutdown.target",
      "Conflicts=shutdown.target",
      "",
      "[Socket]",
      `ListenStream=[::]:${PORT}`,
      "BindIPv6Only=ipv6-only",
      "# SO_BINDTODEVICE: what comes in by an uplink or a tunnel never meets it, whatever address it is for.",
      `BindToDevice=${LAN}`,
      "# The page is not given up, whatever becomes of it.",
      "TriggerLimitIntervalSec=0",
      "",
      "[Install]",
      "WantedBy=multi-user.target",
    ]),
    plain("/etc/systemd/system/vsix-page.service", [
      "[Unit]",
      "Description=vSIX: the status page",
      "StartLimitIntervalSec=0",
      "",
      "[Service]",
      `ExecStart=${AGENT} page --config ${CONFIG} --name ${hostname.toLowerCase()}.local --claim ${CLAIM} --health ${LAST_HEALTH} --idle ${IDLE_S}`,
      "# The agent's user, to ask it; nothing else of the agent's: no capability, no network but the socket it is given, no key.",
      `User=${USER}`,
      `Group=${USER}`,
      "CapabilityBoundingSet=",
      "NoNewPrivileges=yes",
      "PrivateNetwork=yes",
      `InaccessiblePaths=-${IDENTITY}`,
      "ProtectSystem=strict",
      "ProtectHome=yes",
      "PrivateTmp=yes",
      "PrivateDevices=yes",
      "ProtectClock=yes",
      "ProtectControlGroups=yes",
      "ProtectHostname=yes",
      "ProtectKernelLogs=yes",
      "ProtectKernelModules=yes",
      "ProtectKernelTunables=yes",
      "LockPersonality=yes",
      "RestrictAddressFamilies=AF_UNIX",
      "RestrictNamespaces=yes",
      "RestrictRealtime=yes",
      "RestrictSUIDSGID=yes",
      "SystemCallArchitectures=native",
      "SystemCallFilter=@system-service",
      "SystemCallErrorNumber=EPERM",
      "MemoryMax=192M",
      "UMask=0077",
    ]),
    plain("/etc/systemd/resolved.conf.d/vsix.conf", ["[Resolve]", "MulticastDNS=yes", "LLMNR=no"]),
    plain(`/etc/systemd/network/10-netplan-${LAN}.network.d/vsix.conf`, ["[Network]", "MulticastDNS=yes"]),
  ];
}

export const START_PAGE: readonly (readonly string[])[] = [
  ["systemctl", "enable", "--now", "--no-block", "vsix-page.socket"],
];
