import { Alert, Anchor, Code, Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, dataOf } from "../../../api/client.ts";
import { useMay } from "../../../api/queries.ts";
import type { User } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { accessTexts } from "./access.texts.ts";
import { applicationsQuery, usersQuery } from "./access-queries.ts";

/** Who has an account, and whether he may use it. */
export function UsersPage() {
  const t = useTexts(accessTexts);
  const format = useFormat();
  const users = useQuery(usersQuery);
  const [invitation, setInvitation] = useState<{ readonly user: string; readonly link: string }>();
  return (
    <Page title={t("users")}>
      {invitation !== undefined && (
        <Alert
          role="status"
          withCloseButton
          closeButtonLabel={t("hide")}
          onClose={() => setInvitation(undefined)}
          data-invitation
        >
          <Stack gap="xs">
            <Text size="sm">{t("invited", { user: invitation.user })}</Text>
            <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {invitation.link}
            </Code>
          </Stack>
        </Alert>
      )}
      <Answer of={users} isEmpty={(data) => data.users.length === 0} empty={<Text>{t("no-users")}</Text>}>
        {(data) => (
          <WideTable
            label={t("users")}
            minWidth={860}
            head={[t("user"), t("display"), t("email"), t("state"), t("created"), t("what")]}
          >
            {data.users.map((user) => (
              <Table.Tr key={user.name} data-user={user.name}>
                <Table.Th scope="row">
                  <Anchor component={Link} href={`/noc/users/${user.name}`}>
                    {user.name}
                  </Anchor>
                </Table.Th>
                <Table.Td>{user.display}</Table.Td>
                <Table.Td>{user.email ?? "–"}</Table.Td>
                <Table.Td>
                  <Mark tone={TONES[user.state]}>{t(`is-${user.state}`)}</Mark>
                  {user.reason !== "" && <Text size="xs">{user.reason}</Text>}
                </Table.Td>
                <Table.Td>{format.time(user.createdAt)}</Table.Td>
                <Table.Td>
                  <UserActions user={user} onInvited={(link) => setInvitation({ user: user.name, link })} />
                </Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Answer>
    </Page>
  );
}

const TONES: Readonly<Record<User["state"], Tone>> = {
  active: "good",
  suspended: "warning",
  removed: "plain",
};
const ROLES = ["user", "read-only", "operator", "admin"] as const;
type Role = (typeof ROLES)[number];
const INVITED_S = 3 * 86_400;

function UserActions({
  user: { name, state },
  onInvited,
}: {
  readonly user: User;
  readonly onInvited: (link: string) => void;
}) {
  const t = useTexts(accessTexts);
  const isAdmin = useMay("admin");
  const [role, setRole] = useState<Role | "">("");
  const params = { path: { name } };
  const same = { needs: "access", refreshes: [usersQuery.queryKey, applicationsQuery.queryKey] } as const;
  const to = (wanted: User["state"]) => (reason: string) =>
    api.POST("/v1/users/{name}/state", { params, body: { state: wanted, reason } });
  if (state === "removed") return null;
  return (
    <Group gap={6} wrap="nowrap">
      <Confirmed
        {...same}
        label={t("invite")}
        of={name}
        run={async () => {
          const body = { ttlS: INVITED_S, ...(role === "" ? {} : { role }) };
          onInvited((await dataOf(api.POST("/v1/users/{name}/invite", { params, body }))).url);
        }}
      >
        <Text>{t("invite-sure")}</Text>
        {isAdmin && (
          <NativeSelect
            label={t("invite-role")}
            value={role}
            data={[{ value: "", label: t("role-keep") }, ...ROLES]}
            onChange={({ currentTarget: { value } }) => setRole(ROLES.find((one) => one === value) ?? "")}
          />
        )}
      </Confirmed>
      {state === "active" ? (
        <Confirmed {...same} isDangerous reason="must" label={t("suspend")} of={name} run={to("suspended")}>
          <Text>{t("ends-sessions")}</Text>
        </Confirmed>
      ) : (
        <Confirmed {...same} reason="may" label={t("resume")} of={name} run={to("active")}>
          <Text>{t("resume-sure")}</Text>
        </Confirmed>
      )}
    </Group>
  );
}
