import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** Why the controller refuses or fails; stable, programs match on these. */
export type ControllerErrorCode =
  | "config"
  | "fabric-faults"
  | "no-fabric"
  | "unknown-edge"
  | "unknown-plane"
  | "unknown-node"
  | "unknown-revision"
  | "plane-drained"
  | "plane-not-drained"
  | "no-working-plane"
  | "not-attached"
  | "store"
  | "broker"
  | "key-file";

/** A refusal or failure of the controller. */
export class ControllerError extends VsixError<ControllerErrorCode> {}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
