/** What a transaction changed that routers may have to hear of. */
export class Touched {
  readonly applications = new Set<number>();
  readonly accounts = new Set<string>();
  readonly projects = new Set<string>();

  get isEmpty(): boolean {
    return this.applications.size === 0 && this.accounts.size === 0 && this.projects.size === 0;
  }

  add({ applications, accounts, projects }: Touched): void {
    for (const id of applications) this.applications.add(id);
    for (const name of accounts) this.accounts.add(name);
    for (const name of projects) this.projects.add(name);
  }
}
