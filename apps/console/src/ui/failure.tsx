/**
 * A call that failed, told in the reader's language from its code: what happened and what to do, and another try. The
 * server's own English stands below as detail, because it names the subject.
 */
import { Alert, Button, Group, Text } from '@mantine/core'
import { IconExclamationCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ApiError, codeOf } from '../api/api-error.ts'

/** The words for an error's code: what happened, what to do. */
function useFailureText(error: unknown): { title: string; remedy: string } {
  const { t } = useTranslation()
  const code = codeOf(error)
  return { title: t(`problem.${code}.title`), remedy: t(`problem.${code}.remedy`) }
}

/** Shows `error`; with `retry`, offers to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  const { title, remedy } = useFailureText(error)
  const detail = error instanceof ApiError ? error.detail : undefined
  return (
    <Alert
      color="red"
      variant="outline"
      icon={<IconExclamationCircle aria-hidden />}
      title={title}
      role="alert"
    >
      <Text size="sm">{remedy}</Text>
      {detail !== undefined && (
        <Text size="xs" c="dimmed" mt={4} lang="en">
          {detail}
        </Text>
      )}
      {retry && (
        <Group mt="sm">
          <Button variant="default" onClick={retry}>
            {t('ui.retry')}
          </Button>
        </Group>
      )}
    </Alert>
  )
}
