/** What is shown when a page itself failed: that it is our fault, what to do, and the text to report. */
import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import { IconBug } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router'

export function Crashed() {
  const { t } = useTranslation()
  const error = useRouteError()
  return (
    <Alert
      m="lg"
      color="red"
      variant="outline"
      icon={<IconBug aria-hidden />}
      title={t('shell.crashed.what')}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t('shell.crashed.remedy')}</Text>
        <Code block lang="en">
          {error instanceof Error ? `${error.name}: ${error.message}` : String(error)}
        </Code>
        <Button variant="default" onClick={() => window.location.reload()}>
          {t('shell.crashed.reload')}
        </Button>
      </Stack>
    </Alert>
  )
}
