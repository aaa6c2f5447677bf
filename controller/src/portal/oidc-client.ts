import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Logger } from "pino";
import { ControllerError, messageOf } from "../errors.ts";

export interface OidcSettings {
  /** What people call it. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Ours, as it is registered there. */
  readonly redirectUri: string;
}

/** What one way to the provider and back is bound to: nothing of it leaves the controller but hashes and the state. */
export interface OidcWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const TIMEOUT_S = 10;

/** An OpenID provider, by authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636). It is asked what it can when it is first needed. */
export class OidcClient {
  readonly settings: OidcSettings;
  readonly #log: Logger;
  #configuration: Promise<Configuration> | undefined;

  constructor(settings: OidcSettings, log: Logger) {
    this.settings = settings;
    this.#log = log;
  }

  /** A new way, and the address that begins it. Throws ControllerError `provider-failed`. */
  async begin(): Promise<{ readonly way: OidcWay; readonly url: string }> {
    const way = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(await this.#known(), {
      redirect_uri: this.settings.redirectUri,
      scope: "openid",
      response_type: "code",
      code_challenge: await calculatePKCECodeChallenge(way.verifier),
      code_challenge_method: "S256",
      state: way.state,
      nonce: way.nonce,
    });
    return { way, url: url.href };
  }

  /**
   * The provider's lasting name of who came back: the subject of an ID token whose signature, issuer, audience, nonce and time are right. Throws
   * ControllerError `sign-in-refused` where anything is not, `provider-failed`.
   */
  async subjectOf(way: OidcWay, query: string): Promise<string> {
    const configuration = await this.#known();
    try {
      const tokens = await authorizationCodeGrant(
        configuration,
        new URL(`${this.settings.redirectUri}?${query}`),
        {
          pkceCodeVerifier: way.verifier,
          expectedState: way.state,
          expectedNonce: way.nonce,
          idTokenExpected: true,
        },
      );
      const subject = tokens.claims()?.sub;
      if (subject === undefined) throw new Error("no ID token came");
      return subject;
    } catch (cause) {
      this.#log.info(
        { issuer: this.settings.issuer, why: messageOf(cause) },
        "a provider's answer was refused",
      );
      throw new ControllerError("sign-in-refused", "what came back from the identity provider does not fit", {
        cause,
      });
    }
  }

  async #known(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    this.#configuration ??= discovery(url, clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      // Loopback alone: the configuration file may say nothing else.
      execute: url.protocol === "http:" ? [allowInsecureRequests] : [],
    });
    try {
      return await this.#configuration;
    } catch (cause) {
      this.#configuration = undefined;
      this.#log.warn({ issuer, why: messageOf(cause) }, "the identity provider does not say what it is");
      throw new ControllerError("provider-failed", "the identity provider cannot be reached", { cause });
    }
  }
}
