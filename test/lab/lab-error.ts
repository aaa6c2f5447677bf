import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

export type LabErrorCode =
  | "lab/command-failed"
  | "lab/exists"
  | "lab/none"
  | "lab/name"
  | "lab/unknown-node"
  | "lab/unknown-interface"
  | "lab/supervisor"
  | "lab/not-converged"
  | "lab/fabric"
  | "lab/image"
  | "lab/kernel"
  | "lab/traffic"
  | "lab/scenario"
  | "lab/not-root"
  | "lab/stopped"
  | "lab/usage";

/** Everything the lab expects to go wrong. */
export class LabError extends VsixError<LabErrorCode> {}
