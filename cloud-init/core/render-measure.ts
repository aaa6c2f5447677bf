import { AGENT, LAN, LAST_HEALTH, USER } from "./names.ts";
import type { WrittenFile } from "./render.ts";
import { plain } from "./render-system.ts";
import type { PiFile } from "./schema.ts";

type Measure = PiFile["measure"];

/** Of root's rights CAP_NET_RAW alone. */
const WHO = [
  `User=${USER}`,
  `Group=${USER}`,
  "AmbientCapabilities=CAP_NET_RAW",
  "CapabilityBoundingSet=CAP_NET_RAW",
  "NoNewPrivileges=yes",
];

/** How the network feels, from the first boot on and into the journal; captured DNS stays on this machine, and only where that was asked for. */
export function measureFiles(measure: Measure): readonly WrittenFile[] {
  return [
    ...(measure?.health === false
      ? []
      : [
          plain("/etc/systemd/system/vsix-health.service", [
            "[Unit]",
            "Description=vSIX: how the network feels from here",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=oneshot",
            ...WHO,
            `ExecStart=${AGENT} health --keep ${LAST_HEALTH}`,
            "RuntimeDirectory=vsix-health",
            "RuntimeDirectoryPreserve=yes",
            "UMask=0077",
            "# It is bad, or poor: said, and no failure of this unit.",
            "SuccessExitStatus=4 5",
          ]),
          plain("/etc/systemd/system/vsix-health.timer", [
            "[Unit]",
            "Description=vSIX: how the network feels from here, every quarter of an hour",
            "",
            "[Timer]",
            "OnBootSec=3min",
            "OnUnitActiveSec=15min",
            "RandomizedDelaySec=60",
            "",
            "[Install]",
            "WantedBy=timers.target",
          ]),
        ]),
    ...(measure?.dnsCapture === true
      ? [
          plain("/etc/systemd/system/vsix-dns-capture.service", [
            "[Unit]",
            "Description=vSIX: DNS of the LAN, written down on this machine",
            `BindsTo=sys-subsystem-net-devices-${LAN}.device`,
            `After=sys-subsystem-net-devices-${LAN}.device`,
            "",
            "[Service]",
            ...WHO,
            "UMask=0077",
            "StateDirectory=vsix/dns",
            "StateDirectoryMode=0700",
            `ExecStart=${AGENT} dns capture --interface ${LAN} --rate home --quiet --write /var/lib/vsix/dns/lan.dns`,
            "Restart=on-failure",
            "RestartSec=10",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
          ]),
        ]
      : []),
  ];
}

export function measureStart(measure: Measure): readonly (readonly string[])[] {
  return [
    ...(measure?.health === false ? [] : [["systemctl", "enable", "--now", "vsix-health.timer"]]),
    ...(measure?.dnsCapture === true
      ? [["systemctl", "enable", "--now", "--no-block", "vsix-dns-capture.service"]]
      : []),
  ];
}
