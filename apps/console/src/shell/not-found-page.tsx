/** An address of the console that leads nowhere. */
import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'

export function NotFoundPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('shell.notFound.title')}>
      <Nothing
        icon={<IconMapOff aria-hidden />}
        title={t('shell.notFound.what')}
        text={t('shell.notFound.remedy')}
      >
        <Button component={Link} to="/">
          {t('shell.notFound.home')}
        </Button>
      </Nothing>
    </Page>
  )
}
