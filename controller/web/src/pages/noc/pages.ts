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
    path: "/noc/nodes/:name",
    needs: "read",
    load: async () => (await import("./node/node.tsx")).NodePage,
  },
  {
    path: "/noc/health",
    needs: "read",
    label: { en: "Health", ja: "健全性" },
    load: async () => (await import("./health/health.tsx")).HealthPage,
  },
  {
    path: "/noc/edges",
    needs: "read",
    label: { en: "Edges and planes", ja: "Edge とバックボーン面" },
    load: async () => (await import("./steer/edges.tsx")).EdgesPage,
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
  {
    path: "/noc/epe",
    needs: "read",
    label: { en: "Egress peers", ja: "出口ピア(EPE)" },
    load: async () => (await import("./epe/epe.tsx")).EpePage,
  },
  {
    path: "/noc/epe/explain",
    needs: "read",
    load: async () => (await import("./epe/explain.tsx")).ExplainPage,
  },
  {
    path: "/noc/applications",
    needs: "access",
    label: { en: "Applications", ja: "接続の申請" },
    load: async () => (await import("./access/applications.tsx")).ApplicationsPage,
  },
  {
    path: "/noc/users",
    needs: "access",
    label: { en: "Users", ja: "ユーザー管理" },
    load: async () => (await import("./access/users.tsx")).UsersPage,
  },
  {
    path: "/noc/users/:name",
    needs: "access",
    load: async () => (await import("./access/user.tsx")).UserPage,
  },
  {
    path: "/noc/projects",
    needs: "access",
    label: { en: "Projects", ja: "プロジェクト" },
    load: async () => (await import("./access/projects.tsx")).ProjectsPage,
  },
  {
    path: "/noc/projects/:name",
    needs: "access",
    load: async () => (await import("./access/project.tsx")).ProjectPage,
  },
  {
    path: "/noc/pools",
    needs: "access",
    label: { en: "Address pools", ja: "アドレスプール" },
    load: async () => (await import("./access/pools.tsx")).PoolsPage,
  },
  {
    path: "/noc/fabric",
    needs: "read",
    label: { en: "Fabric", ja: "ファブリック" },
    load: async () => (await import("./fabric/fabric.tsx")).FabricPage,
  },
  {
    path: "/noc/paths",
    needs: "read",
    label: { en: "Paths", ja: "経路" },
    load: async () => (await import("./paths/paths.tsx")).PathsPage,
  },
  {
    path: "/noc/paths/one",
    needs: "read",
    load: async () => (await import("./paths/path.tsx")).PathPage,
  },
  {
    path: "/noc/dns",
    needs: "read",
    label: { en: "DNS", ja: "DNS 観測" },
    load: async () => (await import("./dns/dns.tsx")).DnsPage,
  },
  {
    path: "/noc/report",
    needs: "dns",
    label: { en: "Event report", ja: "イベントレポート" },
    load: async () => (await import("./report/report.tsx")).ReportPage,
  },
  {
    path: "/noc/tokens",
    needs: "admin",
    label: { en: "API tokens", ja: "API トークン" },
    load: async () => (await import("./tokens/tokens.tsx")).TokensPage,
  },
  {
    path: "/noc/audit",
    needs: "audit",
    label: { en: "Audit log", ja: "監査ログ" },
    load: async () => (await import("./audit/audit.tsx")).AuditPage,
  },
];
