import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type AgentConfig, RUN_DIR } from "./config.ts";
import { digestOf, endReset, RESET_MARKER, readMarker, removeForGood } from "./io/reset-marker.ts";

/** One thing that a reset does. Each may be cut off anywhere, and done again. */
export interface ResetStep {
  readonly what: string;
  readonly do: () => void | Promise<void>;
}

/**
 * What makes a router that has been told to reset one that nobody has enrolled, in order. The marker goes last: whoever finds it, begins anew.
 * @param removeKernel takes what is ours out of the kernel
 */
export function resetSteps(
  { stateDir, runDir = RUN_DIR, bundle, controller }: AgentConfig,
  removeKernel: () => Promise<unknown>,
): readonly ResetStep[] {
  const below = (folder: string): readonly string[] =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const { identity } = controller;
  return [
    {
      what: "key and certificate",
      do: () => {
        if (identity !== undefined)
          removeForGood(below(identity).filter((path) => /\/(identity|pending)\.json(\.new)?$/.test(path)));
      },
    },
    {
      what: "what else was named",
      do: () => {
        const { also } = readMarker(stateDir);
        removeForGood(
          also
            .filter(({ path, digest }) => existsSync(path) && digestOf(path) === digest)
            .map(({ path }) => path),
        );
      },
    },
    { what: "the first document", do: () => (bundle === undefined ? undefined : removeForGood([bundle])) },
    {
      what: "state",
      do: () => removeForGood(below(stateDir).filter((path) => path !== join(stateDir, RESET_MARKER))),
    },
    { what: "files of programs", do: () => removeForGood(below(runDir)) },
    {
      what: "kernel",
      do: async () => {
        await removeKernel();
      },
    },
    { what: "the end", do: () => endReset(stateDir) },
  ];
}

/** Finishes a reset that has been decided. Throws what a step throws; then it is still to be finished. */
export async function finishReset(config: AgentConfig): Promise<void> {
  const { removeOwn } = await import("./remove-own.ts");
  for (const step of resetSteps(config, removeOwn)) await step.do();
}
