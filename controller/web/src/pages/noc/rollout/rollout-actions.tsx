import { Group, Text } from "@mantine/core";
import { api } from "../../../api/client.ts";
import type { Rollout } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { rolloutQuery, rolloutsQuery } from "../network-queries.ts";
import { rolloutTexts } from "./rollout.texts.ts";

/** What an operator can do with a rollout that runs. */
export function RolloutActions({ rollout }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutTexts);
  const { id, from, paused, endedAt, stage } = rollout;
  if (endedAt !== null) return null;
  const params = { path: { id } };
  const same = {
    needs: "steer",
    reason: "may",
    refreshes: [rolloutQuery(id).queryKey, rolloutsQuery.queryKey],
  } as const;
  if (stage === "going-back") return null;
  return (
    <Group gap="xs">
      {paused === null ? (
        <Confirmed
          {...same}
          label={t("pause")}
          run={(note) => api.POST("/v1/rollouts/{id}/pause", { params, body: { note } })}
        >
          <Text>{t("pause-sure")}</Text>
        </Confirmed>
      ) : (
        <Confirmed
          {...same}
          label={t("resume")}
          run={(note) => api.POST("/v1/rollouts/{id}/resume", { params, body: { note } })}
        >
          <Text>{t("resume-sure")}</Text>
        </Confirmed>
      )}
      <Confirmed
        {...same}
        label={t("promote")}
        run={(note) => api.POST("/v1/rollouts/{id}/promote", { params, body: { note } })}
      >
        <Text>{t("promote-sure")}</Text>
      </Confirmed>
      <Confirmed
        {...same}
        isDangerous
        reason="must"
        label={t("abort")}
        run={(note) => api.POST("/v1/rollouts/{id}/abort", { params, body: { note } })}
      >
        <Text>{t("abort-sure", { plane: from })}</Text>
      </Confirmed>
    </Group>
  );
}
