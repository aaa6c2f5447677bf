import type { paths } from "../gen/api.ts";
import { api, dataOf } from "./client.ts";
import type { Session } from "./types.ts";

type Body<P extends keyof paths> = paths[P] extends {
  post: { requestBody: { content: { "application/json": infer T } } };
}
  ? T
  : never;

/** cancelled: the user, or his patience; exists: the device has one already; unable: it cannot look who holds it. */
export type PasskeyProblem = "cancelled" | "exists" | "unable" | "failed";

/** What a browser or device says instead of a passkey. */
export class PasskeyError extends Error {
  readonly problem: PasskeyProblem;

  constructor(problem: PasskeyProblem, cause: unknown) {
    super(cause instanceof Error ? cause.message : problem, { cause });
    this.name = "PasskeyError";
    this.problem = problem;
  }
}

/** Whether this browser knows passkeys at all. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in window;
}

/** Has the browser make a passkey for who is signed in. Throws ApiError, PasskeyError. */
export async function makePasskey(name: string, password: string): Promise<Session> {
  const asked = await dataOf(api.POST("/v1/portal/passkeys/begin", { body: { password } }));
  const { startRegistration } = await import("@simplewebauthn/browser");
  const made = await orProblem(
    // Words of the controller that the library has narrower types for.
    startRegistration({ optionsJSON: asked as Parameters<typeof startRegistration>[0]["optionsJSON"] }),
  );
  const { clientDataJSON, attestationObject, transports = [] } = made.response;
  const body: Body<"/v1/portal/passkeys/finish"> = {
    ...{ name, id: made.id, clientDataJSON, attestationObject, transports: [...transports] },
  };
  return dataOf(api.POST("/v1/portal/passkeys/finish", { body }));
}

/** Signs in by a passkey that the browser lets its user choose. Throws ApiError, PasskeyError. */
export async function signInByPasskey(): Promise<Session> {
  const optionsJSON = await dataOf(api.POST("/v1/portal/passkeys/sign-in/begin"));
  const { startAuthentication } = await import("@simplewebauthn/browser");
  const { id, response } = await orProblem(startAuthentication({ optionsJSON }));
  const { clientDataJSON, authenticatorData, signature, userHandle = "" } = response;
  const body = { id, clientDataJSON, authenticatorData, signature, userHandle };
  return dataOf(api.POST("/v1/portal/passkeys/sign-in/finish", { body }));
}

const UNABLE: ReadonlySet<string> = new Set([
  "ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT",
  "ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT",
  "ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG",
]);

async function orProblem<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const name = error instanceof Error ? error.name : "";
    if (code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED") throw new PasskeyError("exists", error);
    if (UNABLE.has(code)) throw new PasskeyError("unable", error);
    // Browsers tell no page whether its user said no or the time was over (section 14.5.1).
    const isCancelled = name === "NotAllowedError" || name === "AbortError";
    throw new PasskeyError(isCancelled ? "cancelled" : "failed", error);
  }
}
