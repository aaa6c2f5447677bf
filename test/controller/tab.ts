import { Browser, ITSELF, type Page } from "./browser.ts";

/** A browser that keeps every cookie of ours. */
export class Tab {
  readonly #jar = new Map<string, string>();
  readonly #port: number;
  readonly #from: string;

  constructor(port: number, from = "127.0.0.1") {
    this.#port = port;
    this.#from = from;
  }

  async ask(method: string, path: string, body?: unknown, says = ITSELF): Promise<Page> {
    const browser = new Browser(this.#port, says, this.#from);
    browser.cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const page = await browser.ask(method, path, body);
    for (const cookie of page.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    return page;
  }

  post(path: string, body: unknown = {}): Promise<Page> {
    return this.ask("POST", path, body);
  }

  /** Who is signed in. */
  async user(): Promise<string | undefined> {
    const { body } = await this.ask("GET", "/v1/portal/door");
    return (body["session"] as { user: string } | null)?.user;
  }

  get session(): string | undefined {
    return this.#jar.get("__Host-vsix-session");
  }

  /** Brings another tab's cookie of this name, as who stole it would. */
  takeOver(other: Tab, name: string): void {
    const value = other.#jar.get(name);
    if (value === undefined) this.#jar.delete(name);
    else this.#jar.set(name, value);
  }
}
