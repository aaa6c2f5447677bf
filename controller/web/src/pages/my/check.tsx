import { Button, Code, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tryConnection } from "../../api/try-connection.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { type Finding, judge, type Tries } from "../../model/connection-judge.ts";
import { Failure } from "../../parts/failure.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { checkTexts } from "./check.texts.ts";

const TONES: Readonly<Record<Finding["tone"], Tone>> = { good: "good", bad: "bad", unknown: "plain" };
/** RFC 7050: the name that has only IPv4 addresses, and that every DNS64 answers for. */
const DNS64_COMMAND = "dig +short AAAA ipv4only.arpa";

/** Tries from this browser what can be tried from one, and says what it means. */
export function CheckPage() {
  const t = useTexts(checkTexts);
  const check = useQuery({
    queryKey: ["connection"],
    queryFn: tryConnection,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title={t("title")}
      actions={
        <Button variant="default" loading={check.isFetching} onClick={() => void check.refetch()}>
          {t("again")}
        </Button>
      }
    >
      <Text>{t("lead")}</Text>
      <Stack role="status">
        {check.isFetching && <Text>{t("checking")}</Text>}
        {check.error !== null && <Failure error={check.error} />}
        {check.data === undefined && check.error === null && <Skeleton height={240} />}
        {check.data !== undefined && <Findings tries={check.data} />}
      </Stack>
    </Page>
  );
}

function Findings({ tries }: { readonly tries: Tries }) {
  const t = useTexts(checkTexts);
  const { address, application } = tries.seen;
  return judge(tries).map(({ subject, tone, word }) => (
    <Stack key={subject} gap={4} component="section" aria-label={t(`subject-${subject}`)}>
      <Title order={2} size="h4">
        {t(`subject-${subject}`)}
      </Title>
      <Mark tone={TONES[tone]}>{t(word, { address, device: application?.device ?? "" })}</Mark>
      {subject === "dns64" && (
        <Code block tabIndex={0}>
          {DNS64_COMMAND}
        </Code>
      )}
    </Stack>
  ));
}
