import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";
import { doorQuery, useSession } from "../../api/queries.ts";
import type { OpenSession } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { browserName } from "../../model/browser-name.ts";
import { Answer } from "../../parts/answer.tsx";
import { Failure } from "../../parts/failure.tsx";
import { useNow } from "../../parts/now.ts";
import { Page } from "../../parts/page.tsx";
import { AddedPasskeys } from "./added-passkeys.tsx";
import { sessionsTexts } from "./sessions.texts.ts";

const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => dataOf(api.GET("/v1/portal/sessions")),
});

/** How long a passkey is told of as new here, milliseconds. */
const NEW_MS = 7 * 24 * 60 * 60_000;

export function SessionsPage() {
  const t = useTexts(sessionsTexts);
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const now = useNow();
  const session = useSession();
  const end = useMutation({
    mutationFn: ({ id }: OpenSession) =>
      api.POST("/v1/portal/sessions/{id}/end", { params: { path: { id } } }),
    onSettled: (_done, _error, { current }) =>
      client.invalidateQueries({ queryKey: current ? doorQuery.queryKey : sessionsQuery.queryKey }),
  });
  return (
    <Page title={t("title")}>
      <Text>{t("lead")}</Text>
      {session !== null && session !== undefined && (
        // Of newer ones every page tells.
        <AddedPasskeys sinceMs={now - NEW_MS} untilMs={Date.parse(session.createdAt)} />
      )}
      {end.error !== null && <Failure error={end.error} />}
      <Answer of={sessions}>
        {({ sessions: rows }) => (
          <Stack maw={720}>
            {rows.map((row) => (
              <SessionCard
                key={row.id}
                row={row}
                isEnding={end.isPending && end.variables.id === row.id}
                onEnd={() => end.mutate(row)}
              />
            ))}
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function SessionCard({
  row,
  isEnding,
  onEnd,
}: {
  readonly row: OpenSession;
  readonly isEnding: boolean;
  readonly onEnd: () => void;
}) {
  const t = useTexts(sessionsTexts);
  const format = useFormat();
  const now = useNow();
  const seen = format.ago(row.seenAt, now);
  const { browser = t("some-browser"), system } = browserName(row.agent);
  const name = system === undefined ? browser : t("browser-on", { browser, system });
  return (
    <Paper withBorder p="sm" component="article" aria-label={`${name}, ${row.address}, ${seen}`}>
      <Group justify="space-between">
        <div>
          <Group gap="xs">
            <Text fw={600} title={row.agent}>
              {name}
            </Text>
            {row.current && <Badge>{t("current")}</Badge>}
          </Group>
          <Text size="sm">{t("seen", { time: seen, address: row.address })}</Text>
          <Text size="sm">
            {t("since", { time: format.time(row.createdAt) })} {t(`by-${row.secondFactor}`)}
          </Text>
          <Text size="sm" c="dimmed">
            {t("ends", { time: format.time(row.endsAt) })}
          </Text>
        </div>
        <Button
          variant="default"
          size="xs"
          loading={isEnding}
          onClick={onEnd}
          aria-label={t("end-of", { name, address: row.address, time: seen })}
        >
          {t("end")}
        </Button>
      </Group>
    </Paper>
  );
}
