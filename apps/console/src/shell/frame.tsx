/**
 * The frame around every page for whoever is signed in: navigation, command palette, connection. Without a session it
 * sends to the sign-in, which leads back to the same address.
 */
import { AppShell, Burger, Center, Group, Kbd, Loader, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Navigate, Outlet, useLocation } from 'react-router'
import { codeOf } from '../api/api-error.ts'
import { sessionQuery } from '../api/query-client.ts'
import { LiveProvider } from '../live/live-provider.tsx'
import { Failure } from '../ui/failure.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Brand } from './brand.tsx'
import { ConnectionMark, StaleBanner } from './connection-mark.tsx'
import classes from './frame.module.css'
import { Navigation } from './navigation.tsx'
import { Palette } from './palette.tsx'
import { PreferencesMenu } from './preferences-menu.tsx'

export function Frame() {
  const session = useQuery(sessionQuery)
  const { pathname, search } = useLocation()
  if (session.isError && codeOf(session.error) === 'credential.missing') {
    const from = `${pathname}${search}`
    return <Navigate to={from === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(from)}`} replace />
  }
  if (session.data === undefined) {
    return (
      <Center component="main" h="100vh" p="xl">
        {session.isError ? (
          <Failure error={session.error} retry={() => void session.refetch()} />
        ) : (
          <Loader />
        )}
      </Center>
    )
  }
  return (
    <LiveProvider>
      <Shell />
    </LiveProvider>
  )
}

function Shell() {
  const { t } = useTranslation()
  const [opened, { toggle, close }] = useDisclosure(false)
  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 48, sm: 0 } }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
    >
      <a href="#content" className={classes.skip}>
        {t('shell.skip')}
      </a>
      <AppShell.Header hiddenFrom="sm" px="md">
        <Group h="100%">
          <Burger opened={opened} onClick={toggle} size="sm" aria-label={t('shell.navigation')} />
          <Brand />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.sidebar} aria-label={t('shell.navigation')}>
        <Group justify="space-between" h={32} px={8}>
          <Brand />
          <Burger
            opened={opened}
            onClick={toggle}
            size="sm"
            hiddenFrom="sm"
            aria-label={t('shell.navigation')}
          />
        </Group>
        <UnstyledButton className={classes.search} onClick={spotlight.open}>
          <IconSearch size={14} aria-hidden />
          <span>{t('shell.palette.open')}</span>
          <Kbd size="xs" aria-hidden>
            {navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}
          </Kbd>
        </UnstyledButton>
        <Navigation onNavigate={close} />
        <Group className={classes.foot} justify="space-between" wrap="nowrap">
          <ConnectionMark />
          <Group gap={0} wrap="nowrap">
            <PreferencesMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <StaleBanner />
        <Outlet />
      </AppShell.Main>
      <Palette />
    </AppShell>
  )
}
