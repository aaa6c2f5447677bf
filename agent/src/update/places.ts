import { dirname, join } from "node:path";

/** What the package is called, and its service. */
export const PACKAGE = "vsix-agent";
export const SERVICE = "vsix-agent.service";
/** Where the unit of who watches is, as long as an update lasts: no package's, so that neither version can lack it. */
export const WATCHER = "vsix-agent-update.service";
export const UNIT_DIR = "/etc/systemd/system";

/** Files of an update. The folder is root's: what is there is run and installed by root. */
export interface UpdatePlaces {
  readonly directory: string;
  readonly state: string;
  /** The two packages. */
  readonly debs: { readonly new: string; readonly previous: string };
  /** The program that watches: of the version before, and out of the packages' way. */
  readonly keeper: string;
}

/** @param stateDir the agent's */
export function updatePlaces(stateDir: string): UpdatePlaces {
  const directory = join(dirname(stateDir), "update");
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    state: at("state.json"),
    debs: { new: at("new.deb"), previous: at("previous.deb") },
    keeper: at("keeper"),
  };
}

/**
 * The unit of who watches. Until it is there again after a power cut, the agent is not started: ExecStartPre= makes whole what may be half
 * installed, and a unit of type exec has begun once its program runs. Pure.
 */
export function watcherUnit({ keeper, state }: UpdatePlaces, configFile: string): string {
  const program = `${keeper}/node --max-semi-space-size=2 ${keeper}/main.js update`;
  return `# Made by "vsix-agent update" and taken away by it once the update is over.
[Unit]
Description=vSIX agent: watches over an update of it
Before=${SERVICE}
ConditionPathExists=${state}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStartPre=${program} settle --config ${configFile}
ExecStart=${program} resume --config ${configFile}
Restart=on-failure
RestartSec=10
TimeoutStartSec=infinity
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`;
}
