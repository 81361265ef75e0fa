/** Who is signed in, the server's version, and the way out. */
import { ActionIcon, Menu } from '@mantine/core'
import { IconLogout, IconUserCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { sessionQuery } from '../api/query-client.ts'
import { useSignOut } from '../operators/use-sign-out.ts'

export function AccountMenu() {
  const { t } = useTranslation()
  const { data } = useQuery(sessionQuery)
  const signOut = useSignOut()
  return (
    <Menu position="top-end" shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={t('shell.account')} title={t('shell.account')}>
          <IconUserCircle size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{data && t('shell.signedInAs', { username: data.username })}</Menu.Label>
        <Menu.Label>{data && t('shell.serverVersion', { version: data.serverVersion })}</Menu.Label>
        <Menu.Item leftSection={<IconLogout size={14} aria-hidden />} onClick={() => signOut.mutate()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
