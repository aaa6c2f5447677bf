import { Badge, Button, Table, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";
import { doorQuery } from "../../api/queries.ts";
import type { OpenSession } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Failure } from "../../parts/failure.tsx";
import { useNow } from "../../parts/now.ts";
import { Page } from "../../parts/page.tsx";
import { sessionsTexts } from "./sessions.texts.ts";

const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => dataOf(api.GET("/v1/portal/sessions")),
});

export function SessionsPage() {
  const t = useTexts(sessionsTexts);
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: ({ id }: OpenSession) =>
      api.POST("/v1/portal/sessions/{id}/end", { params: { path: { id } } }),
    onSettled: (_done, _error, { current }) =>
      client.invalidateQueries({ queryKey: current ? doorQuery.queryKey : sessionsQuery.queryKey }),
  });
  return (
    <Page title={t("title")}>
      <Text>{t("lead")}</Text>
      {end.error !== null && <Failure error={end.error} />}
      <Answer of={sessions}>
        {({ sessions: rows }) => (
          <Table.ScrollContainer minWidth={700}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t("browser")}</Table.Th>
                  <Table.Th scope="col">{t("address")}</Table.Th>
                  <Table.Th scope="col">{t("factor")}</Table.Th>
                  <Table.Th scope="col">{t("since")}</Table.Th>
                  <Table.Th scope="col">{t("seen")}</Table.Th>
                  <Table.Th scope="col">{t("ends")}</Table.Th>
                  <Table.Td />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <SessionRow
                    key={row.id}
                    row={row}
                    isEnding={end.isPending && end.variables.id === row.id}
                    onEnd={() => end.mutate(row)}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Answer>
    </Page>
  );
}

function SessionRow({
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
  return (
    <Table.Tr>
      <Table.Td maw={280}>
        <Text size="sm" truncate title={row.agent}>
          {row.agent}
        </Text>
        {row.current && <Badge>{t("current")}</Badge>}
      </Table.Td>
      <Table.Td>{row.address}</Table.Td>
      <Table.Td>{t(`factor-${row.secondFactor}`)}</Table.Td>
      <Table.Td>{format.time(row.createdAt)}</Table.Td>
      <Table.Td>{seen}</Table.Td>
      <Table.Td>{format.time(row.endsAt)}</Table.Td>
      <Table.Td>
        <Button
          variant="default"
          size="xs"
          loading={isEnding}
          onClick={onEnd}
          aria-label={t("end-of", { address: row.address, time: seen })}
        >
          {t("end")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
