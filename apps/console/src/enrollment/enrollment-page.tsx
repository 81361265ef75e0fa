/** Enrolment: the tokens that let hosts in, and making a new one. */
import { type EnrollmentToken, endpoints } from '@coreward/contracts'
import { Anchor, Button, Text } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { queryOf } from '../api/query.ts'
import { Absent } from '../ui/absent.tsx'
import { AnswerOf } from '../ui/answer.tsx'
import type { Column } from '../ui/column.ts'
import { DataTable } from '../ui/data-table.tsx'
import { useListAddress } from '../ui/list-address.ts'
import { Moment } from '../ui/moment.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { MakeToken } from './make-token.tsx'
import { TokenStateMark } from './token-state-mark.tsx'
import { WithdrawToken } from './withdraw-token.tsx'

export function EnrollmentPage() {
  const { t } = useTranslation()
  const columns = useTokenColumns()
  const [parameters, setParameters] = useSearchParams()
  const { sorting, sortBy } = useListAddress([])
  const query = useQuery(queryOf(endpoints.listEnrollmentTokens, {}))
  const make = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setParameters({ token: 'new' })}>
      {t('enrollment.make')}
    </Button>
  )
  return (
    <Page title={t('shell.page.enrollment')} actions={make}>
      <Text size="sm" c="dimmed" maw={720}>
        {t('enrollment.intro')}
      </Text>
      <AnswerOf query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing
              icon={<IconPlugConnected aria-hidden />}
              title={t('enrollment.none.title')}
              text={t('enrollment.none.text')}
            />
          ) : (
            <Panel title={t('enrollment.tokens', { count: items.length })} flush>
              <DataTable
                label={t('enrollment.tokens', { count: items.length })}
                items={items}
                columns={columns}
                keyOf={({ id }) => id}
                sorting={sorting}
                onSort={sortBy}
              />
            </Panel>
          )
        }
      </AnswerOf>
      <MakeToken
        opened={parameters.get('token') === 'new'}
        onClose={() => setParameters({}, { replace: true })}
      />
    </Page>
  )
}

function useTokenColumns(): readonly Column<EnrollmentToken>[] {
  const { t } = useTranslation()
  return useMemo(
    () => [
      {
        id: 'name',
        title: t('enrollment.column.name'),
        rest: 'wrap',
        cell: (token) => token.name,
        text: (token) => token.name,
        order: (token) => token.name,
      },
      {
        id: 'state',
        title: t('enrollment.column.state'),
        width: '136px',
        cell: (token) => <TokenStateMark state={token.state} />,
        text: (token) => t(`enrollment.state.${token.state}`),
        order: (token) => token.state,
      },
      {
        id: 'expires',
        title: t('enrollment.column.expires'),
        width: '160px',
        cell: (token) => <Moment at={token.expiresAt} />,
        text: (token) => token.expiresAt,
        order: (token) => token.expiresAt,
      },
      {
        id: 'made',
        title: t('enrollment.column.made'),
        cell: (token) => (
          <>
            {token.createdBy} · <Moment at={token.createdAt} />
          </>
        ),
        text: (token) => token.createdAt,
        order: (token) => token.createdAt,
      },
      {
        id: 'used',
        title: t('enrollment.column.used'),
        cell: (token) =>
          token.usedBy === null ? (
            <Absent />
          ) : (
            <Anchor component={Link} to={`/hosts/${token.usedBy}`} fz="inherit">
              <Moment at={token.usedAt} />
            </Anchor>
          ),
        text: (token) => token.usedAt ?? '',
        order: (token) => token.usedAt ?? undefined,
      },
      {
        id: 'withdraw',
        title: t('enrollment.column.actions'),
        width: '96px',
        cell: (token) => token.state === 'usable' && <WithdrawToken token={token} />,
        text: () => '',
      },
    ],
    [t],
  )
}
