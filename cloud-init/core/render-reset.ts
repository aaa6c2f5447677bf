import { AGENT, BOOT, CLAIM, CONFIG, STATE } from "./names.ts";
import type { WrittenFile } from "./render.ts";
import { plain } from "./render-system.ts";

/** What somebody puts onto the boot partition to begin anew; editors and file managers like to add an ending. */
const TRIGGERS = ["vsix-reset", "vsix-reset.txt"].map((name) => `${BOOT}/${name}`);

/**
 * A factory reset at boot (agent/RESET.md), before cloud-init looks whether there is another seed: what that brings is not of the time before.
 * @param secrets files that go too, beside the claim
 */
export function resetFiles(secrets: readonly string[]): readonly WrittenFile[] {
  const also = [CLAIM, "/var/lib/vsix/dns", ...secrets].map((path) => ` --also ${path}`).join("");
  return [
    plain("/etc/systemd/system/vsix-reset.service", [
      "[Unit]",
      "Description=vSIX: a router that nobody has enrolled",
      "DefaultDependencies=no",
      `RequiresMountsFor=${BOOT} ${STATE}`,
      "After=systemd-remount-fs.service",
      "Before=cloud-init-local.service vsix-enrol.service vsix-agent.service vsix-page.service shutdown.target",
      "Conflicts=shutdown.target",
      ...TRIGGERS.map((path) => `ConditionPathExists=|${path}`),
      "# Cut off, it is finished.",
      `ConditionPathExists=|${STATE}/reset`,
      "",
      "[Service]",
      "Type=oneshot",
      `ExecStart=${AGENT} reset --config ${CONFIG} --yes${also}${TRIGGERS.map((path) => ` --trigger ${path}`).join("")}`,
      "",
      "[Install]",
      "WantedBy=multi-user.target",
    ]),
  ];
}

export const START_RESET: readonly (readonly string[])[] = [["systemctl", "enable", "vsix-reset.service"]];
