import type { PageEntry } from "../shell/page-entry.ts";
import { NOC_PAGES } from "./noc/pages.ts";

/** Every page, in the order of the list of pages. How to add one: controller/PORTAL.md. */
export const PAGES: readonly PageEntry[] = [
  {
    path: "/my",
    needs: "self",
    label: { en: "Overview", ja: "概要" },
    load: async () => (await import("./my/home.tsx")).MyHomePage,
  },
  {
    path: "/my/new",
    needs: "self",
    label: { en: "New connection", ja: "新しい接続" },
    load: async () => (await import("./my/new-connection.tsx")).NewConnectionPage,
  },
  {
    path: "/my/vpn/:id",
    needs: "self",
    load: async () => (await import("./my/vpn-setup.tsx")).VpnSetupPage,
  },
  {
    path: "/my/tunnel/:id",
    needs: "self",
    load: async () => (await import("./my/tunnel-setup.tsx")).TunnelSetupPage,
  },
  {
    path: "/my/check",
    needs: "self",
    label: { en: "Check my connection", ja: "接続を確認" },
    load: async () => (await import("./my/check.tsx")).CheckPage,
  },
  {
    path: "/my/security",
    needs: "self",
    label: { en: "How I sign in", ja: "サインイン方法" },
    load: async () => (await import("./my/security.tsx")).SecurityPage,
  },
  {
    path: "/my/sessions",
    needs: "self",
    label: { en: "Where I am signed in", ja: "サインイン中の端末" },
    load: async () => (await import("./my/sessions.tsx")).SessionsPage,
  },
  ...NOC_PAGES,
];
