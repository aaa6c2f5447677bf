import type { PageEntry } from "../../shell/page-entry.ts";

/** The operators' console, in the order of the list of pages. */
export const NOC_PAGES: readonly PageEntry[] = [
  {
    path: "/noc",
    needs: "read",
    label: { en: "Live", ja: "ライブ" },
    load: async () => (await import("./live/live.tsx")).LivePage,
  },
  {
    path: "/noc/nodes",
    needs: "read",
    label: { en: "Nodes", ja: "ノード" },
    load: async () => (await import("./nodes.tsx")).NodesPage,
  },
  {
    path: "/noc/rollouts",
    needs: "read",
    label: { en: "Rollouts", ja: "ロールアウト" },
    load: async () => (await import("./rollout/rollouts.tsx")).RolloutsPage,
  },
  {
    path: "/noc/rollouts/new",
    needs: "steer",
    load: async () => (await import("./rollout/new-rollout.tsx")).NewRolloutPage,
  },
  {
    path: "/noc/rollouts/:id",
    needs: "read",
    load: async () => (await import("./rollout/rollout.tsx")).RolloutPage,
  },
];
