import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** A package that cannot be built. The message says what is missing or what the program said. */
export class PackageError extends VsixError<
  "package-tool" | "package-source" | "package-usage" | "package-download"
> {}
