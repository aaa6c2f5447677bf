import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** An image of a machine that cannot be built. The message says what is missing, or what the program said. */
export class MachineError extends VsixError<
  "machine-usage" | "machine-missing" | "machine-tool" | "machine-source" | "machine-size"
> {}
