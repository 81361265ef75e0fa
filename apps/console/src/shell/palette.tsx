/**
 * The command palette (Ctrl/Cmd-K): goes to any page, finds hosts while one types, and does what is needed often. It asks
 * the server for hosts only while it is open.
 */
import { endpoints } from '@coreward/contracts'
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  IconLanguage,
  IconLogout,
  IconPlus,
  IconRadar,
  IconSearch,
  IconServer2,
  IconSunMoon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useSignOut } from '../operators/use-sign-out.ts'
import { destinations } from './destinations.ts'
import { chooseLanguage, languages, setLanguage } from './language.ts'

/** Hosts offered at once. */
const mostHosts = 6

export function Palette() {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const navigation = useNavigationActions()
  const hosts = useHostActions(words)
  const acts = useActs()
  return (
    <Spotlight
      query={words}
      onQueryChange={setWords}
      actions={[...hosts, navigation, acts]}
      shortcut={['mod + K']}
      nothingFound={t('shell.palette.nothing')}
      highlightQuery
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      attributes={{ content: { 'aria-label': t('shell.palette.open') } }}
      scrollable
      maxHeight={480}
      searchProps={{
        leftSection: <IconSearch size={16} aria-hidden />,
        placeholder: t('shell.palette.placeholder'),
        'aria-label': t('shell.palette.placeholder'),
      }}
    />
  )
}

function useNavigationActions(): SpotlightActionGroupData {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return {
    group: t('shell.palette.pages'),
    actions: destinations.map(({ name, to, icon: Icon }) => ({
      id: `page-${name}`,
      label: t(`shell.page.${name}`),
      leftSection: <Icon size={16} aria-hidden />,
      onClick: () => void navigate(to),
    })),
  }
}

function useHostActions(words: string): SpotlightActionGroupData[] {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [search] = useDebouncedValue(words.trim(), 150)
  const { data } = useQuery({
    ...queryOf(endpoints.listAgents, { query: { search, limit: mostHosts } }),
    enabled: search !== '',
  })
  if (search === '' || !data || data.items.length === 0) return []
  return [
    {
      group: t('shell.palette.hosts'),
      actions: data.items.flatMap(({ id, host }) => [
        {
          id: `host-${id}`,
          label: host.hostname,
          description: host.operatingSystem,
          keywords: [search],
          leftSection: <IconServer2 size={16} aria-hidden />,
          onClick: () => void navigate(`/hosts/${id}`),
        },
        {
          id: `scan-${id}`,
          label: t('shell.palette.scanHost', { hostname: host.hostname }),
          keywords: [search],
          leftSection: <IconRadar size={16} aria-hidden />,
          onClick: () => void navigate(`/hosts/${id}?scan=new`),
        },
      ]),
    },
  ]
}

function useActs(): SpotlightActionGroupData {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  const signOut = useSignOut()
  const other = chooseLanguage([i18n.language]) === 'ja' ? 'en' : 'ja'
  return {
    group: t('shell.palette.actions'),
    actions: [
      {
        id: 'enroll',
        label: t('enrollment.make'),
        leftSection: <IconPlus size={16} aria-hidden />,
        onClick: () => void navigate('/enrollment?token=new'),
      },
      {
        id: 'colors',
        label: t('shell.colors.toggle'),
        leftSection: <IconSunMoon size={16} aria-hidden />,
        onClick: () => toggleColorScheme(),
      },
      {
        id: 'language',
        label: languages[other],
        keywords: [t('shell.language')],
        leftSection: <IconLanguage size={16} aria-hidden />,
        onClick: () => setLanguage(other),
      },
      {
        id: 'sign-out',
        label: t('shell.signOut'),
        leftSection: <IconLogout size={16} aria-hidden />,
        onClick: () => signOut.mutate(),
      },
    ],
  }
}
