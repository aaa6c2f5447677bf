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
  | "not-confined" // a change of one plane that touches others
  | "not-attached"
  | "paths-not-allowed"
  | "unknown-token"
  | "token-exists"
  | "too-many-tokens"
  | "unauthenticated"
  | "forbidden"
  | "too-many-requests"
  | "undeclared-route"
  | "fleet-newer"
  | "trial-running"
  | "cannot-confirm"
  | "cannot-follow"
  | "nothing-before"
  | "rollout-running" // something else would disturb it
  | "unknown-rollout"
  | "rollout-over"
  | "rollout-paused"
  | "rollout-not-paused"
  | "rollout-busy" // goes back, or has not seen everybody yet
  | "bad-rollout" // settings that cannot be
  | "nothing-to-move"
  | "plane-not-ready" // its routers, or those who observe it
  | "no-expected" // no file of expected paths is in force
  | "bad-lesson" // nothing to learn paths from
  | "learning-now"
  | "unknown-path" // nobody expects anything of it
  | "path-well" // there is nothing to look after
  | "too-many-silences"
  | "not-silenced"
  | "no-epe" // the fabric has no policy for it
  | "epe-off" // nothing is measured
  | "epe-unable" // routers that cannot take overrides
  | "unknown-destination"
  | "no-health" // nobody looks
  | "no-receivers"
  | "unknown-receiver"
  | "bad-question" // of captured DNS
  | "dns-busy"
  | "no-dns" // nothing was ever captured
  | "store"
  | "broker"
  | "key-file"
  | "enrol-off"
  | "already-enrolled"
  | "not-enrolled"
  | "claim-refused" // no such claim, or not its secret
  | "claim-expired"
  | "claim-used"
  | "claim-locked" // too many wrong secrets
  | "bad-proof" // the key is not the asker's, or not of the kind we certify
  | "certificate-refused" // none, foreign, revoked or superseded
  | "too-many-attempts"
  | "bad-pool" // one that cannot be
  | "pool-exists"
  | "unknown-pool"
  | "no-pool" // none serves what is asked for
  | "pool-closed"
  | "pool-in-use"
  | "pool-exhausted"
  | "bad-prefix"
  | "prefix-taken"
  | "unknown-prefix"
  | "prefix-state" // not possible as it is
  | "prefix-held" // by an application, which decides about it
  | "no-account" // an operator asks for what is a user's own
  | "account-exists"
  | "unknown-account"
  | "account-state" // suspended, or removed
  | "project-exists"
  | "unknown-project"
  | "project-state"
  | "not-a-member"
  | "last-owner"
  | "unknown-application"
  | "application-state" // not possible as it is
  | "service-closed"
  | "quota-exceeded"
  | "bad-endpoint"
  | "bad-public-key"
  | "bad-application"
  | "vpn-not-ready"
  | "tunnel-not-ready" // its routers have told no key, or several
  | "device-exists"
  | "public-key-taken"
  | "endpoint-taken"
  | "netbox" // out of reach, or answers something else
  | "no-netbox"
  | "netbox-exhausted"
  | "webhook-refused"
  | "update-refused" // no such application, or not its key
  | "update-replayed"
  | "portal-off" // nobody can sign in
  | "portal-busy"
  | "pages-not-built"
  | "unknown-file"
  | "sign-in-refused" // no such user, or not his password or code
  | "second-factor-wanted"
  | "second-factor-state" // there is one already, or none
  | "cross-site"
  | "bad-password"
  | "provider-failed" // an identity provider does not answer
  | "no-provider"
  | "not-linked" // an identity that nobody has linked
  | "identity-taken"
  | "link-refused" // a one-time link: no such one, opened, or expired
  | "too-many-links"
  | "invitation-refused" // no such one, used, or expired
  | "no-passkeys" // the portal has an address for a name
  | "passkey-refused" // what a device made is none for us
  | "passkey-exists"
  | "unknown-passkey"
  | "too-many-passkeys"
  | "unknown-session";

/** A refusal or failure of the controller. */
export class ControllerError extends VsixError<ControllerErrorCode> {}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
