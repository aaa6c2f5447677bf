import type { ComponentType } from "react";
import type { Scope } from "../api/types.ts";
import type { Language } from "../i18n/languages.ts";

/** A page: where it is, who may see it, what the list of pages calls it, and how to get it. */
export interface PageEntry {
  /** As wouter reads it: `/noc/nodes/:name`. Below `/my` or `/noc`, for those alone the controller answers with the page. */
  readonly path: string;
  /** Scope that its data need. The controller refuses them anyway; this keeps the page out of sight. */
  readonly needs: Scope;
  /** In the list of pages; without it, other pages lead there. */
  readonly label?: Readonly<Record<Language, string>>;
  /** The page is loaded when it is opened. */
  readonly load: () => Promise<ComponentType>;
}
