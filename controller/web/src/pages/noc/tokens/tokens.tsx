import { Alert, Checkbox, Code, Group, NumberInput, Stack, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../../api/client.ts";
import type { Scope, Token } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { useNow } from "../../../parts/now.ts";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { tokensTexts } from "./tokens.texts.ts";

const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: () => dataOf(api.GET("/v1/tokens")),
});

const DAY_S = 86_400;

/** Who may use the API without signing in: tokens of operators, and those that users made. */
export function TokensPage() {
  const t = useTexts(tokensTexts);
  const tokens = useQuery(tokensQuery);
  const [made, setMade] = useState<{ readonly name: string; readonly text: string }>();
  return (
    <Page title={t("title")} actions={<MakeToken onMade={(name, text) => setMade({ name, text })} />}>
      {made !== undefined && (
        <Alert
          role="status"
          withCloseButton
          closeButtonLabel={t("hide")}
          onClose={() => setMade(undefined)}
          data-made={made.name}
        >
          <Stack gap="xs">
            <Text size="sm">{t("made", { name: made.name })}</Text>
            <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {made.text}
            </Code>
          </Stack>
        </Alert>
      )}
      <Answer of={tokens} isEmpty={(data) => data.tokens.length === 0} empty={<Text>{t("no-tokens")}</Text>}>
        {(data) => (
          <WideTable
            label={t("title")}
            minWidth={860}
            head={[t("name"), t("state"), t("scopes"), t("created"), t("expires"), t("used"), t("what")]}
          >
            {data.tokens.map((token) => (
              <TokenRow key={token.name} token={token} />
            ))}
          </WideTable>
        )}
      </Answer>
    </Page>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const t = useTexts(tokensTexts);
  const format = useFormat();
  const now = useNow();
  const { name, scopes, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, account } = token;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= now;
  const isGood = revokedAt === null && !isExpired;
  return (
    <Table.Tr data-token={name}>
      <Table.Th scope="row">
        {name}
        {account !== null && <Text size="xs">{t("by-user", { user: account })}</Text>}
      </Table.Th>
      <Table.Td>
        <Mark tone={isGood ? "good" : "plain"}>
          {isGood ? t("good") : t(revokedAt === null ? "expired" : "revoked")}
        </Mark>
      </Table.Td>
      <Table.Td>{scopes.join(", ")}</Table.Td>
      <Table.Td>
        {format.time(createdAt)} ({createdBy})
      </Table.Td>
      <Table.Td>{expiresAt === null ? t("never") : format.time(expiresAt)}</Table.Td>
      <Table.Td>{lastUsedAt === null ? t("never-used") : format.time(lastUsedAt)}</Table.Td>
      <Table.Td>
        {isGood && (
          <Confirmed
            needs="admin"
            isDangerous
            label={t("revoke")}
            of={name}
            run={() => api.POST("/v1/tokens/{name}/revoke", { params: { path: { name } } })}
            refreshes={[tokensQuery.queryKey]}
          >
            <Text>{t("revoke-sure")}</Text>
          </Confirmed>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Those that an operator's token can have. */
const SCOPES: readonly Scope[] = ["read", "steer", "apply", "node", "audit", "access", "dns", "admin"];

function MakeToken({ onMade }: { readonly onMade: (name: string, text: string) => void }) {
  const t = useTexts(tokensTexts);
  const [name, setName] = useState("");
  const [days, setDays] = useState<number | "">(30);
  const [chosen, setChosen] = useState<readonly Scope[]>(["read"]);
  return (
    <Confirmed
      needs="admin"
      label={t("make")}
      refreshes={[tokensQuery.queryKey]}
      run={async () => {
        const expires = days === "" ? {} : { expiresInS: days * DAY_S };
        const body = { name: name.trim(), scopes: [...chosen], ...expires };
        const answer = await dataOf(api.POST("/v1/tokens", { body }));
        onMade(answer.name, answer.token);
        setName("");
      }}
    >
      <Text>{t("make-sure")}</Text>
      <TextInput
        label={t("name")}
        required
        maxLength={63}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <NumberInput
        label={t("days")}
        min={1}
        max={3650}
        allowDecimal={false}
        value={days}
        onChange={(value) => setDays(typeof value === "number" ? value : "")}
      />
      <Checkbox.Group
        label={t("scopes")}
        value={[...chosen]}
        onChange={(values) => setChosen(SCOPES.filter((scope) => values.includes(scope)))}
      >
        <Group gap="md" mt="xs">
          {SCOPES.map((scope) => (
            <Checkbox key={scope} value={scope} label={scope} />
          ))}
        </Group>
      </Checkbox.Group>
    </Confirmed>
  );
}
