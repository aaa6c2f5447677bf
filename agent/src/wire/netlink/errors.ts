import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** Bytes that are not well-formed netlink. The only thing decoders throw. */
export class NetlinkDecodeError extends VsixError<"netlink-decode"> {
  /** Octets from the start of what was decoded. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super("netlink-decode", `${message} at octet ${offset}`);
    this.name = "NetlinkDecodeError";
    this.offset = offset;
  }
}

/** A value that has no netlink form (a prefix that is none, a name too long). The only thing encoders throw. */
export class NetlinkEncodeError extends VsixError<"netlink-encode"> {
  constructor(message: string) {
    super("netlink-encode", message);
    this.name = "NetlinkEncodeError";
  }
}
