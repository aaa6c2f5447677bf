import * as at from "./names.ts";
import type { WrittenFile } from "./render.ts";
import { plain, secretFile } from "./render-system.ts";

export interface AgentWish {
  readonly node: string;
  readonly claim: string;
  /** Devices with hosts behind them. */
  readonly lan?: readonly string[];
  readonly bundle?: string;
  /** The seed is on the boot partition, where everybody may read: what was in it goes when it has been used. */
  readonly seedStays: boolean;
}

/**
 * The agent's configuration, the claim, and the unit that uses it once: after the network and the clock, again every half minute until the
 * controller was reached; then the claim is gone from this machine, and the agent starts.
 */
export function agentFiles({ node, claim, lan, bundle, seedStays }: AgentWish): readonly WrittenFile[] {
  const config = {
    node,
    stateDir: at.STATE,
    controller: { identity: at.IDENTITY },
    gobgp: { socket: `${at.GOBGP_SOCKET}` },
    ...(lan === undefined ? {} : { lan }),
    ...(bundle === undefined ? {} : { bundle: BUNDLE }),
  };
  return [
    { ...plain(at.CONFIG, []), content: `${JSON.stringify(config, undefined, 2)}\n` },
    secretFile(at.CLAIM, `${claim}\n`),
    ...(bundle === undefined
      ? []
      : [{ ...secretFile(BUNDLE, bundle), owner: `${at.USER}:${at.USER}` as const, defer: true }]),
    plain("/etc/systemd/system/vsix-agent.service.d/claim.conf", [
      "# Until it has enrolled, the agent has nobody to obey.",
      "[Unit]",
      ...(bundle === undefined
        ? [`ConditionPathExists=!${at.CLAIM}`, `ConditionPathExists=${at.IDENTITY}/identity.json`]
        : []),
    ]),
    ...(seedStays
      ? [
          plain(at.USED_SEED, [
            "#cloud-config",
            "# What was here has been used. Put another seed in its place to begin anew.",
          ]),
        ]
      : []),
    plain("/etc/systemd/system/vsix-enrol.service", [
      "[Unit]",
      "Description=vSIX: a claim becomes a certificate, once",
      `ConditionPathExists=${at.CLAIM}`,
      "Wants=network-online.target systemd-time-wait-sync.service",
      "After=network-online.target time-sync.target systemd-time-wait-sync.service",
      "StartLimitIntervalSec=0",
      "OnSuccess=vsix-enrolled.service",
      "",
      "[Service]",
      "Type=oneshot",
      "# Who will use the key; the claim is root's, and opened before it becomes anybody else.",
      `User=${at.USER}`,
      `Group=${at.USER}`,
      "StateDirectory=vsix/agent",
      "StateDirectoryMode=0700",
      `StandardInput=file:${at.CLAIM}`,
      "UMask=0077",
      `ExecStart=${at.AGENT} enrol --config ${at.CONFIG} --token-file -`,
      "Restart=on-failure",
      "RestartSec=30",
      "",
      "[Install]",
      "WantedBy=multi-user.target",
    ]),
    // Not in the unit above: each of its commands would have the claim for its input, and none begins once that is gone.
    plain("/etc/systemd/system/vsix-enrolled.service", [
      "[Unit]",
      "Description=vSIX: the claim has been used",
      "",
      "[Service]",
      "Type=oneshot",
      `ExecStart=/bin/rm -f ${at.CLAIM}`,
      ...(seedStays ? [`ExecStart=-/usr/bin/install -m 0600 ${at.USED_SEED} ${at.SEED_FILE}`] : []),
      "ExecStart=/bin/systemctl --no-block restart vsix-agent.service",
    ]),
  ];
}

const BUNDLE = "/etc/vsix/bundle.json";

export const START_AGENT: readonly (readonly string[])[] = [
  // An image's agent began before there was a claim; one that is started again and again is not asked for conditions anew.
  ["systemctl", "stop", "vsix-agent.service"],
  ["systemctl", "enable", "vsix-agent.service"],
  ["systemctl", "enable", "--now", "--no-block", "vsix-enrol.service"],
];
