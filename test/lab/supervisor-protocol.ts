import { join } from "node:path";
import { stateDirectory } from "./names.ts";
import type { ProgramName, ProgramSpec } from "./programs.ts";
import type { ProgramState } from "./supervised.ts";

/** One JSON object a line, one answer a request, over a unix socket. */
export type SupervisorRequest =
  | { readonly op: "add"; readonly specs: readonly ProgramSpec[] }
  | {
      readonly op: "start";
      readonly node: string;
      readonly program: ProgramName;
      /** How wrong its wall clock is from now on, as faketime(1) has it: `+1y`. Right where it is left out. */
      readonly clock?: string;
    }
  | { readonly op: "stop" | "kill"; readonly node: string; readonly program: ProgramName }
  | { readonly op: "status" }
  | { readonly op: "shutdown" };

export type SupervisorAnswer =
  | { readonly ok: true; readonly programs: readonly ProgramState[] }
  | { readonly ok: false; readonly reason: string };

/** Octets; a longer line ends the connection. */
export const LINE_LIMIT = 1024 * 1024;

export const supervisorSocket = (lab: string): string => join(stateDirectory(lab), "supervisor.sock");
export const supervisorPidFile = (lab: string): string => join(stateDirectory(lab), "supervisor.pid");
export const supervisorLog = (lab: string): string => join(stateDirectory(lab), "supervisor.log");
