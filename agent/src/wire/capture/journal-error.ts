import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** A journal that cannot be read, or not all of it. */
export class JournalError extends VsixError<"damaged" | "another-boot" | "another-part"> {
  constructor(code: JournalError["code"], message: string) {
    super(code, message);
    this.name = "JournalError";
  }
}
